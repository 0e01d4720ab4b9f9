/* Folders are kept as paths: Windows' own calls take whole ones.  A folder that only administrators
 * may write cannot be exchanged between two of them.  Writes go through to the disk with
 * FlushFileBuffers; entries of folders are in the file system's own journal. */
#include "actions/disk.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include <sddl.h>

#include "base/wide_win.h"
#include "host/fd.h"

struct disk_dir {
    wchar_t *path;
};

static struct disk_hook hook;

void disk_set_hook(const struct disk_hook *h)
{
    hook = h ? *h : (struct disk_hook){0};
}

static bool fail(const char *what, const char *name, DWORD code, struct err *e)
{
    char text[160];
    snprintf(text, sizeof text, "cannot %s%s%.120s", what, *name ? " " : "", name);
    return wide_fail(e, code, text);
}

static void die(void)
{
    TerminateProcess(GetCurrentProcess(), DISK_KILLED);
}

/* What the test wants of this call: ERROR_SUCCESS, or Windows' word for the failure. */
static DWORD ask(const char *point, const char *name, enum disk_fault *fault)
{
    *fault = hook.ask ? hook.ask(hook.context, point, name) : DISK_GO;
    switch (*fault) {
    case DISK_KILL:
        die();
        return ERROR_SUCCESS;
    case DISK_FULL:
        return ERROR_DISK_FULL;
    case DISK_READ_ONLY:
        return ERROR_WRITE_PROTECT;
    case DISK_BROKEN:
        return ERROR_CRC;
    default:
        return ERROR_SUCCESS;
    }
}

static DWORD begin(const char *point, const char *name, enum disk_fault *fault)
{
    DWORD code = ask(point, name, fault);
    if (*fault == DISK_KILL_HALF)
        die();
    return code;
}

static bool finish(DWORD code, enum disk_fault fault, const char *what, const char *name,
                   struct err *e)
{
    if (fault == DISK_KILL_AFTER)
        die();
    return code == ERROR_SUCCESS || fail(what, name, code, e);
}

static DWORD result(BOOL ok)
{
    return ok ? ERROR_SUCCESS : GetLastError();
}

/* ---- folders and files ---------------------------------------------------------------------- */

bool disk_dir_open(const char *path, struct disk_dir **out, struct err *e)
{
    struct disk_dir *d = calloc(1, sizeof *d);
    wchar_t *wide = wide_path(*path ? path : ".");
    DWORD found = wide ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    DWORD code = found == INVALID_FILE_ATTRIBUTES ? GetLastError() : ERROR_SUCCESS;
    if (d && code == ERROR_SUCCESS && (found & FILE_ATTRIBUTE_DIRECTORY)) {
        d->path = wide;
        *out = d;
        return true;
    }
    free(wide);
    free(d);
    return fail("open the folder", path, code ? code : ERROR_PATH_NOT_FOUND, e);
}

bool disk_dir_take(int fd, struct disk_dir **out, struct err *e)
{
    fd_close(fd);
    *out = NULL;
    return err_set(e, ERR_UNSUPPORTED, 0, "folders are opened by path on Windows");
}

void disk_dir_close(struct disk_dir *d)
{
    if (!d)
        return;
    free(d->path);
    free(d);
}

int disk_dir_fd(const struct disk_dir *d)
{
    (void)d;
    return -1;
}

static wchar_t *below(const struct disk_dir *d, const char *name)
{
    wchar_t *leaf = wide_text(name);
    size_t a = wcslen(d->path), b = leaf ? wcslen(leaf) : 0;
    wchar_t *out = leaf ? malloc((a + b + 2) * sizeof *out) : NULL;
    if (out) {
        memcpy(out, d->path, a * sizeof *out);
        /* Windows takes what follows \\?\ as it is: two separators are a name that is empty. */
        if (a && out[a - 1] != L'\\')
            out[a++] = L'\\';
        memcpy(out + a, leaf, (b + 1) * sizeof *out);
    }
    free(leaf);
    return out;
}

/* Administrators and SYSTEM only, nothing inherited; the owner keeps what owners have. */
static PSECURITY_DESCRIPTOR private_descriptor(void)
{
    PSECURITY_DESCRIPTOR d = NULL;
    ConvertStringSecurityDescriptorToSecurityDescriptorW(L"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;OW)",
                                                         SDDL_REVISION_1, &d, NULL);
    return d;
}

static DWORD open_file(struct disk_dir *d, const char *name, DWORD how, DWORD share,
                       struct disk_file *out)
{
    wchar_t *path = below(d, name);
    PSECURITY_DESCRIPTOR rights = how == CREATE_NEW ? private_descriptor() : NULL;
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, rights, FALSE};
    HANDLE h =
        path ? CreateFileW(path, GENERIC_READ | GENERIC_WRITE | READ_CONTROL, share,
                           rights ? &attributes : NULL, how, FILE_FLAG_OPEN_REPARSE_POINT, NULL)
             : INVALID_HANDLE_VALUE;
    DWORD code = h == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
    LocalFree(rights);
    free(path);
    if (code)
        return code;
    int fd = _open_osfhandle((intptr_t)h, _O_RDWR | _O_BINARY | _O_NOINHERIT);
    if (fd < 0) {
        CloseHandle(h);
        return ERROR_TOO_MANY_OPEN_FILES;
    }
    out->fd = fd_keep(fd);
    return ERROR_SUCCESS;
}

static HANDLE handle_of(const struct disk_file *f)
{
    return (HANDLE)_get_osfhandle(f->fd);
}

