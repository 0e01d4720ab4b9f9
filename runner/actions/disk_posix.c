#include "actions/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "host/fd.h"

struct disk_dir {
    int fd;
};

static struct disk_hook hook;

void disk_set_hook(const struct disk_hook *h)
{
    hook = h ? *h : (struct disk_hook){0};
}

static bool fail(const char *what, const char *name, int number, struct err *e)
{
    enum err_kind kind = number == EACCES || number == EPERM || number == EROFS || number == EEXIST
                             ? ERR_DENIED
                         : number == ENOENT ? ERR_NOT_FOUND
                                            : ERR_IO;
    return err_set(e, kind, 0, "cannot %s%s%s: %s", what, *name ? " " : "", name, strerror(number));
}

/* What the test wants of this call: 0, or the error number that the system gives.  Kills itself. */
static int ask(const char *point, const char *name, enum disk_fault *fault)
{
    *fault = hook.ask ? hook.ask(hook.context, point, name) : DISK_GO;
    switch (*fault) {
    case DISK_KILL:
        _exit(DISK_KILLED);
    case DISK_FULL:
        return ENOSPC;
    case DISK_READ_ONLY:
        return EROFS;
    case DISK_BROKEN:
        return EIO;
    case DISK_FORBIDDEN:
        return EPERM;
    default:
        return 0;
    }
}

/* One call without data.  `result` below is -1 with errno, as of a system call. */
static bool finish(int result, enum disk_fault fault, const char *what, const char *name,
                   struct err *e)
{
    int number = errno;
    if (fault == DISK_KILL_AFTER)
        _exit(DISK_KILLED);
    return result >= 0 || fail(what, name, number, e);
}

static int begin(const char *point, const char *name, enum disk_fault *fault)
{
    errno = ask(point, name, fault);
    if (*fault == DISK_KILL_HALF)
        _exit(DISK_KILLED);
    return errno ? -1 : 0;
}

/* ---- folders and files ---------------------------------------------------------------------- */

bool disk_dir_take(int fd, struct disk_dir **out, struct err *e)
{
    struct disk_dir *d = calloc(1, sizeof *d);
    if (!d) {
        fd_close(fd);
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    }
    d->fd = fd;
    *out = d;
    return true;
}

