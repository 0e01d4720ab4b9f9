#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/wide_win.h"
#include "cli/log_files_list.h"
#include "host/fd.h"

static bool folder(struct log_files *l, const char *path, const char *suffix, unsigned depth,
                   struct err *e);

static bool entry(struct log_files *l, const char *path, const WIN32_FIND_DATAW *f,
                  const char *suffix, unsigned depth, struct err *e)
{
    if (wcscmp(f->cFileName, L".") == 0 || wcscmp(f->cFileName, L"..") == 0 ||
        (f->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT))
        return true;
    char *name = wide_utf8(f->cFileName);
    size_t len = strlen(path);
    bool slash = len && (path[len - 1] == '/' || path[len - 1] == '\\');
    struct str full = {NULL, 0};
    if (name)
        full = str_fmt(&l->mem, "%s%s%s", path, slash ? "" : "\\", name);
    bool ok = full.ptr || err_set(e, ERR_NOMEM, 0, "out of memory");
    if (ok && !(f->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
        ok = !log_files_suffix(name, suffix) || log_files_append(l, full.ptr, e);
    else if (ok && depth >= LOG_FILES_DEPTH)
        ok = err_set(e, ERR_LIMIT, 0, "%s: folders nested deeper than %d", full.ptr,
                     LOG_FILES_DEPTH);
    else if (ok)
        ok = folder(l, full.ptr, suffix, depth + 1, e);
    free(name);
    return ok;
}

static bool folder(struct log_files *l, const char *path, const char *suffix, unsigned depth,
                   struct err *e)
{
    struct str pattern = str_fmt(&l->mem, "%s\\*", path);
    wchar_t *wide = pattern.ptr ? wide_path(pattern.ptr) : NULL;
    WIN32_FIND_DATAW f;
    HANDLE h = wide ? FindFirstFileW(wide, &f) : INVALID_HANDLE_VALUE;
    DWORD code = GetLastError();
    free(wide);
    if (h == INVALID_HANDLE_VALUE)
        return wide_fail(e, code, path);
    bool ok = true;
    do {
        ok = entry(l, path, &f, suffix, depth, e);
    } while (ok && FindNextFileW(h, &f));
    if (ok && GetLastError() != ERROR_NO_MORE_FILES)
        ok = wide_fail(e, GetLastError(), path);
    FindClose(h);
    return ok;
}

bool log_files_add(struct log_files *l, const char *path, const char *suffix, struct err *e)
{
    if (!fd_is_folder(path)) {
        wchar_t *wide = wide_path(path);
        DWORD found = wide ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
        DWORD code = GetLastError();
        free(wide);
        return found == INVALID_FILE_ATTRIBUTES ? wide_fail(e, code, path)
                                                : log_files_append(l, path, e);
    }
    size_t before = l->count;
    if (!folder(l, path, suffix, 0, e))
        return false;
    if (l->count == before)
        return err_set(e, ERR_NOT_FOUND, 0, "%s: no file named *%s in it", path, suffix);
    log_files_sort(l, before);
    return true;
}
