/* Folders of a Windows file system.  Every component is opened relative to the one before it and as
 * itself: a reparse point on the way is never followed by the system. */
#include "host/tree.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <winioctl.h>
#include <winternl.h>

#include "base/utf16.h"
#include "base/wide_win.h"
#include "host/fd.h"

#ifndef FILE_OPEN_REPARSE_POINT
#define FILE_OPEN_REPARSE_POINT 0x00200000
#endif
#ifndef FILE_OPEN_FOR_BACKUP_INTENT
#define FILE_OPEN_FOR_BACKUP_INTENT 0x00004000
#endif

enum { SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, LIST_BYTES = 1 << 16 };

struct tree {
    HANDLE root;
};

static bool fail(DWORD code, struct err *e)
{
    switch (code) {
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
        return err_set(e, ERR_DENIED, 0, "denied: %s",
                       code == ERROR_ACCESS_DENIED ? "access denied" : "in use by another program");
    case ERROR_TOO_MANY_OPEN_FILES:
        return err_set(e, ERR_LIMIT, 0, "limit: too many open files");
    default:
        return err_set(e, ERR_IO, 0, "cannot open: Windows error %lu", (unsigned long)code);
    }
}

/* One component; INVALID_HANDLE_VALUE with the last error set. */
static HANDLE open_component(HANDLE parent, struct str name, bool folder)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    struct span units = utf8_to_utf16(&a, name);
    HANDLE h = INVALID_HANDLE_VALUE;
    DWORD code = ERROR_INVALID_NAME;
    if (units.ptr && units.len <= 0xFFFE) {
        UNICODE_STRING text = {(USHORT)units.len, (USHORT)units.len, (PWSTR)(uintptr_t)units.ptr};
        OBJECT_ATTRIBUTES what;
        IO_STATUS_BLOCK io;
        InitializeObjectAttributes(&what, &text, OBJ_CASE_INSENSITIVE, parent, NULL);
        ULONG options = FILE_OPEN_REPARSE_POINT | FILE_OPEN_FOR_BACKUP_INTENT |
                        FILE_SYNCHRONOUS_IO_NONALERT | (folder ? FILE_DIRECTORY_FILE : 0);
        NTSTATUS status = NtOpenFile(&h, FILE_GENERIC_READ, &what, &io, SHARE_ALL, options);
        code = status == 0 ? ERROR_SUCCESS : RtlNtStatusToDosError(status);
        if (status != 0)
            h = INVALID_HANDLE_VALUE;
    }
    arena_done(&a);
    SetLastError(code);
    return h;
}

static bool is_link(HANDLE h)
{
    BY_HANDLE_FILE_INFORMATION info;
    return !GetFileInformationByHandle(h, &info) ||
           (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT);
}

/* Paths are built from listings, so none holds "..".  With `link` the last component may be one. */
static HANDLE open_path(struct tree *s, struct str path, bool folder, bool link, struct err *e)
{
    HANDLE at = s->root;
    while (path.len) {
        const char *slash = memchr(path.ptr, '/', path.len);
        size_t n = slash ? (size_t)(slash - path.ptr) : path.len;
        bool last = n == path.len;
        HANDLE next = open_component(at, (struct str){path.ptr, n}, folder || !last);
        DWORD code = GetLastError();
        if (at != s->root)
            CloseHandle(at);
        if (next == INVALID_HANDLE_VALUE) {
            fail(code, e);
            return next;
        }
        if (!(last && link) && is_link(next)) {
            CloseHandle(next);
            err_set(e, ERR_DENIED, 0, "link: became a link while it was opened");
            return INVALID_HANDLE_VALUE;
        }
        at = next;
        path = last ? (struct str){NULL, 0} : (struct str){path.ptr + n + 1, path.len - n - 1};
    }
    return at;
}

static HANDLE open_node(struct node_tree *t, struct node_dir *d, struct node_entry *n, bool link,
                        struct err *e)
{
    struct tree *s = t->state;
    struct str path = n ? node_path(t, d, n) : node_dir_path(t, d);
    if (!path.ptr && (n || d->parent)) {
        err_set(e, ERR_NOMEM, 0, "out of memory");
        return INVALID_HANDLE_VALUE;
    }
    return open_path(s, path, n == NULL, link, e);
}