bool disk_create(const char *point, struct disk_dir *d, const char *name, struct disk_file *out,
                 struct err *e)
{
    enum disk_fault fault;
    DWORD code = begin(point, name, &fault);
    if (!code)
        code = open_file(d, name, CREATE_NEW, FILE_SHARE_READ | FILE_SHARE_DELETE, out);
    if (code == ERROR_FILE_EXISTS || code == ERROR_ALREADY_EXISTS)
        return err_set(e, ERR_DENIED, 0, "cannot create %s: exists already", name);
    return finish(code, fault, "create", name, e);
}

bool disk_append(const char *point, struct disk_dir *d, const char *name, bool locked,
                 struct disk_file *out, struct err *e)
{
    enum disk_fault fault;
    BY_HANDLE_FILE_INFORMATION info;
    DWORD code = begin(point, name, &fault);
    if (!code)
        code = open_file(d, name, OPEN_EXISTING,
                         locked ? FILE_SHARE_READ : FILE_SHARE_READ | FILE_SHARE_WRITE, out);
    if (code == ERROR_SHARING_VIOLATION)
        return err_set(e, ERR_DENIED, 0, "%s is in use by another process", name);
    if (!finish(code, fault, "open", name, e))
        return false;
    if (GetFileInformationByHandle(handle_of(out), &info) &&
        !(info.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)))
        return true;
    disk_close(out);
    return err_set(e, ERR_DENIED, 0, "%s is not a regular file", name);
}

/* A file that was created is not shared for writing from the start. */
bool disk_lock(const char *point, struct disk_file *f, struct err *e)
{
    enum disk_fault fault;
    DWORD code = begin(point, "", &fault);
    (void)f;
    return finish(code, fault, "lock", "", e);
}

void disk_close(struct disk_file *f)
{
    fd_close(f->fd);
    *f = (struct disk_file){0};
}

/* ---- data ------------------------------------------------------------------------------------ */

static DWORD write_all(HANDLE h, const uint8_t *bytes, size_t len)
{
    LARGE_INTEGER end = {0};
    if (!SetFilePointerEx(h, end, NULL, FILE_END))
        return GetLastError();
    while (len) {
        DWORD want = len > 1 << 24 ? 1 << 24 : (DWORD)len, done = 0;
        if (!WriteFile(h, bytes, want, &done, NULL))
            return GetLastError();
        bytes += done;
        len -= done;
    }
    return ERROR_SUCCESS;
}

bool disk_write(const char *point, struct disk_file *f, const void *bytes, size_t len,
                struct err *e)
{
    enum disk_fault fault;
    DWORD code = ask(point, "", &fault);
    bool half = fault == DISK_KILL_HALF || fault == DISK_FULL;
    if (!code || half) {
        DWORD wrote = write_all(handle_of(f), bytes, half ? len / 2 : len);
        code = code ? code : wrote;
    }
    if (fault == DISK_KILL_HALF)
        die();
    return finish(code, fault, "write", "", e);
}

bool disk_truncate(const char *point, struct disk_file *f, uint64_t size, struct err *e)
{
    enum disk_fault fault;
    LARGE_INTEGER at = {.QuadPart = (LONGLONG)size};
    DWORD code = begin(point, "", &fault);
    if (!code)
        code = result(SetFilePointerEx(handle_of(f), at, NULL, FILE_BEGIN) &&
                      SetEndOfFile(handle_of(f)));
    return finish(code, fault, "cut off", "", e);
}

bool disk_sync(const char *point, struct disk_file *f, struct err *e)
{
    enum disk_fault fault;
    DWORD code = begin(point, "", &fault);
    if (!code)
        code = result(FlushFileBuffers(handle_of(f)));
    return finish(code, fault, "flush", "", e);
}

bool disk_sync_dir(const char *point, struct disk_dir *d, struct err *e)
{
    enum disk_fault fault;
    DWORD code = begin(point, "", &fault);
    (void)d;
    return finish(code, fault, "flush the folder", "", e);
}

/* ---- names ----------------------------------------------------------------------------------- */

bool disk_rename(const char *point, struct disk_dir *d, const char *from, const char *to,
                 struct err *e)
{
    enum disk_fault fault;
    wchar_t *a = below(d, from), *b = below(d, to);
    DWORD code = begin(point, to, &fault);
    if (!code)
        code = a && b
                   ? result(MoveFileExW(a, b, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
                   : ERROR_NOT_ENOUGH_MEMORY;
    free(a);
    free(b);
    return finish(code, fault, "put in place", to, e);
}

bool disk_link(const char *point, struct disk_dir *d, const char *from, const char *to,
               bool *unsupported, struct err *e)
{
    enum disk_fault fault;
    wchar_t *a = below(d, from), *b = below(d, to);
    DWORD code = begin(point, to, &fault);
    if (!code)
        code = a && b ? result(CreateHardLinkW(b, a, NULL)) : ERROR_NOT_ENOUGH_MEMORY;
    free(a);
    free(b);
    *unsupported = code == ERROR_NOT_SUPPORTED || code == ERROR_INVALID_FUNCTION;
    return *unsupported ? false : finish(code, fault, "keep", to, e);
}

bool disk_unlink(const char *point, struct disk_dir *d, const char *name, struct err *e)
{
    enum disk_fault fault;
    wchar_t *path = below(d, name);
    DWORD code = begin(point, name, &fault);
    if (!code)
        code = path ? result(DeleteFileW(path)) : ERROR_NOT_ENOUGH_MEMORY;
    free(path);
    return finish(code == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : code, fault, "remove", name, e);
}

bool disk_copy_attributes(const char *point, struct disk_file *f, int like, struct err *e)
{
    (void)point;
    (void)f;
    (void)like;
    return err_set(e, ERR_UNSUPPORTED, 0, "files of offline targets are not written on Windows");
}
