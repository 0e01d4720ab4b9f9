/* Files are read, not mapped: a page of a view that the disk cannot give would stop the program,
 * and nothing like a page of zeroes can be put in its place. */
#include "host/file.h"

#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/wide_win.h"
#include "host/fd.h"

void file_guard(void)
{
}

static uint64_t both(DWORD high, DWORD low)
{
    return (uint64_t)high << 32 | low;
}

/* Nanoseconds since 1970, as elsewhere: FILETIME counts 100 ns since 1601. */
static uint64_t nanoseconds(FILETIME t)
{
    const uint64_t epoch = UINT64_C(116444736000000000);
    uint64_t ticks = both(t.dwHighDateTime, t.dwLowDateTime);
    return ticks > epoch ? (ticks - epoch) * 100 : 0;
}

static bool identify(HANDLE h, struct file_map *out, struct err *e)
{
    BY_HANDLE_FILE_INFORMATION info;
    if (GetFileType(h) != FILE_TYPE_DISK)
        return err_set(e, ERR_DENIED, 0, "not a regular file");
    if (!GetFileInformationByHandle(h, &info))
        return wide_fail(e, GetLastError(), "cannot stat");
    if (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
        return err_set(e, ERR_DENIED, 0, "not a regular file");
    uint64_t size = both(info.nFileSizeHigh, info.nFileSizeLow);
    if (size > SIZE_MAX / 2)
        return err_set(e, ERR_LIMIT, 0, "too large to read");
    *out = (struct file_map){
        .bytes = {NULL, (size_t)size},
        .slot = -1,
        .device = info.dwVolumeSerialNumber,
        .inode = both(info.nFileIndexHigh, info.nFileIndexLow),
        .size = size,
        .mtime = nanoseconds(info.ftLastWriteTime),
        .ctime = nanoseconds(info.ftLastWriteTime),
    };
    return true;
}

static bool read_whole(HANDLE h, uint8_t *to, size_t len, struct err *e)
{
    for (size_t at = 0; at < len;) {
        OVERLAPPED where = {.Offset = (DWORD)at, .OffsetHigh = (DWORD)((uint64_t)at >> 32)};
        DWORD want = len - at > 1 << 24 ? 1 << 24 : (DWORD)(len - at), got = 0;
        if (!ReadFile(h, to + at, want, &got, &where) || got == 0)
            return err_set(e, ERR_IO, at,
                           "cannot read: the file ends early or a part of it is unreadable");
        at += got;
    }
    return true;
}

bool file_map_fd(int fd, struct file_map *out, struct err *e)
{
    HANDLE h = (HANDLE)_get_osfhandle(fd);
    struct file_map m;
    if (!identify(h, &m, e))
        return false;
    if (m.bytes.len) {
        m.copy = VirtualAlloc(NULL, m.bytes.len, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
        if (!m.copy)
            return err_set(e, ERR_NOMEM, 0, "cannot read: out of memory");
        m.bytes.ptr = m.copy;
        if (!read_whole(h, m.copy, m.bytes.len, e)) {
            VirtualFree(m.copy, 0, MEM_RELEASE);
            return false;
        }
    }
    *out = m;
    return true;
}

bool file_load_fd(int fd, struct file_map *out, struct err *e)
{
    return file_map_fd(fd, out, e);
}

bool file_map_path(const char *path, struct file_map *out, struct err *e)
{
    int fd = fd_open_read(path, e);
    bool ok = fd >= 0 && file_map_fd(fd, out, e);
    fd_close(fd);
    return ok;
}

bool file_make_private(int fd, struct file_map *m, uint64_t size, struct err *e)
{
    (void)fd;
    if (size < m->bytes.len || size > SIZE_MAX / 2)
        return err_set(e, ERR_LIMIT, 0, "cannot grow to %llu bytes", (unsigned long long)size);
    struct file_map grown = *m;
    grown.copy = VirtualAlloc(NULL, (size_t)size + 1, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (!grown.copy)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (m->bytes.len)
        memcpy(grown.copy, m->bytes.ptr, m->bytes.len);
    grown.bytes = (struct span){grown.copy, (size_t)size};
    grown.private_copy = grown.copy;
    file_unmap(m);
    *m = grown;
    return true;
}

bool file_intact(const struct file_map *m)
{
    (void)m;
    return true;
}

void file_unmap(struct file_map *m)
{
    if (m->copy)
        VirtualFree(m->copy, 0, MEM_RELEASE);
    *m = (struct file_map){.slot = -1};
}