static void close_node(struct node_tree *t, HANDLE h)
{
    if (h != ((struct tree *)t->state)->root)
        CloseHandle(h);
}

static enum node_kind kind_of(const FILE_ID_BOTH_DIR_INFO *f)
{
    /* EaSize of an entry that is a reparse point is its tag. */
    if (f->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)
        return f->EaSize == IO_REPARSE_TAG_SYMLINK || f->EaSize == IO_REPARSE_TAG_MOUNT_POINT
                   ? NODE_LINK
                   : NODE_OTHER;
    return f->FileAttributes & FILE_ATTRIBUTE_DIRECTORY ? NODE_DIR : NODE_FILE;
}

struct listing {
    struct node_entry *items;
    size_t count, cap;
};

static bool add_entry(struct node_tree *t, struct listing *l, const FILE_ID_BOTH_DIR_INFO *f,
                      struct err *e)
{
    struct span units = {(const uint8_t *)f->FileName, f->FileNameLength};
    if ((units.len == 2 && f->FileName[0] == '.') ||
        (units.len == 4 && f->FileName[0] == '.' && f->FileName[1] == '.'))
        return true;
    if (l->count == NODE_LISTING)
        return err_set(e, ERR_LIMIT, 0, "limit: more than %d entries in a folder", NODE_LISTING);
    if (l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        struct node_entry *more = realloc(l->items, cap * sizeof *more);
        if (!more)
            return err_set(e, ERR_NOMEM, 0, "out of memory");
        l->items = more;
        l->cap = cap;
    }
    struct str name = utf16_to_utf8(&t->mem, units);
    if (!name.ptr)
        return err_set(e, ERR_LIMIT, 0, "limit: too many names in this tree");
    l->items[l->count++] = (struct node_entry){.name = name, .kind = kind_of(f)};
    return true;
}

static bool read_listing(struct node_tree *t, HANDLE h, struct listing *l, struct err *e)
{
    FILE_ID_BOTH_DIR_INFO *buffer = malloc(LIST_BYTES);
    bool ok = buffer || err_set(e, ERR_NOMEM, 0, "out of memory");
    FILE_INFO_BY_HANDLE_CLASS how = FileIdBothDirectoryRestartInfo;
    while (ok && GetFileInformationByHandleEx(h, how, buffer, LIST_BYTES)) {
        how = FileIdBothDirectoryInfo;
        const uint8_t *at = (const uint8_t *)buffer;
        for (ULONG next = 1; ok && next;) {
            const FILE_ID_BOTH_DIR_INFO *f = (const void *)at;
            ok = add_entry(t, l, f, e);
            next = f->NextEntryOffset;
            at += next;
        }
    }
    if (ok && GetLastError() != ERROR_NO_MORE_FILES)
        ok = err_set(e, ERR_IO, 0, "cannot read the folder: Windows error %lu",
                     (unsigned long)GetLastError());
    free(buffer);
    return ok;
}

static bool tree_load(struct node_tree *t, struct node_dir *d, struct err *e)
{
    HANDLE h = open_node(t, d, NULL, false, e);
    if (h == INVALID_HANDLE_VALUE)
        return false;
    struct listing l = {0};
    bool ok = read_listing(t, h, &l, e);
    struct node_entry *kept = NULL;
    if (ok && l.count) {
        kept = arena_copy(&t->mem, l.items, l.count * sizeof *kept);
        ok = kept || err_set(e, ERR_LIMIT, 0, "limit: too many names in this tree");
    }
    if (ok)
        node_set_entries(d, kept, l.count);
    free(l.items);
    close_node(t, h);
    return ok;
}

static bool tree_file(struct node_tree *t, struct node_dir *d, struct node_entry *n,
                      struct volume_file *out, struct err *e)
{
    if (n->kind != NODE_FILE)
        return err_set(e, ERR_DENIED, 0, "not a regular file");
    HANDLE h = open_node(t, d, n, false, e);
    if (h == INVALID_HANDLE_VALUE)
        return false;
    int fd = _open_osfhandle((intptr_t)h, _O_RDONLY | _O_BINARY | _O_NOINHERIT);
    if (fd < 0) {
        CloseHandle(h);
        return err_set(e, ERR_LIMIT, 0, "limit: too many open files");
    }
    fd = fd_keep(fd);
    if (fd < 0 || !file_load_fd(fd, &out->map, e)) {
        fd_close(fd);
        return false;
    }
    out->fd = fd;
    return true;
}

