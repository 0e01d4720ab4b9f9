#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/output_sys.h"

static bool write_all(int fd, const struct sb *bytes, struct err *e)
{
    for (size_t at = 0; at < bytes->len;) {
        ssize_t n = write(fd, bytes->ptr + at, bytes->len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(e, ERR_IO, at, "cannot write: %s", strerror(errno));
        at += (size_t)n;
    }
    return true;
}

/* Pipes, devices and links to them are written straight; only a regular file can be replaced. */
static bool replaceable(const char *path)
{
    struct stat st;
    return lstat(path, &st) != 0 || S_ISREG(st.st_mode);
}

static bool write_straight(const char *path, const struct sb *bytes, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_set(e, ERR_IO, 0, "cannot open for writing: %s", strerror(errno));
    bool ok = write_all(fd, bytes, e);
    if (close(fd) != 0 && ok)
        ok = err_set(e, ERR_IO, 0, "cannot write: %s", strerror(errno));
    return ok;
}

static bool write_and_rename(const char *path, const struct sb *bytes, struct err *e)
{
    static char temporary[4200];
    int n = snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof temporary)
        return err_set(e, ERR_USAGE, 0, "file name too long");
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_set(e, ERR_IO, 0, "cannot create: %s", strerror(errno));
    interrupt_cleanup_file(temporary);
    bool ok = write_all(fd, bytes, e);
    if (close(fd) != 0 && ok)
        ok = err_set(e, ERR_IO, 0, "cannot write: %s", strerror(errno));
    if (ok && rename(temporary, path) != 0)
        ok = err_set(e, ERR_IO, 0, "cannot put in place: %s", strerror(errno));
    if (!ok)
        unlink(temporary);
    interrupt_cleanup_file(NULL);
    return ok;
}

bool output_to_stdout(const struct sb *bytes, struct err *e)
{
    return write_all(STDOUT_FILENO, bytes, e);
}

bool output_to_file(const char *path, const struct sb *bytes, struct err *e)
{
    return replaceable(path) ? write_and_rename(path, bytes, e) : write_straight(path, bytes, e);
}

bool output_terminal(int fd)
{
    return isatty(fd);
}

unsigned terminal_width(int fd)
{
    struct winsize w;
    if (ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
        return 80;
    return w.ws_col < 40 ? 40 : w.ws_col > 120 ? 120 : w.ws_col;
}