bool disk_dir_open(const char *path, struct disk_dir **out, struct err *e)
{
    int fd = fd_keep(open(*path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd < 0)
        return fail("open the folder", path, errno, e);
    return disk_dir_take(fd, out, e);
}

void disk_dir_close(struct disk_dir *d)
{
    if (!d)
        return;
    fd_close(d->fd);
    free(d);
}

int disk_dir_fd(const struct disk_dir *d)
{
    return d->fd;
}

bool disk_create(const char *point, struct disk_dir *d, const char *name, struct disk_file *out,
                 struct err *e)
{
    enum disk_fault fault;
    int fd = begin(point, name, &fault);
    if (fd == 0)
        fd = fd_keep(openat(d->fd, name,
                            O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!finish(fd, fault, "create", name, e))
        return false;
    out->fd = fd;
    return true;
}

bool disk_append(const char *point, struct disk_dir *d, const char *name, bool locked,
                 struct disk_file *out, struct err *e)
{
    enum disk_fault fault;
    struct stat st;
    int fd = begin(point, name, &fault);
    if (fd == 0)
        fd = fd_keep(openat(d->fd, name,
                            O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!finish(fd, fault, "open", name, e))
        return false;
    struct disk_file f = {fd};
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        disk_close(&f);
        return err_set(e, ERR_DENIED, 0, "%s is no regular file", name);
    }
    if (locked && !disk_lock(point, &f, e)) {
        disk_close(&f);
        return false;
    }
    *out = f;
    return true;
}

bool disk_lock(const char *point, struct disk_file *f, struct err *e)
{
    enum disk_fault fault;
    int done = begin(point, "", &fault);
    if (done == 0)
        done = flock(f->fd, LOCK_EX | LOCK_NB);
    if (done < 0 && errno == EWOULDBLOCK)
        return err_set(e, ERR_DENIED, 0, "in use by another process");
    return finish(done, fault, "lock", "", e);
}

void disk_close(struct disk_file *f)
{
    fd_close(f->fd);
    f->fd = 0;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static int write_all(int fd, const uint8_t *p, size_t len)
{
    while (len) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

bool disk_write(const char *point, struct disk_file *f, const void *bytes, size_t len,
                struct err *e)
{
    enum disk_fault fault;
    int number = ask(point, "", &fault);
    int done = 0;
    if (fault == DISK_KILL_HALF || fault == DISK_FULL)
        done = write_all(f->fd, bytes, len / 2);
    if (fault == DISK_KILL_HALF)
        _exit(DISK_KILLED);
    if (number) {
        errno = number;
        done = -1;
    } else {
        done = write_all(f->fd, bytes, len);
    }
    return finish(done, fault, "write", "", e);
}

bool disk_truncate(const char *point, struct disk_file *f, uint64_t size, struct err *e)
{
    enum disk_fault fault;
    int done = begin(point, "", &fault);
    if (done == 0)
        done = ftruncate(f->fd, (off_t)size);
    return finish(done, fault, "cut", "", e);
}

bool disk_sync(const char *point, struct disk_file *f, struct err *e)
{
    enum disk_fault fault;
    int done = begin(point, "", &fault);
    if (done == 0)
        done = fsync(f->fd);
    return finish(done, fault, "flush", "", e);
}

bool disk_sync_dir(const char *point, struct disk_dir *d, struct err *e)
{
    enum disk_fault fault;
    int done = begin(point, "", &fault);
    if (done == 0)
        done = fsync(d->fd);
    /* Some file systems (FUSE ones) flush folders by themselves and say so. */
    if (done < 0 && (errno == EINVAL || errno == ENOTSUP || errno == ENOSYS))
        done = 0;
    return finish(done, fault, "flush the folder", "", e);
}

/* ---- names ---------------------------------------------------------------------------------- */

bool disk_rename(const char *point, struct disk_dir *d, const char *from, const char *to,
                 struct err *e)
{
    enum disk_fault fault;
    int done = begin(point, to, &fault);
    if (done == 0)
        done = renameat(d->fd, from, d->fd, to);
    return finish(done, fault, "put in place", to, e);
}

bool disk_link(const char *point, struct disk_dir *d, const char *from, const char *to,
               bool *unsupported, struct err *e)
{
    enum disk_fault fault;
    *unsupported = false;
    int done = begin(point, to, &fault);
    if (done == 0)
        done = linkat(d->fd, from, d->fd, to, 0);
    /* FAT answers EPERM; EMLINK: the file has all the names it can have. */
    if (done < 0 && (errno == EPERM || errno == ENOTSUP || errno == ENOSYS || errno == EMLINK)) {
        *unsupported = true;
        return false;
    }
    return finish(done, fault, "set aside as", to, e);
}

bool disk_unlink(const char *point, struct disk_dir *d, const char *name, struct err *e)
{
    enum disk_fault fault;
    int done = begin(point, name, &fault);
    if (done == 0)
        done = unlinkat(d->fd, name, 0);
    if (done < 0 && errno == ENOENT)
        done = 0;
    return finish(done, fault, "remove", name, e);
}

/* ---- attributes ----------------------------------------------------------------------------- */

enum { NAMES_MAX = 1 << 16, VALUE_MAX = 1 << 16 };

static int copy_one(int to, int from, const char *name, void *value)
{
    ssize_t len = fgetxattr(from, name, value, VALUE_MAX);
    return len < 0 ? -1 : fsetxattr(to, name, value, (size_t)len, 0);
}

/* What drivers of NTFS (ntfs-3g, ntfs3) do not list: access list, and flags such as hidden. */
static const char *const unlisted[] = {"system.ntfs_acl", "system.ntfs_security",
                                       "system.ntfs_attrib"};

static bool is_unlisted(const char *name)
{
    for (size_t i = 0; i < sizeof unlisted / sizeof *unlisted; i++)
        if (strcmp(name, unlisted[i]) == 0)
            return true;
    return false;
}

static int copy_xattrs(int to, int from, char *names, void *value)
{
    ssize_t len = flistxattr(from, names, NAMES_MAX);
    if (len < 0 && errno != ENOTSUP)
        return -1;
    for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1)
        if (!is_unlisted(names + at) && copy_one(to, from, names + at, value) != 0)
            return -1;
    for (size_t i = 0; i < sizeof unlisted / sizeof *unlisted; i++)
        if (copy_one(to, from, unlisted[i], value) != 0 && errno != ENODATA && errno != ENOTSUP &&
            errno != EINVAL)
            return -1;
    return 0;
}

static int copy_owner(int to, int from)
{
    struct stat want, have;
    if (fstat(from, &want) != 0 || fstat(to, &have) != 0)
        return -1;
    if ((want.st_uid != have.st_uid || want.st_gid != have.st_gid) &&
        fchown(to, want.st_uid, want.st_gid) != 0)
        return -1;
    return want.st_mode == have.st_mode ? 0 : fchmod(to, want.st_mode & 07777);
}

bool disk_copy_attributes(const char *point, struct disk_file *f, int like, struct err *e)
{
    enum disk_fault fault;
    int done = begin(point, "", &fault);
    if (done == 0) {
        char *names = malloc(NAMES_MAX);
        void *value = malloc(VALUE_MAX);
        /* The mode first: setting it may write the access list anew. */
        done = names && value ? copy_owner(f->fd, like) : -1;
        if (done == 0)
            done = copy_xattrs(f->fd, like, names, value);
        int number = errno;
        free(names);
        free(value);
        errno = number;
    }
    return finish(done, fault, "copy owner, mode and attributes", "", e);
}
