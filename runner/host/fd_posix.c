#include "host/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int fd_keep(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int saved = errno;
    close(fd);
    errno = saved;
    return higher;
}

int fd_open_read(const char *path, struct err *e)
{
    int fd = fd_keep(open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (fd < 0)
        err_set(e,
                errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND
                : errno == EACCES                   ? ERR_DENIED
                                                    : ERR_IO,
                0, "%s", strerror(errno));
    return fd;
}

static int unlinked_file(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/rectify-XXXXXX", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return -1;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

bool fd_scratch(bool large, int *out, struct err *e)
{
    int fd = -1;
    if (!large)
        fd = memfd_create("rectify", MFD_CLOEXEC);
    const char *dir = getenv("TMPDIR");
    if (fd < 0 && dir && dir[0] == '/')
        fd = unlinked_file(dir);
    if (fd < 0)
        fd = unlinked_file("/var/tmp");
    if (fd < 0)
        fd = unlinked_file("/tmp");
    fd = fd_keep(fd);
    if (fd < 0)
        return err_set(e, ERR_IO, 0, "cannot make a temporary file: %s", strerror(errno));
    *out = fd;
    return true;
}

bool fd_write_at(int fd, const void *bytes, size_t len, uint64_t at, struct err *e)
{
    const char *p = bytes;
    while (len) {
        ssize_t n = pwrite(fd, p, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(e, ERR_IO, at, "cannot write a temporary file: %s", strerror(errno));
        p += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

bool fd_resize(int fd, uint64_t size, struct err *e)
{
    return ftruncate(fd, (off_t)size) == 0 ||
           err_set(e, ERR_IO, 0, "cannot write a temporary file: %s", strerror(errno));
}

void fd_close(int fd)
{
    if (fd > STDERR_FILENO)
        close(fd);
}

bool fd_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}
