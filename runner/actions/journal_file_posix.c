#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/journal_part.h"

size_t journal_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

bool journal_file_own(const struct disk_file *f, struct err *e)
{
    struct stat st;
    if (fstat(f->fd, &st) != 0)
        return err_set(e, ERR_IO, 0, "cannot look at it: %s", strerror(errno));
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return err_set(e, ERR_DENIED, 0, "belongs to user %lu, want root or the user who runs this",
                       (unsigned long)st.st_uid);
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return err_set(e, ERR_DENIED, 0, "others may write it (mode %03o)",
                       (unsigned)st.st_mode & 0777);
    return true;
}

bool journal_file_read(const struct disk_file *f, struct arena *a, struct span *out, struct err *e)
{
    struct stat st;
    if (fstat(f->fd, &st) != 0)
        return err_set(e, ERR_IO, 0, "cannot look at it: %s", strerror(errno));
    if (st.st_size > JOURNAL_SIZE)
        return err_set(e, ERR_LIMIT, 0, "larger than %d bytes", JOURNAL_SIZE);
    size_t size = (size_t)st.st_size;
    uint8_t *bytes = arena_alloc(a, size + 1);
    if (!bytes)
        return err_set(e, ERR_NOMEM, 0, "does not fit in memory");
    for (size_t at = 0; at < size;) {
        ssize_t n = pread(f->fd, bytes + at, size - at, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(e, ERR_IO, at, "cannot read it: %s", n ? strerror(errno) : "cut short");
        at += (size_t)n;
    }
    *out = span_of(bytes, size);
    return true;
}
