#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/folder.h"
#include "host/fd.h"

enum { SHARED_MODE = 0644 };

static bool add(struct folder_file **list, size_t *count, size_t *cap, struct folder_file one,
                struct arena *a, struct err *e)
{
    if (*count == *cap) {
        size_t more = *cap ? *cap * 2 : 64;
        struct folder_file *grown =
            more > FOLDER_FILES ? NULL : ARENA_ARRAY(a, more, struct folder_file);
        if (!grown)
            return err_set(e, ERR_LIMIT, 0, "more than %d files", FOLDER_FILES);
        if (*count)
            memcpy(grown, *list, *count * sizeof *grown);
        *list = grown;
        *cap = more;
    }
    one.name = str_dup(a, one.name);
    if (!one.name.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    (*list)[(*count)++] = one;
    return true;
}

static int by_name(const void *x, const void *y)
{
    const struct folder_file *a = x, *b = y;
    return str_cmp(a->name, b->name);
}

static bool walk(DIR *d, struct arena *a, struct folder_file **out, size_t *count, struct err *e)
{
    size_t cap = 0;
    struct dirent *entry;
    struct stat st;
    while (errno = 0, (entry = readdir(d)) != NULL)
        if (entry->d_name[0] != '.' && fstatat(dirfd(d), entry->d_name, &st, 0) == 0 &&
            S_ISREG(st.st_mode) &&
            !add(out, count, &cap,
                 (struct folder_file){str_of(entry->d_name), (uint64_t)st.st_size}, a, e))
            return false;
    return errno == 0 || err_set(e, ERR_IO, 0, "%s", strerror(errno));
}

bool folder_list(const char *path, struct arena *a, struct folder_file **out, size_t *count,
                 struct err *e)
{
    *out = NULL;
    *count = 0;
    DIR *d = opendir(path);
    if (!d)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, 0, "%s", strerror(errno));
    bool ok = walk(d, a, out, count, e);
    closedir(d);
    if (ok && *count)
        qsort(*out, *count, sizeof **out, by_name);
    return ok;
}

static bool read_all(int fd, uint64_t max, struct arena *a, struct span *out, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(e, ERR_DENIED, 0, "not a regular file");
    if ((uint64_t)st.st_size > max)
        return err_set(e, ERR_LIMIT, 0, "more than %llu bytes", (unsigned long long)max);
    size_t size = (size_t)st.st_size, at = 0;
    uint8_t *bytes = arena_alloc(a, size);
    if (!bytes)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    while (at < size) {
        ssize_t n = read(fd, bytes + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(e, ERR_IO, at, "%s", n ? strerror(errno) : "it became shorter");
        at += (size_t)n;
    }
    *out = span_of(bytes, size);
    return true;
}

bool folder_read(const char *path, const char *name, uint64_t max, struct arena *a,
                 struct span *out, struct err *e)
{
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd =
        dir < 0 ? -1 : fd_keep(openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    int why = errno;
    if (dir >= 0)
        close(dir);
    if (fd < 0)
        return err_set(e, why == ENOENT ? ERR_NOT_FOUND : ERR_IO, 0, "%s", strerror(why));
    bool ok = read_all(fd, max, a, out, e);
    fd_close(fd);
    return ok;
}

bool folder_make(const char *path, struct err *e)
{
    if (mkdir(path, 0755) == 0 || (errno == EEXIST && fd_is_folder(path)))
        return true;
    return err_set(e, ERR_IO, 0, "cannot make the folder: %s", strerror(errno));
}

bool folder_share(struct disk_file *f, struct err *e)
{
    return fchmod(f->fd, SHARED_MODE) == 0 || err_set(e, ERR_IO, 0, "%s", strerror(errno));
}
