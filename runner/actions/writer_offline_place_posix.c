/* How a hive and its logs are replaced: every step leaves whole files under the names that Windows
 * looks for. */
#include "actions/writer_offline_posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/utf16.h"
#include "host/fd.h"

enum { COPIES_MAX = 99, LEFTOVERS_MAX = 64 };

/* The points of one kind of file, for disk.h. */
struct points {
    const char *create, *write, *attributes, *sync, *keep, *keep_sync, *place, *place_sync;
};
static const struct points hive_points = {
    "hive.create", "hive.write",     "hive.attributes", "hive.sync",
    "hive.keep",   "hive.keep.sync", "hive.place",      "hive.place.sync",
};
static const struct points log_points = {
    "log.create", "log.write",     "log.attributes", "log.sync",
    "log.keep",   "log.keep.sync", "log.place",      "log.place.sync",
};

/* One file that is replaced; names are in the hive's folder. */
struct swap {
    struct disk_dir *dir;
    const struct points *at;
    const char *name, *id;
    char fresh[OFFLINE_NAME + 48], kept[OFFLINE_NAME + 48], spare[OFFLINE_NAME + 48];
    int old; /* the file that is there */
    bool made_kept;
};

static bool is_same_file(const struct disk_dir *d, const char *name, int fd)
{
    struct stat a, b;
    return fstatat(disk_dir_fd(d), name, &a, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool exists(const struct disk_dir *d, const char *name)
{
    struct stat st;
    return fstatat(disk_dir_fd(d), name, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

static void kept_name(const char *name, const char *id, int number, char *out, size_t size)
{
    if (number == 1)
        snprintf(out, size, "%s.rectify-%s.orig", name, id);
    else
        snprintf(out, size, "%s.rectify-%s.%d.orig", name, id, number);
}

/* A file with these bytes and the attributes of the old one, flushed. */
static bool write_file(struct swap *s, const char *name, struct span bytes, struct err *e)
{
    struct disk_file f = {0};
    bool ok = disk_unlink("hive.clean", s->dir, name, e) &&
              disk_create(s->at->create, s->dir, name, &f, e);
    if (!ok)
        return false;
    ok = (bytes.len == 0 || disk_write(s->at->write, &f, bytes.ptr, bytes.len, e)) &&
         disk_copy_attributes(s->at->attributes, &f, s->old, e) && disk_sync(s->at->sync, &f, e);
    disk_close(&f);
    return ok;
}

/* Where there are no second names: a copy, which becomes the kept one when it is whole. */
static bool keep_copy(struct swap *s, struct err *e)
{
    struct stat st;
    uint8_t *bytes = fstat(s->old, &st) == 0 ? malloc((size_t)st.st_size + 1) : NULL;
    if (!bytes)
        return err_set(e, ERR_NOMEM, 0, "no memory to keep the original");
    ssize_t n = pread(s->old, bytes, (size_t)st.st_size, 0);
    bool ok = n == (ssize_t)st.st_size || err_set(e, ERR_IO, 0, "the original cannot be read");
    snprintf(s->spare, sizeof s->spare, "%s.rectify-%s.keep.new", s->name, s->id);
    ok = ok && write_file(s, s->spare, span_of(bytes, (size_t)n), e) &&
         disk_rename(s->at->keep, s->dir, s->spare, s->kept, e);
    free(bytes);
    return ok;
}

/* The old file stays under another name.  One that a stopped run gave it is found again. */
static bool keep(struct swap *s, struct err *e)
{
    bool unsupported = false;
    for (int number = 1; number <= COPIES_MAX; number++) {
        kept_name(s->name, s->id, number, s->kept, sizeof s->kept);
        if (is_same_file(s->dir, s->kept, s->old))
            return disk_sync_dir(s->at->keep_sync, s->dir, e);
        if (exists(s->dir, s->kept))
            continue;
        if (!disk_link(s->at->keep, s->dir, s->name, s->kept, &unsupported, e) &&
            !(unsupported && keep_copy(s, e)))
            return false;
        s->made_kept = true;
        return disk_sync_dir(s->at->keep_sync, s->dir, e);
    }
    return err_set(e, ERR_LIMIT, 0, "limit: %d kept originals of %s", COPIES_MAX, s->name);
}

/* Takes back what was not put in place; the first failure is what is told. */
static void clean(struct swap *s)
{
    struct err ignored = {0};
    (void)disk_unlink("hive.clean", s->dir, s->fresh, &ignored);
    if (s->spare[0])
        (void)disk_unlink("hive.clean", s->dir, s->spare, &ignored);
    if (s->made_kept)
        (void)disk_unlink("hive.clean", s->dir, s->kept, &ignored);
}

static bool swap_in(struct swap *s, struct span bytes, const struct offline_file *hive,
                    struct err *e)
{
    snprintf(s->fresh, sizeof s->fresh, "%s.rectify-%s.new", s->name, s->id);
    bool ok = write_file(s, s->fresh, bytes, e) && keep(s, e) &&
              (!hive || offline_file_unchanged(hive, e)) &&
              disk_rename(s->at->place, s->dir, s->fresh, s->name, e);
    if (!ok) {
        clean(s);
        return false;
    }
    return disk_sync_dir(s->at->place_sync, s->dir, e);
}

/* Empty logs in place of those that are not. */
static bool neutralise(struct offline_file *f, const char *id, struct err *e)
{
    bool ok = true;
    for (size_t i = 0; ok && i < f->logs; i++) {
        struct swap s = {.dir = f->dir, .at = &log_points, .name = f->log[i].name, .id = id};
        if (f->log[i].size == 0)
            continue;
        s.old = fd_keep(openat(disk_dir_fd(f->dir), s.name,
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        if (s.old < 0)
            return err_set(e, ERR_IO, 0, "cannot open %s: %s", s.name, strerror(errno));
        ok = swap_in(&s, span_of("", 0), NULL, e);
        fd_close(s.old);
    }
    return ok;
}

/* ---- leftovers ------------------------------------------------------------------------------ */

static bool ends_with(struct str s, struct str tail)
{
    return s.len >= tail.len && memcmp(s.ptr + s.len - tail.len, tail.ptr, tail.len) == 0;
}

/* <HIVE>[.LOG*].rectify-<16 hex digits>[.keep].new: of a run that was stopped, since the hive is
 * locked now. */
static bool is_leftover(struct str name, struct str hive)
{
    static const char *const logs[] = {"", ".LOG", ".LOG1", ".LOG2"};
    const struct str mark = STR(".rectify-");
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        struct str log = str_of(logs[i]);
        size_t front = hive.len + log.len, id = front + mark.len;
        if (name.len < id + OFFLINE_ID + 4 || !str_ieq((struct str){name.ptr, hive.len}, hive) ||
            !str_ieq((struct str){name.ptr + hive.len, log.len}, log) ||
            memcmp(name.ptr + front, mark.ptr, mark.len) != 0 ||
            strspn(name.ptr + id, "0123456789abcdef") != OFFLINE_ID)
            continue;
        struct str tail = {name.ptr + id + OFFLINE_ID, name.len - id - OFFLINE_ID};
        return str_eq(tail, STR(".new")) || str_eq(tail, STR(".keep.new"));
    }
    return false;
}

static bool remove_leftovers(struct offline_file *f, struct err *e)
{
    bool ok = true;
    int fd = openat(disk_dir_fd(f->dir), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return err_set(e, ERR_IO, 0, "cannot read the folder: %s", strerror(errno));
    }
    for (const struct dirent *de; ok && (de = readdir(dir));) {
        struct str name = str_of(de->d_name);
        if (ends_with(name, STR(".new")) && is_leftover(name, str_of(f->name)))
            ok = disk_unlink("hive.clean", f->dir, de->d_name, e);
    }
    closedir(dir);
    return ok;
}

/* ---- a hive --------------------------------------------------------------------------------- */

bool offline_place(struct offline_file *f, struct span bytes, const char *id, struct err *e)
{
    struct swap s = {.dir = f->dir, .at = &hive_points, .name = f->name, .id = id, .old = f->fd};
    return remove_leftovers(f, e) && offline_file_unchanged(f, e) && swap_in(&s, bytes, f, e) &&
           neutralise(f, id, e);
}

bool offline_tidy(struct offline_file *f, const char *id, struct err *e)
{
    char kept[OFFLINE_NAME + 48];
    if (!remove_leftovers(f, e))
        return false;
    kept_name(f->name, id, 1, kept, sizeof kept);
    /* The hive is clean by itself, so that it needs no log; that of another run is not touched. */
    if (f->replayed || !exists(f->dir, kept) || is_same_file(f->dir, kept, f->fd))
        return true;
    return neutralise(f, id, e);
}
