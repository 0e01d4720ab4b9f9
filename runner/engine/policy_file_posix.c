#include "engine/policy_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct walk {
    struct arena *mem;
    struct policy_files *out;
    struct err *e;
};

/* What is written through the open descriptor is what was checked: no path is looked up twice. */
static bool trusted(const struct stat *st, const char *path, struct err *e)
{
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return err_set(e, ERR_DENIED, 0,
                       "%s: belongs to user %lu, want root or the user who runs "
                       "this",
                       path, (unsigned long)st->st_uid);
    /* A group with the owner's number is the owner's own: with such groups, files are made 0664. */
    bool own_group = (unsigned long)st->st_gid == (unsigned long)st->st_uid;
    if ((st->st_mode & S_IWOTH) || ((st->st_mode & S_IWGRP) && !own_group))
        return err_set(e, ERR_DENIED, 0, "%s: %s may write it (mode %03o)", path,
                       st->st_mode & S_IWOTH ? "everybody" : "its group",
                       (unsigned)st->st_mode & 0777);
    return true;
}

static bool read_all(int fd, size_t size, const char *path, uint8_t *bytes, struct err *e)
{
    for (size_t at = 0; at < size;) {
        ssize_t n = read(fd, bytes + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(e, ERR_IO, at, "%s: %s", path, n ? strerror(errno) : "cut short");
        at += (size_t)n;
    }
    return true;
}

static bool is_test(const char *path)
{
    static const char ending[] = "_test.lua";
    size_t len = strlen(path), n = sizeof ending - 1;
    return len > n && strcmp(path + len - n, ending) == 0;
}

static bool add_file(struct walk *w, int fd, const struct stat *st, const char *path, bool products)
{
    struct policy_files *out = w->out;
    if (st->st_size > POLICY_FILE_SIZE)
        return err_set(w->e, ERR_LIMIT, 0, "%s:1: larger than %d bytes", path, POLICY_FILE_SIZE);
    if (!out->items)
        out->items = ARENA_ARRAY(w->mem, POLICY_FILES, struct policy_file);
    if (!out->items || out->count == POLICY_FILES)
        return err_set(w->e, ERR_LIMIT, 0, "%s: more than %d policy files", path, POLICY_FILES);
    size_t size = (size_t)st->st_size;
    uint8_t *bytes = arena_alloc(w->mem, size + 1);
    if (!bytes)
        return err_set(w->e, ERR_NOMEM, 0, "%s: no memory", path);
    if (!read_all(fd, size, path, bytes, w->e))
        return false;
    out->items[out->count++] = (struct policy_file){str_dup(w->mem, str_of(path)),
                                                    span_of(bytes, size), products, is_test(path)};
    return true;
}

static bool is_lua(const char *name)
{
    size_t len = strlen(name);
    return name[0] != '.' && len > 4 && strcmp(name + len - 4, ".lua") == 0;
}

/* Folders are entered, links to them are not: a loop of links would never end. */
static int wanted_entry(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static bool read_path(struct walk *w, int at, const char *name, const char *path, unsigned depth,
                      bool products);

static bool read_folder(struct walk *w, int fd, const char *path, unsigned depth, bool products)
{
    if (depth > POLICY_FOLDER_DEPTH)
        return err_set(w->e, ERR_LIMIT, 0, "%s: folders more than %d deep", path,
                       POLICY_FOLDER_DEPTH);
    struct dirent **entries = NULL;
    int count = scandirat(fd, ".", &entries, wanted_entry, alphasort);
    if (count < 0)
        return err_set(w->e, ERR_IO, 0, "%s: %s", path, strerror(errno));
    bool ok = true;
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        struct str below = str_fmt(w->mem, "%s/%s", path, name);
        struct stat st;
        if (ok && !below.ptr)
            ok = err_set(w->e, ERR_NOMEM, 0, "%s: no memory", path);
        bool folder = ok && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
        if (ok && (folder || is_lua(name)))
            ok = read_path(w, fd, name, below.ptr, depth + 1,
                           products || (folder && strcmp(name, "products") == 0));
        free(entries[i]);
    }
    free(entries);
    return ok;
}

/* The caller's `path` is for messages; `name` is opened relative to `at`. */
static bool read_path(struct walk *w, int at, const char *name, const char *path, unsigned depth,
                      bool products)
{
    int fd = openat(at, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return err_set(w->e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, 0, "%s: %s", path,
                       strerror(errno));
    struct stat st;
    bool ok = fstat(fd, &st) == 0 || err_set(w->e, ERR_IO, 0, "%s: %s", path, strerror(errno));
    ok = ok && trusted(&st, path, w->e);
    if (ok && S_ISDIR(st.st_mode))
        ok = read_folder(w, fd, path, depth, products);
    else if (ok && S_ISREG(st.st_mode))
        ok = add_file(w, fd, &st, path, products);
    else if (ok)
        ok = err_set(w->e, ERR_DENIED, 0, "%s: neither a file nor a folder", path);
    close(fd);
    return ok;
}

bool policy_files_read(struct str path, struct arena *a, struct policy_files *out, struct err *e)
{
    size_t before = out->count, len = path.len;
    while (len > 1 && path.ptr[len - 1] == '/')
        len--;
    const char *name = arena_strdup(a, path.ptr, len);
    struct walk w = {a, out, e};
    if (!name)
        return err_set(e, ERR_NOMEM, 0, "no memory for a path");
    /* A NUL within would name another file than the one shown. */
    if (memchr(name, 0, len) || !len)
        return err_set(e, ERR_NOT_FOUND, 0, "an empty policy path");
    if (!read_path(&w, AT_FDCWD, name, name, 0, false))
        return false;
    if (out->count == before)
        return err_set(e, ERR_NOT_FOUND, 0, "%s: no .lua file in it", name);
    return true;
}

bool policy_file_read(struct str path, size_t most, struct arena *a, struct span *text,
                      struct err *e)
{
    const char *name = arena_strdup(a, path.ptr, path.len);
    if (!name || !path.len || memchr(name, 0, path.len))
        return err_set(e, name ? ERR_NOT_FOUND : ERR_NOMEM, 0, "an empty path");
    int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, 0, "%s: %s", name,
                       strerror(errno));
    struct stat st;
    uint8_t *bytes = NULL;
    bool ok = fstat(fd, &st) == 0 || err_set(e, ERR_IO, 0, "%s: %s", name, strerror(errno));
    ok = ok && trusted(&st, name, e);
    if (ok && !S_ISREG(st.st_mode))
        ok = err_set(e, ERR_DENIED, 0, "%s: not a file", name);
    if (ok && (uint64_t)st.st_size > most)
        ok = err_set(e, ERR_LIMIT, 0, "%s:1: larger than %zu bytes", name, most);
    if (ok && !(bytes = arena_alloc(a, (size_t)st.st_size + 1)))
        ok = err_set(e, ERR_NOMEM, 0, "%s: no memory", name);
    ok = ok && read_all(fd, (size_t)st.st_size, name, bytes, e);
    if (ok)
        *text = span_of(bytes, (size_t)st.st_size);
    close(fd);
    return ok;
}
