/* Event logs of the running Windows: a consistent snapshot that the event log service exports, else
 * the service's own file, which others may be writing. */
#include <stdlib.h>
#include <windows.h>

#include <winevt.h>

#include "base/library.h"
#include "base/utf16.h"
#include "base/wide_win.h"
#include "host/fd.h"
#include "host/live_win.h"
#include "host/offline.h"

typedef BOOL(WINAPI *export_log)(EVT_HANDLE, LPCWSTR, LPCWSTR, LPCWSTR, DWORD);

static export_log exporter(void)
{
    export_log found = NULL;
    struct err e = {0};
    const struct library_function want = {"EvtExportLog", &found};
    return library_load("wevtapi.dll", &want, 1, &e) ? found : NULL;
}

static wchar_t *temporary_path(void)
{
    wchar_t folder[MAX_PATH + 1], *name = malloc((MAX_PATH + 1) * sizeof *name);
    if (name && GetTempPathW(MAX_PATH + 1, folder) && GetTempFileNameW(folder, L"rec", 0, name))
        return name;
    free(name);
    return NULL;
}

/* The snapshot's bytes are read at once, and the file is gone before this returns. */
static bool read_snapshot(const wchar_t *path, struct host_file *out, struct err *e)
{
    char *utf8 = wide_utf8(path);
    bool ok = utf8 && file_map_path(utf8, &out->file.map, e);
    free(utf8);
    out->file.fd = -1;
    out->bytes = out->file.map.bytes;
    return ok;
}

static bool export(struct str channel, struct arena *a, struct host_file *out)
{
    export_log run = exporter();
    wchar_t *path = run ? temporary_path() : NULL;
    const char *name = arena_strdup(a, channel.ptr, channel.len);
    wchar_t *wide = name ? wide_text(name) : NULL;
    struct err e = {0};
    bool ok = false;
    if (path && wide) {
        /* It makes the file itself. */
        DeleteFileW(path);
        ok = run(NULL, wide, L"*", path, EvtExportLogChannelPath) && read_snapshot(path, out, &e);
        DeleteFileW(path);
    }
    free(wide);
    free(path);
    return ok;
}

void live_open_log(struct host *h, struct str channel, struct arena *a, struct log_source *out)
{
    struct host_file snapshot = {.state = FACT_FOUND};
    if (!export(channel, a, &snapshot)) {
        offline_open_log(h, channel, a, out);
        return;
    }
    memset(out, 0, sizeof *out);
    out->state = FACT_FOUND;
    out->file = snapshot;
    out->file.path = str_fmt(a, "event log " STR_FMT, STR_ARG(channel));
}
