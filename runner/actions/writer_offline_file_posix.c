/* A hive and its logs as they lie on the disk. */
#include "actions/writer_offline_posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/utf16.h"
#include "host/fd.h"

enum { LOG_MIN = 512, FOLDER_MAX = 1 << 20 };
#define HIVE_MAX ((uint64_t)1 << 31)

static bool read_all(int fd, uint64_t size, uint8_t **out, struct err *e)
{
    uint8_t *p = malloc(size ? (size_t)size : 1);
    if (!p)
        return err_set(e, ERR_NOMEM, 0, "no memory for %llu bytes", (unsigned long long)size);
    for (uint64_t done = 0; done < size;) {
        ssize_t n = pread(fd, p + done, (size_t)(size - done), (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            free(p);
            return err_set(e, ERR_IO, done, "cannot be read: %s",
                           n ? strerror(errno) : "it became shorter");
        }
        done += (uint64_t)n;
    }
    *out = p;
    return true;
}

/* A regular file that is no link; its size is bounded. */
static bool open_one(const struct disk_dir *d, const char *name, int *out, struct stat *st,
                     struct err *e)
{
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int fd = fd_keep(openat(disk_dir_fd(d), name, flags));
    if (fd < 0)
        return err_set(e, ERR_DENIED, 0, "cannot open %s: %s", name, strerror(errno));
    if (fstat(fd, st) == 0 && S_ISREG(st->st_mode) && (uint64_t)st->st_size <= HIVE_MAX) {
        *out = fd;
        return true;
    }
    fd_close(fd);
    return err_set(e, ERR_DENIED, 0, "%s is no regular file of at most 2 GiB", name);
}

/* The name as the folder spells it; one that is there twice by Windows' rules is refused. */
static bool find_name(const struct disk_dir *d, struct str want, char out[OFFLINE_NAME],
                      struct err *e)
{
    int fd = openat(disk_dir_fd(d), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    bool ok = true;
    out[0] = '\0';
    if (!dir) {
        int number = errno;
        if (fd >= 0)
            close(fd);
        return err_set(e, ERR_IO, 0, "cannot read the folder: %s", strerror(number));
    }
    errno = 0;
    for (size_t n = 0; ok; n++) {
        const struct dirent *de = readdir(dir);
        if (!de)
            break;
        struct str have = str_of(de->d_name);
        if (n > FOLDER_MAX)
            ok = err_set(e, ERR_LIMIT, 0, "limit: more than %d files in the folder", FOLDER_MAX);
        if (!str_ieq(have, want) || have.len >= OFFLINE_NAME)
            continue;
        if (out[0])
            ok = err_set(e, ERR_DENIED, 0, "%s is there twice, in two spellings", out);
        memcpy(out, have.ptr, have.len + 1);
        errno = 0;
    }
    if (ok && errno)
        ok = err_set(e, ERR_IO, 0, "cannot read the folder: %s", strerror(errno));
    closedir(dir);
    return ok;
}

static bool read_log(struct offline_file *f, const char *suffix, struct err *e)
{
    struct arena a;
    struct stat st;
    struct offline_log *log = &f->log[f->logs];
    int fd;
    arena_init(&a, 1 << 14);
    struct str want = str_fmt(&a, "%s%s", f->name, suffix);
    bool ok = want.ptr ? find_name(f->dir, want, log->name, e)
                       : err_set(e, ERR_NOMEM, 0, "out of memory");
    arena_done(&a);
    if (!ok || !log->name[0])
        return ok;
    if (!open_one(f->dir, log->name, &fd, &st, e))
        return false;
    log->size = (uint64_t)st.st_size;
    ok = read_all(fd, log->size, &log->bytes, e);
    fd_close(fd);
    f->logs += ok;
    return ok;
}

static bool grow(struct offline_file *f, uint64_t size, struct err *e)
{
    if (size <= f->size)
        return true;
    uint8_t *more = realloc(f->bytes, (size_t)size);
    if (!more)
        return err_set(e, ERR_NOMEM, 0, "no memory for a hive");
    memset(more + f->size, 0, (size_t)size - f->size);
    f->bytes = more;
    f->size = (size_t)size;
    return true;
}

/* As host/offline_hive.c does for reading; here what does not fit is refused. */
static bool replay(struct offline_file *f, struct err *e)
{
    static const char *const suffixes[REGF_LOGS_MAX] = {".LOG", ".LOG1", ".LOG2"};
    struct regf_log logs[REGF_LOGS_MAX];
    struct regf_replay plan = {0};
    struct arena a;
    size_t count = 0;
    for (size_t i = 0; i < REGF_LOGS_MAX; i++)
        if (!read_log(f, suffixes[i], e))
            return false;
    for (size_t i = 0; i < f->logs; i++)
        if (f->log[i].size >= LOG_MIN)
            logs[count++] = (struct regf_log){
                .bytes = span_of(f->log[i].bytes, (size_t)f->log[i].size), .name = f->log[i].name};
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = regf_replay_plan(span_of(f->bytes, f->size), logs, count, &a, &plan, e);
    if (ok && plan.state != REGF_CLEAN && plan.state != REGF_REPLAYABLE)
        ok = err_set(e, ERR_FORMAT, 0, "the hive is dirty, and its transaction logs %s%s%s",
                     plan.state == REGF_LOGS_UNFIT ? "do not fit" : "are missing",
                     plan.why[0] ? "; " : "", plan.why);
    if (ok && plan.state == REGF_REPLAYABLE) {
        ok = grow(f, plan.size, e) && regf_replay_apply(&plan, f->bytes, e);
        f->replayed = true;
    }
    arena_done(&a);
    return ok;
}

/* Told before anything is begun: a copy of the hive could not be put beside it. */
static bool folder_writable(const struct disk_dir *d, struct err *e)
{
    struct statvfs vfs;
    if (fstatvfs(disk_dir_fd(d), &vfs) == 0 && vfs.f_flag & ST_RDONLY)
        return err_set(e, ERR_DENIED, 0, "the target is on a read-only file system");
    if (faccessat(disk_dir_fd(d), ".", W_OK | X_OK, AT_EACCESS) != 0)
        return err_set(e, ERR_DENIED, 0, "the folder may not be written to: %s", strerror(errno));
    return true;
}

static bool open_hive(struct offline_file *f, struct err *e)
{
    if (!folder_writable(f->dir, e) || !open_one(f->dir, f->name, &f->fd, &f->seen, e))
        return false;
    if (flock(f->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return err_set(e, ERR_DENIED, 0, "in use by another process");
    f->size = (size_t)f->seen.st_size;
    return read_all(f->fd, f->size, &f->bytes, e) && replay(f, e);
}

bool offline_file_open(struct offline_file *f, int folder, struct str name, uint64_t time,
                       struct err *e)
{
    if (!disk_dir_take(folder, &f->dir, e))
        return false;
    if (name.len >= sizeof f->name - 40)
        return err_set(e, ERR_LIMIT, 0, "limit: a file name of %zu bytes", name.len);
    memcpy(f->name, name.ptr, name.len);
    f->name[name.len] = '\0';
    return open_hive(f, e) && regf_edit_begin(&f->edit, span_of(f->bytes, f->size), time, e) &&
           offline_file_unchanged(f, e);
}

void offline_file_close(struct offline_file *f)
{
    regf_edit_done(&f->edit);
    for (size_t i = 0; i < REGF_LOGS_MAX; i++)
        free(f->log[i].bytes);
    free(f->bytes);
    fd_close(f->fd);
    disk_dir_close(f->dir);
}

bool offline_file_unchanged(const struct offline_file *f, struct err *e)
{
    struct stat now;
    if (fstatat(disk_dir_fd(f->dir), f->name, &now, AT_SYMLINK_NOFOLLOW) != 0)
        return err_set(e, ERR_IO, 0, "cannot be looked at: %s", strerror(errno));
    if (now.st_dev == f->seen.st_dev && now.st_ino == f->seen.st_ino &&
        now.st_size == f->seen.st_size && now.st_mtim.tv_sec == f->seen.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == f->seen.st_mtim.tv_nsec)
        return true;
    return err_set(e, ERR_DRIFTED, 0, "drifted: the hive was changed by somebody in between");
}
