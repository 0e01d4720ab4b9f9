#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/wide_win.h"
#include "cli/hive_logs.h"

static const char *base_name(const char *path)
{
    const char *base = path;
    for (const char *p = path; *p; p++)
        if (*p == '/' || *p == '\\' || *p == ':')
            base = p + 1;
    return base;
}

static void map_log(struct hive_file *h, const char *path, const char *name)
{
    struct err e = {0};
    struct str full = str_fmt(&h->arena, "%.*s%s", (int)(base_name(path) - path), path, name);
    if (!full.ptr || strlen(name) >= HIVE_LOG_NAME) {
        err_set(&h->log_problem, ERR_LIMIT, 0, "%s: its name is too long", name);
    } else if (!file_map_path(full.ptr, &h->log[h->log_count], &e)) {
        err_set(&h->log_problem, e.kind, 0, "%s: %s", name, e.text);
    } else {
        memcpy(h->log_name[h->log_count++], name, strlen(name) + 1);
    }
}

void hive_logs_load(struct hive_file *h, const char *path)
{
    struct str pattern = str_fmt(&h->arena, "%s.LOG*", path);
    wchar_t *wide = pattern.ptr ? wide_path(pattern.ptr) : NULL;
    WIN32_FIND_DATAW f;
    HANDLE found = wide ? FindFirstFileW(wide, &f) : INVALID_HANDLE_VALUE;
    DWORD code = GetLastError();
    free(wide);
    if (found == INVALID_HANDLE_VALUE) {
        if (code != ERROR_FILE_NOT_FOUND)
            wide_fail(&h->log_problem, code, "cannot list the folder");
        return;
    }
    do {
        char *name = wide_utf8(f.cFileName);
        /* Links are not followed: who named the hive did not name what a link beside it points to.
         */
        if (name && !(f.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) &&
            hive_log_suffix(base_name(path), name) >= 0 && h->log_count < REGF_LOGS_MAX)
            map_log(h, path, name);
        free(name);
    } while (h->log_problem.kind == ERR_NONE && FindNextFileW(found, &f));
    FindClose(found);
}
