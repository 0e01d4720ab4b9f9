/* What processes of the running Windows have loaded: Toolhelp finds the processes, the process
 * status functions tell their modules (64-bit and 32-bit ones), and the memory manager which file
 * is mapped there; the name that the process itself keeps may be redirected, or a lie.  No right is
 * switched on for this: what an administrator may not open (a protected process) is unreadable. */
#define PSAPI_VERSION 2 /* kernel32's own, there from Windows 7 on */
#include <stdlib.h>
#include <windows.h>

#include <psapi.h>
#include <tlhelp32.h>

#include "base/utf16.h"
#include "base/wide_win.h"
#include "host/live_win.h"

enum { PROCESSES_MOST = 256, MODULES_MOST = 4096, PATH_MOST = 32768, DRIVES = 26 };

struct looking {
    struct arena *a;
    struct process_fact *out;
    wchar_t *path; /* PATH_MOST */
    HANDLE process;
};

static struct str text_of(struct arena *a, const wchar_t *wide)
{
    return utf16_to_utf8(a, span_of(wide, wcslen(wide) * sizeof *wide));
}

/* The first reason is kept. */
static void unreadable(struct looking *l, DWORD code, const char *what)
{
    struct err e = {0};
    wide_fail(&e, code, what);
    if (l->out->state != FACT_FOUND)
        return;
    l->out->state = FACT_UNREADABLE;
    l->out->reason = str_dup(l->a, str_of(e.text));
}

/* ---- the file of a module -------------------------------------------------------------------- */

/* "\Device\HarddiskVolume2\x" below one of the drives, or "\??\C:\x": "C:\x". */
static bool drive_path(const wchar_t *device, struct arena *a, struct str *out)
{
    wchar_t drive[] = L"A:", target[MAX_PATH + 1];
    if (wcsncmp(device, L"\\??\\", 4) == 0 && device[4] && device[5] == L':') {
        *out = text_of(a, device + 4);
        return out->ptr != NULL;
    }
    for (int i = 0; i < DRIVES; i++) {
        drive[0] = (wchar_t)(L'A' + i);
        if (!QueryDosDeviceW(drive, target, MAX_PATH))
            continue;
        size_t len = wcslen(target);
        if (len == 0 || _wcsnicmp(device, target, len) != 0 || device[len] != L'\\')
            continue;
        struct str rest = text_of(a, device + len);
        *out = str_fmt(a, "%c:" STR_FMT, 'A' + i, STR_ARG(rest));
        return out->ptr != NULL;
    }
    return false;
}

/* A file on no drive keeps its device's name, below which nothing is opened: unreadable. */
static bool module_path(struct looking *l, HMODULE module, struct str *out)
{
    DWORD n = K32GetMappedFileNameW(l->process, module, l->path, PATH_MOST - 1);
    l->path[n < PATH_MOST ? n : PATH_MOST - 1] = 0;
    if (n && drive_path(l->path, l->a, out))
        return true;
    if (!n) {
        n = K32GetModuleFileNameExW(l->process, module, l->path, PATH_MOST - 1);
        l->path[n < PATH_MOST ? n : PATH_MOST - 1] = 0;
    }
    if (n)
        *out = text_of(l->a, l->path);
    return n && out->len;
}

/* ---- one process ----------------------------------------------------------------------------- */

static void list_modules(struct looking *l, const HMODULE *modules, size_t count)
{
    struct process_fact *p = l->out;
    p->modules = ARENA_ARRAY(l->a, count, struct str);
    for (size_t i = 0; p->modules && i < count; i++) {
        struct str path = {NULL, 0};
        bool known = false;
        if (!module_path(l, modules[i], &path)) {
            unreadable(l, GetLastError(), "the file of a module");
            continue;
        }
        /* A program and its own entry as a module may be told twice. */
        for (size_t k = 0; k < p->module_count && !known; k++)
            known = str_ieq(p->modules[k], path);
        if (!known)
            p->modules[p->module_count++] = path;
    }
    if (count && !p->modules)
        unreadable(l, ERROR_OUTOFMEMORY, "the list of modules");
}