/* [MS-FSCC] 2.1.2.4 and 2.1.2.5: both begin with offset and length of the substitute name; a
 * symbolic link has flags before its text. */
static bool substitute_name(const uint8_t *bytes, size_t len, struct sb *out, struct err *e)
{
    enum { HEAD = 8, SYMLINK_TEXT = 20, MOUNT_TEXT = 16 };
    if (len < SYMLINK_TEXT)
        return err_set(e, ERR_FORMAT, 0, "link: cut short");
    uint32_t tag = load_u32(bytes);
    size_t text = tag == IO_REPARSE_TAG_SYMLINK ? SYMLINK_TEXT : MOUNT_TEXT;
    size_t offset = load_u16(bytes + HEAD), size = load_u16(bytes + HEAD + 2);
    if (text + offset + size > len)
        return err_set(e, ERR_FORMAT, 0, "link: its target lies outside of it");
    sb_utf16(out, (struct span){bytes + text + offset, size});
    return !out->bad || err_set(e, ERR_NOMEM, 0, "out of memory");
}

static bool tree_link(struct node_tree *t, struct node_dir *d, struct node_entry *n, struct sb *out,
                      struct err *e)
{
    uint8_t bytes[MAXIMUM_REPARSE_DATA_BUFFER_SIZE];
    DWORD got = 0;
    HANDLE h = open_node(t, d, n, true, e);
    if (h == INVALID_HANDLE_VALUE)
        return false;
    BOOL ok = DeviceIoControl(h, FSCTL_GET_REPARSE_POINT, NULL, 0, bytes, sizeof bytes, &got, NULL);
    DWORD code = GetLastError();
    CloseHandle(h);
    if (!ok)
        return err_set(e, ERR_IO, 0, "link: cannot be read: Windows error %lu",
                       (unsigned long)code);
    return substitute_name(bytes, got, out, e);
}

static bool tree_sizes(struct node_tree *t, struct node_dir *d, struct node_entry *const *nodes,
                       uint64_t *sizes, size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        LARGE_INTEGER size;
        if (nodes[i]->kind != NODE_FILE)
            continue;
        HANDLE h = open_node(t, d, nodes[i], false, e);
        if (h == INVALID_HANDLE_VALUE)
            return false;
        if (GetFileSizeEx(h, &size))
            sizes[i] = (uint64_t)size.QuadPart;
        CloseHandle(h);
    }
    return true;
}

static void tree_close(struct node_tree *t)
{
    struct tree *s = t->state;
    CloseHandle(s->root);
    free(s);
}

static const struct node_source tree_source = {
    .load = tree_load,
    .open = tree_file,
    .link = tree_link,
    .sizes = tree_sizes,
    .close = tree_close,
};

static bool fail_root(DWORD code, struct err *e)
{
    if (code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND || code == ERROR_INVALID_NAME)
        return err_set(e, ERR_NOT_FOUND, 0, "no such folder");
    return fail(code, e);
}

bool tree_open(const char *dir, struct node_tree *t, struct err *e)
{
    wchar_t *wide = wide_path(dir);
    HANDLE h = INVALID_HANDLE_VALUE;
    if (wide)
        h = CreateFileW(wide, FILE_LIST_DIRECTORY | FILE_TRAVERSE | SYNCHRONIZE, SHARE_ALL, NULL,
                        OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    DWORD code = GetLastError();
    free(wide);
    if (h == INVALID_HANDLE_VALUE)
        return fail_root(code, e);
    BY_HANDLE_FILE_INFORMATION info;
    struct tree *s = calloc(1, sizeof *s);
    bool folder =
        GetFileInformationByHandle(h, &info) && (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY);
    if (!s || !folder) {
        CloseHandle(h);
        free(s);
        return folder ? err_set(e, ERR_NOMEM, 0, "out of memory")
                      : err_set(e, ERR_NOT_FOUND, 0,
                                "a file, not a folder: mount a disk image first, or name a "
                                "collection zip with --archive");
    }
    s->root = h;
    node_init(t, &tree_source, s);
    return true;
}
