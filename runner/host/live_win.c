#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/wide_win.h"
#include "host/live.h"
#include "host/live_win.h"

/* ---- files: as in a tree ---- */

static void live_open_file(struct host *h, struct str winpath, struct arena *a,
                           struct host_file *out)
{
    struct err e = {0};
    memset(out, 0, sizeof *out);
    out->file.fd = -1;
    out->path = winpath;
    out->state = volume_open(live_of(h)->volume, winpath, &out->file, &e);
    if (out->state == FACT_FOUND) {
        out->bytes = out->file.map.bytes;
        out->path = out->file.path;
    } else if (e.kind != ERR_NONE) {
        out->reason = host_reason(a, winpath, &e);
    }
}

static void live_close_file(struct host *h, struct host_file *f)
{
    (void)h;
    if (f->state == FACT_FOUND)
        volume_close_file(&f->file);
    f->state = FACT_ABSENT;
}

static bool live_intact(const struct host *h, const struct host_file *f)
{
    (void)h;
    return file_intact(&f->file.map);
}

static enum fact_state live_directory(struct host *h, struct str winpath)
{
    struct volume_list list;
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    enum fact_state state =
        volume_list(live_of(h)->volume, winpath, STR("ntdll.dll"), &a, &list, NULL);
    arena_done(&a);
    return state;
}

static void live_list(struct host *h, struct str windir, struct str glob, struct arena *a,
                      struct host_listing *out)
{
    struct err e = {0};
    out->state = volume_list(live_of(h)->volume, windir, glob, a, &out->list, &e);
    if (out->state != FACT_FOUND && e.kind != ERR_NONE)
        out->reason = host_reason(a, windir, &e);
}

/* The reference time of a running Windows is its clock. */
static size_t live_write_times(struct host *h, struct arena *a, struct write_time *out, size_t max)
{
    (void)h;
    (void)a;
    (void)out;
    (void)max;
    return 0;
}

static void live_close(struct host *h)
{
    volume_close(live_of(h)->volume);
    free(h->backend);
}

static const struct host_ops live_ops = {
    .value = live_value,
    .key = live_key,
    .open_file = live_open_file,
    .close_file = live_close_file,
    .intact = live_intact,
    .directory = live_directory,
    .list = live_list,
    .open_log = live_open_log,
    .modules = live_modules,
    .opinion = live_opinion,
    .write_times = live_write_times,
    .close = live_close,
};

/* ---- opening ---- */

static bool is_elevated(HANDLE token)
{
    TOKEN_ELEVATION elevation = {0};
    DWORD len;
    return GetTokenInformation(token, TokenElevation, &elevation, sizeof elevation, &len) &&
           elevation.TokenIsElevated;
}

/* With it, files are opened whatever their access lists say (and nothing is run or written). */
static void enable_backup(HANDLE token)
{
    TOKEN_PRIVILEGES wanted = {.PrivilegeCount = 1};
    wanted.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    if (LookupPrivilegeValueW(NULL, L"SeBackupPrivilege", &wanted.Privileges[0].Luid))
        AdjustTokenPrivileges(token, FALSE, &wanted, 0, NULL, NULL);
}

static bool prepare(struct live *l, struct err *e)
{
    HANDLE token;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &token))
        return wide_fail(e, GetLastError(), "token of this process");
    l->elevated = is_elevated(token);
    if (l->elevated)
        enable_backup(token);
    CloseHandle(token);
    return true;
}

/* A 32-bit process on 64-bit Windows sees other files and keys than those that count. */
static bool right_build(struct err *e)
{
    BOOL wow64 = FALSE;
    if (IsWow64Process(GetCurrentProcess(), &wow64) && wow64)
        return err_set(e, ERR_UNSUPPORTED, 0,
                       "this is the 32-bit build on a 64-bit Windows: use the x64 build of "
                       "rectify to check this host");
    return true;
}

/* The drive and the folder that Windows is in: "C:\Windows". */
static bool open_volume(struct live *l, struct err *e)
{
    wchar_t folder[MAX_PATH + 1];
    UINT n = GetSystemWindowsDirectoryW(folder, MAX_PATH + 1);
    if (n <= 3 || n > MAX_PATH)
        return wide_fail(e, GetLastError(), "Windows' folder");
    char *windows = wide_utf8(folder + 3);
    folder[3] = 0;
    l->drive = (char)folder[0];
    char *drive = wide_utf8(folder);
    bool ok = (windows && drive) || err_set(e, ERR_NOMEM, 0, "out of memory");
    ok = ok && volume_open_drive(drive, str_of(windows), &l->volume, e);
    free(drive);
    free(windows);
    return ok;
}

bool host_live(const struct host_options *options, struct host **out, struct err *e)
{
    struct live *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (!right_build(e) || !prepare(l, e) || !open_volume(l, e)) {
        free(l);
        return false;
    }
    if (!host_new(&live_ops, l, options, out, e)) {
        volume_close(l->volume);
        free(l);
        return false;
    }
    struct host *h = *out;
    h->info = *volume_info(l->volume);
    h->info.kind = TARGET_LIVE;
    h->info.location = STR("this host");
    h->info.unelevated = !l->elevated;
    h->info.notes = h->note;
    h->info.note_count = 0;
    h->windows = volume_windows(l->volume);
    return true;
}
