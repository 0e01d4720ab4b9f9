#include <stdlib.h>
#include <windows.h>

#include "base/wide_win.h"
#include "cli/new_file.h"

static bool fail(const char *path, DWORD code, struct err *e)
{
    if (code == ERROR_FILE_EXISTS || code == ERROR_ALREADY_EXISTS)
        return err_set(e, ERR_DENIED, 0, "%s exists already, nothing is overwritten", path);
    return wide_fail(e, code, path);
}

bool new_file(const char *path, struct str bytes, struct err *e)
{
    wchar_t *wide = wide_path(path);
    if (!wide)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    HANDLE h = CreateFileW(wide, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD code = GetLastError();
    free(wide);
    if (h == INVALID_HANDLE_VALUE)
        return fail(path, code, e);
    bool ok = true;
    for (size_t at = 0; at < bytes.len && ok;) {
        DWORD want = bytes.len - at > 1 << 20 ? 1 << 20 : (DWORD)(bytes.len - at), done = 0;
        ok = WriteFile(h, bytes.ptr + at, want, &done, NULL) && done;
        at += done;
    }
    code = GetLastError();
    ok = CloseHandle(h) && ok;
    return ok || wide_fail(e, code, path);
}

bool new_file_absent(const char *path, struct err *e)
{
    wchar_t *wide = wide_path(path);
    if (!wide)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    DWORD found = GetFileAttributesW(wide), code = GetLastError();
    free(wide);
    if (found != INVALID_FILE_ATTRIBUTES)
        return fail(path, ERROR_FILE_EXISTS, e);
    return code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND || fail(path, code, e);
}

bool new_folder(const char *path, struct err *e)
{
    wchar_t *wide = wide_path(path);
    if (!wide)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    bool ok = CreateDirectoryW(wide, NULL);
    DWORD code = GetLastError();
    free(wide);
    return ok || code == ERROR_ALREADY_EXISTS || fail(path, code, e);
}
