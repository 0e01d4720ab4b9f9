#include "host/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/fd.h"

struct tree {
    int root;
    bool no_openat2; /* an old kernel, or a sandbox that forbids it */
};

static bool fail_errno(int number, struct err *e)
{
    switch (number) {
    case EACCES:
    case EPERM:
        return err_set(e, ERR_DENIED, 0, "denied: %s", strerror(number));
    case ELOOP:
    case EXDEV:
        return err_set(e, ERR_DENIED, 0, "link: became a link while it was opened");
    case EMFILE:
    case ENFILE:
        return err_set(e, ERR_LIMIT, 0, "limit: %s", strerror(number));
    default:
        return err_set(e, ERR_IO, 0, "cannot open: %s", strerror(number));
    }
}

/* Without openat2: folder by folder, none of which may be a link. */
static int walk_beneath(int root, const char *path, int flags)
{
    int at = root;
    const int folder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    for (;;) {
        char name[NAME_MAX + 1];
        size_t n = strcspn(path, "/");
        bool last = path[n] == '\0';
        int fd = -1;
        if (n > NAME_MAX) {
            errno = ENAMETOOLONG;
        } else {
            memcpy(name, path, n);
            name[n] = '\0';
            fd = openat(at, n ? name : ".", last ? flags | O_NOFOLLOW : folder);
        }
        int saved = errno;
        if (at != root)
            close(at);
        errno = saved;
        if (fd < 0 || last)
            return fd;
        at = fd;
        path += n + 1;
    }
}

static int open_beneath(struct tree *s, const char *path, int flags)
{
    flags |= O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    if (!s->no_openat2) {
        struct open_how how = {
            .flags = (unsigned)flags,
            .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
        };
        long fd = syscall(SYS_openat2, s->root, *path ? path : ".", &how, sizeof how);
        if (fd >= 0)
            return fd_keep((int)fd);
        s->no_openat2 = errno == ENOSYS || errno == EPERM;
        if (!s->no_openat2 && errno != ENAMETOOLONG && errno != EAGAIN)
            return -1;
    }
    return fd_keep(walk_beneath(s->root, path, flags));
}

/* Paths are built from listings, so none holds a NUL or "..". */
static int open_node(struct node_tree *t, struct node_dir *d, struct node_entry *n, int flags,
                     struct err *e)
{
    struct str path = n ? node_path(t, d, n) : node_dir_path(t, d);
    char *copy = path.ptr ? malloc(path.len + 1) : NULL;
    if (!copy) {
        err_set(e, ERR_NOMEM, 0, "out of memory");
        return -1;
    }
    memcpy(copy, path.ptr, path.len);
    copy[path.len] = '\0';
    int fd = open_beneath(t->state, copy, flags);
    if (fd < 0)
        fail_errno(errno, e);
    free(copy);
    return fd;
}