static void read_modules(struct looking *l)
{
    HMODULE *modules = malloc(MODULES_MOST * sizeof *modules);
    DWORD need = 0, room = MODULES_MOST * (DWORD)sizeof *modules;
    if (!modules)
        unreadable(l, ERROR_OUTOFMEMORY, "the list of modules");
    else if (!K32EnumProcessModulesEx(l->process, modules, room, &need, LIST_MODULES_ALL))
        unreadable(l, GetLastError(), "the list of modules");
    else
        list_modules(l, modules, (need < room ? need : room) / sizeof *modules);
    if (need > room)
        unreadable(l, ERROR_MORE_DATA, "the list of modules");
    else if (modules && l->out->state == FACT_FOUND && !l->out->module_count)
        unreadable(l, ERROR_NO_DATA, "the list of modules");
    free(modules);
}

/* False: the process has ended meanwhile. */
static bool look_at(struct looking *l, DWORD pid)
{
    l->process = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE, pid);
    DWORD code = GetLastError(), ended = STILL_ACTIVE;
    if (!l->process && code == ERROR_INVALID_PARAMETER)
        return false;
    if (!l->process) {
        unreadable(l, code, "opening the process");
        return true;
    }
    read_modules(l);
    (void)GetExitCodeProcess(l->process, &ended);
    CloseHandle(l->process);
    return ended == STILL_ACTIVE;
}

/* ---- all processes of a name ----------------------------------------------------------------- */

static bool next_process(HANDLE snapshot, bool first, PROCESSENTRY32W *entry, struct err *e)
{
    entry->dwSize = sizeof *entry;
    if (first ? Process32FirstW(snapshot, entry) : Process32NextW(snapshot, entry))
        return true;
    DWORD code = GetLastError();
    return code == ERROR_NO_MORE_FILES ? false : wide_fail(e, code, "the list of processes");
}

static void list_processes(struct looking *l, HANDLE snapshot, struct str image,
                           struct modules_fact *out, struct err *e)
{
    PROCESSENTRY32W entry;
    for (bool first = true; next_process(snapshot, first, &entry, e); first = false) {
        struct str name = text_of(l->a, entry.szExeFile);
        if (!str_ieq(name, image))
            continue;
        if (out->process_count == PROCESSES_MOST) {
            err_set(e, ERR_LIMIT, 0, "more than %d processes have this name", PROCESSES_MOST);
            return;
        }
        l->out = &out->processes[out->process_count];
        *l->out = (struct process_fact){
            .state = FACT_FOUND, .image = name, .pid = (uint32_t)entry.th32ProcessID};
        out->process_count += look_at(l, entry.th32ProcessID);
    }
}

void live_modules(struct host *h, struct str image, struct arena *a, struct modules_fact *out)
{
    struct err e = {0};
    struct looking l = {.a = a, .path = malloc(PATH_MOST * sizeof *l.path)};
    (void)h;
    memset(out, 0, sizeof *out);
    out->processes = ARENA_ARRAY(a, PROCESSES_MOST, struct process_fact);
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    if (snapshot == INVALID_HANDLE_VALUE)
        wide_fail(&e, GetLastError(), "the list of processes");
    else if (!l.path || !out->processes)
        err_set(&e, ERR_NOMEM, 0, "out of memory");
    else
        list_processes(&l, snapshot, image, out, &e);
    if (snapshot != INVALID_HANDLE_VALUE)
        CloseHandle(snapshot);
    free(l.path);
    out->state = out->process_count ? FACT_FOUND : FACT_ABSENT;
    if (e.kind == ERR_NONE)
        return;
    out->state = FACT_UNREADABLE;
    out->reason = str_dup(a, str_of(e.text));
}
