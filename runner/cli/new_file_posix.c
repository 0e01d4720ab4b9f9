#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/new_file.h"

bool new_file(const char *path, struct str bytes, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST)
        return err_set(e, ERR_DENIED, 0, "%s exists already, nothing is overwritten", path);
    if (fd < 0)
        return err_set(e, ERR_IO, 0, "%s: %s", path, strerror(errno));
    bool ok = true;
    for (size_t at = 0; at < bytes.len && ok;) {
        ssize_t n = write(fd, bytes.ptr + at, bytes.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        ok = n > 0;
        at += ok ? (size_t)n : 0;
    }
    if (close(fd) != 0 || !ok)
        return err_set(e, ERR_IO, 0, "%s: cannot write: %s", path, strerror(errno));
    return true;
}

bool new_file_absent(const char *path, struct err *e)
{
    struct stat st;
    if (lstat(path, &st) == 0)
        return err_set(e, ERR_DENIED, 0, "%s exists already, nothing is overwritten", path);
    return errno == ENOENT || err_set(e, ERR_IO, 0, "%s: %s", path, strerror(errno));
}

bool new_folder(const char *path, struct err *e)
{
    /* Policies that their group may write are refused, so are they in such a folder. */
    if (mkdir(path, 0755) == 0 || errno == EEXIST)
        return true;
    return err_set(e, ERR_IO, 0, "%s: %s", path, strerror(errno));
}
