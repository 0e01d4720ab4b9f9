#include "cli/run_lock.h"

#include <stdlib.h>
#include <windows.h>

#include "base/wide_win.h"

/* Shared in every way, since scanners open files that are new: only a lock counts. */
static HANDLE open_shared(const char *path)
{
    wchar_t *wide = wide_path(path);
    HANDLE h = INVALID_HANDLE_VALUE;
    if (wide)
        h = CreateFileW(wide, GENERIC_READ | GENERIC_WRITE,
                        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS,
                        FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    DWORD code = GetLastError();
    free(wide);
    SetLastError(code);
    return h;
}

enum run_lock run_lock(const char *path, struct err *e)
{
    HANDLE h = open_shared(path);
    DWORD code = h == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
    OVERLAPPED at = {0};
    if (!code &&
        !LockFileEx(h, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)) {
        code = GetLastError();
        CloseHandle(h);
        if (code == ERROR_LOCK_VIOLATION || code == ERROR_IO_PENDING)
            return RUN_LOCK_HELD;
    }
    if (!code)
        return RUN_LOCK_TAKEN; /* the handle is closed with the process */
    wide_fail(e, code, "cannot lock it");
    err_prefix(e, path);
    return RUN_LOCK_FAILED;
}
