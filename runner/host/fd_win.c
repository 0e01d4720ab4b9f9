#include "host/fd.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <windows.h>

#include "base/wide_win.h"

int fd_keep(int fd)
{
    int low[3], count = 0;
    while (fd >= 0 && fd <= 2 && count < 3) {
        low[count++] = fd;
        fd = _dup(fd);
    }
    while (count)
        _close(low[--count]);
    return fd;
}

/* Takes the handle over. */
static int from_handle(HANDLE h, int flags)
{
    int fd = _open_osfhandle((intptr_t)h, flags | _O_BINARY | _O_NOINHERIT);
    if (fd < 0)
        CloseHandle(h);
    return fd_keep(fd);
}

int fd_open_read(const char *path, struct err *e)
{
    wchar_t *wide = wide_path(path);
    HANDLE h = INVALID_HANDLE_VALUE;
    if (wide)
        h = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                        NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    DWORD code = GetLastError();
    free(wide);
    if (h == INVALID_HANDLE_VALUE) {
        wide_fail(e, code, "cannot open");
        return -1;
    }
    int fd = from_handle(h, _O_RDONLY);
    if (fd < 0)
        err_set(e, ERR_LIMIT, 0, "limit: too many open files");
    return fd;
}

bool fd_scratch(bool large, int *out, struct err *e)
{
    wchar_t folder[MAX_PATH + 1], name[MAX_PATH + 1];
    (void)large;
    if (!GetTempPathW(MAX_PATH + 1, folder) || !GetTempFileNameW(folder, L"rec", 0, name))
        return wide_fail(e, GetLastError(), "cannot make a temporary file");
    HANDLE h = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                           FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
    if (h == INVALID_HANDLE_VALUE) {
        DWORD code = GetLastError();
        DeleteFileW(name);
        return wide_fail(e, code, "cannot make a temporary file");
    }
    *out = from_handle(h, _O_RDWR);
    return *out >= 0 || err_set(e, ERR_LIMIT, 0, "limit: too many open files");
}

bool fd_write_at(int fd, const void *bytes, size_t len, uint64_t at, struct err *e)
{
    HANDLE h = (HANDLE)_get_osfhandle(fd);
    const char *p = bytes;
    while (len) {
        OVERLAPPED where = {.Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32)};
        DWORD want = len > 1 << 24 ? 1 << 24 : (DWORD)len, done = 0;
        if (!WriteFile(h, p, want, &done, &where) || done == 0)
            return wide_fail(e, GetLastError(), "cannot write a temporary file");
        p += done;
        at += done;
        len -= done;
    }
    return true;
}

bool fd_resize(int fd, uint64_t size, struct err *e)
{
    return _chsize_s(fd, (int64_t)size) == 0 ||
           wide_fail(e, GetLastError(), "cannot write a temporary file");
}

void fd_close(int fd)
{
    if (fd > 2)
        _close(fd);
}

bool fd_is_folder(const char *path)
{
    wchar_t *wide = wide_path(path);
    DWORD attributes = wide ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    free(wide);
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}