static enum node_kind kind_of(int dir, const struct dirent *de)
{
    struct stat st;
    switch (de->d_type) {
    case DT_REG:
        return NODE_FILE;
    case DT_DIR:
        return NODE_DIR;
    case DT_LNK:
        return NODE_LINK;
    case DT_UNKNOWN:
        if (fstatat(dir, de->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            return S_ISREG(st.st_mode)   ? NODE_FILE
                   : S_ISDIR(st.st_mode) ? NODE_DIR
                   : S_ISLNK(st.st_mode) ? NODE_LINK
                                         : NODE_OTHER;
        return NODE_UNKNOWN;
    default:
        return NODE_OTHER;
    }
}

struct listing {
    struct node_entry *items;
    size_t count, cap;
};

static bool add_entry(struct node_tree *t, struct listing *l, const struct dirent *de, int dir,
                      struct err *e)
{
    if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
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
    struct str name = str_dup(&t->mem, str_of(de->d_name));
    if (!name.ptr)
        return err_set(e, ERR_LIMIT, 0, "limit: too many names in this tree");
    l->items[l->count++] = (struct node_entry){.name = name, .kind = kind_of(dir, de)};
    return true;
}

static bool read_listing(struct node_tree *t, DIR *dir, struct listing *l, struct err *e)
{
    for (;;) {
        errno = 0;
        struct dirent *de = readdir(dir);
        if (!de)
            return errno == 0 ||
                   err_set(e, ERR_IO, 0, "cannot read the folder: %s", strerror(errno));
        if (!add_entry(t, l, de, dirfd(dir), e))
            return false;
    }
}

static bool tree_load(struct node_tree *t, struct node_dir *d, struct err *e)
{
    int fd = open_node(t, d, NULL, O_RDONLY | O_DIRECTORY, e);
    if (fd < 0)
        return false;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        fail_errno(errno, e);
        fd_close(fd);
        return false;
    }
    struct listing l = {0};
    bool ok = read_listing(t, dir, &l, e);
    struct node_entry *kept = NULL;
    if (ok && l.count) {
        kept = arena_copy(&t->mem, l.items, l.count * sizeof *kept);
        ok = kept || err_set(e, ERR_LIMIT, 0, "limit: too many names in this tree");
    }
    if (ok)
        node_set_entries(d, kept, l.count);
    free(l.items);
    closedir(dir);
    return ok;
}

static bool tree_file(struct node_tree *t, struct node_dir *d, struct node_entry *n,
                      struct volume_file *out, struct err *e)
{
    if (n->kind != NODE_FILE)
        return err_set(e, ERR_DENIED, 0, "device: not a regular file");
    int fd = open_node(t, d, n, O_RDONLY, e);
    if (fd < 0)
        return false;
    if (!file_load_fd(fd, &out->map, e)) {
        fd_close(fd);
        return false;
    }
    out->fd = fd;
    return true;
}

static bool tree_link(struct node_tree *t, struct node_dir *d, struct node_entry *n, struct sb *out,
                      struct err *e)
{
    char name[NAME_MAX + 1], text[NODE_LINK_TEXT];
    int dir = open_node(t, d, NULL, O_RDONLY | O_DIRECTORY, e);
    if (dir < 0)
        return false;
    bool ok = n->name.len <= NAME_MAX;
    ssize_t len = -1;
    if (ok) {
        memcpy(name, n->name.ptr, n->name.len);
        name[n->name.len] = '\0';
        len = readlinkat(dir, name, text, sizeof text);
    }
    int saved = errno;
    fd_close(dir);
    if (len < 0)
        return err_set(e, ERR_IO, 0, "link: cannot be read: %s", strerror(saved));
    if ((size_t)len == sizeof text)
        return err_set(e, ERR_LIMIT, 0, "link: target too long");
    sb_put(out, text, (size_t)len);
    return !out->bad || err_set(e, ERR_NOMEM, 0, "out of memory");
}

static bool tree_sizes(struct node_tree *t, struct node_dir *d, struct node_entry *const *nodes,
                       uint64_t *sizes, size_t count, struct err *e)
{
    int dir = open_node(t, d, NULL, O_RDONLY | O_DIRECTORY, e);
    if (dir < 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        char name[NAME_MAX + 1];
        struct stat st;
        struct str from = nodes[i]->name;
        if (from.len > NAME_MAX)
            continue;
        memcpy(name, from.ptr, from.len);
        name[from.len] = '\0';
        if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
            sizes[i] = (uint64_t)st.st_size;
    }
    fd_close(dir);
    return true;
}

static bool tree_folder(struct node_tree *t, struct node_dir *d, int *fd, struct err *e)
{
    *fd = open_node(t, d, NULL, O_RDONLY | O_DIRECTORY, e);
    return *fd >= 0;
}

static void tree_close(struct node_tree *t)
{
    struct tree *s = t->state;
    fd_close(s->root);
    free(s);
}

static const struct node_source tree_source = {
    .load = tree_load,
    .open = tree_file,
    .link = tree_link,
    .sizes = tree_sizes,
    .close = tree_close,
    .folder = tree_folder,
};

static bool fail_root(int number, const char *dir, struct err *e)
{
    struct stat st;
    if (number == ENOENT)
        return err_set(e, ERR_NOT_FOUND, 0, "no such folder");
    if (number == ENOTDIR && stat(dir, &st) == 0)
        return err_set(e, ERR_NOT_FOUND, 0,
                       "a file, not a folder: mount a disk image first, or name a collection zip "
                       "with --archive");
    if (number == ENOTDIR)
        return err_set(e, ERR_NOT_FOUND, 0, "no such folder");
    return err_set(e, number == EACCES ? ERR_DENIED : ERR_IO, 0, "%s", strerror(number));
}

bool tree_open(const char *dir, struct node_tree *t, struct err *e)
{
    struct tree *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    s->root = fd_keep(open(dir, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (s->root < 0) {
        int saved = errno;
        free(s);
        return fail_root(saved, dir, e);
    }
    node_init(t, &tree_source, s);
    return true;
}
