#include "host/log_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "formats/evlog_cache.h"
#include "host/fd.h"

enum { NAME_SIZE = 64, SAMPLES = 128, SLOTS_MAX = 1 << 24 };
#define SETTLED UINT64_C(2000000000) /* ns: coarser than any clock of a file system */

struct log_cache {
    int folder;
};

static bool ours(const struct stat *st)
{
    return st->st_uid == geteuid() && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool log_cache_open(const char *dir, struct log_cache **out, struct err *e)
{
    struct stat st;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return err_set(e, ERR_IO, 0, "cannot make it: %s", strerror(errno));
    int fd = fd_keep(open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (fd < 0)
        return err_set(e, ERR_IO, 0, "%s", strerror(errno));
    struct log_cache *c = NULL;
    if (fstat(fd, &st) != 0 || !ours(&st))
        err_set(e, ERR_DENIED, 0, "it is not this user's, or others may write to it");
    else if (!(c = malloc(sizeof *c)))
        err_set(e, ERR_NOMEM, 0, "out of memory");
    if (!c) {
        fd_close(fd);
        return false;
    }
    c->folder = fd;
    *out = c;
    return true;
}

void log_cache_close(struct log_cache *c)
{
    if (c)
        fd_close(c->folder);
    free(c);
}

/* ---- the log ---- */

struct look {
    struct evlog_cache_log log;
    struct evlog_cache_file file;
    char name[NAME_SIZE];
    uint64_t seen;
};

static uint64_t clock_now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Not through the mapping: that would cost a page fault a chunk. */
static void read_at(int fd, uint64_t at, uint8_t out[EVLOG_CACHE_HEAD])
{
    if (pread(fd, out, EVLOG_CACHE_HEAD, (off_t)at) != EVLOG_CACHE_HEAD)
        memset(out, 0, EVLOG_CACHE_HEAD);
}

static void read_head(const struct look *l, uint64_t slot, uint8_t out[EVLOG_CACHE_HEAD])
{
    enum { CHUNK = 65536 };
    read_at(l->log.fd, l->log.first_chunk + slot * CHUNK, out);
}

static bool same(const struct look *l, const struct evlog_cache *c, uint64_t slot)
{
    uint8_t head[EVLOG_CACHE_HEAD];
    read_head(l, slot, head);
    return evlog_cache_same_head(c, slot, head);
}

static bool read_heads(struct look *l)
{
    if (l->log.heads)
        return true;
    l->log.heads = malloc((size_t)l->log.slots * EVLOG_CACHE_HEAD + 1);
    for (uint64_t i = 0; l->log.heads && i < l->log.slots; i++)
        read_head(l, i, l->log.heads + i * EVLOG_CACHE_HEAD);
    return l->log.heads != NULL;
}

static void name_of(const struct file_map *m, char out[NAME_SIZE])
{
    snprintf(out, NAME_SIZE, "%llx-%llx.index", (unsigned long long)m->device,
             (unsigned long long)m->inode);
}

static bool look_at(int fd, const struct file_map *m, struct look *l)
{
    struct evlog_cache_file file = {m->device, m->inode, m->size, m->mtime, m->ctime};
    *l = (struct look){.log.fd = fd, .file = file, .seen = clock_now()};
    name_of(m, l->name);
    return m->bytes.len == m->size && evlog_cache_survey(m->bytes, &l->log, NULL) &&
           l->log.closed && l->log.slots <= SLOTS_MAX;
}

/* Reading a few chunks costs less than comparing all, or than writing an index anew. */
static uint64_t few(uint64_t slots)
{
    return slots / 64;
}

/* Of the slots that were not written since. */
static bool same_sample(const struct look *l, const struct evlog_cache *c)
{
    uint64_t slots = l->log.slots, step = c->slots / SAMPLES + 1, first = 0;
    if (!random_bytes(&first, sizeof first, NULL))
        return false;
    for (uint64_t i = first % step; i < c->slots; i += step)
        if ((i + slots - l->log.from) % slots >= l->log.changed && !same(l, c, i))
            return false;
    return true;
}

/* The same file as it was, and old enough then that a change would have shown. */
static bool unchanged(const struct look *l, const struct evlog_cache *c)
{
    const struct evlog_cache_file *a = &l->file, *b = &c->file;
    uint64_t newest = a->mtime > a->ctime ? a->mtime : a->ctime;
    if (a->device != b->device || a->inode != b->inode || a->size != b->size ||
        a->mtime != b->mtime || a->ctime != b->ctime || c->seen < newest ||
        c->seen - newest < SETTLED || l->log.slots != c->slots)
        return false;
    return same_sample(l, c);
}

/* The same log, written on in few places: from its newest chunk on, around the ring, up to the
 * first chunk that is what it was. */
static bool written_on(struct look *l, const struct evlog_cache *c)
{
    uint64_t most = few(l->log.slots), at = evlog_cache_newest(c), n = 0;
    if (c->first_chunk != l->log.first_chunk || c->slots > l->log.slots || c->slots == 0)
        return false;
    l->log.from = at = same(l, c, at) ? (at + 1) % l->log.slots : at;
    for (; n <= most && !same(l, c, at); n++)
        at = (at + 1) % l->log.slots;
    l->log.changed = n;
    if (n > most || !same_sample(l, c))
        return false;
    l->log.head = read_at;
    return true;
}

/* ---- a kept index ---- */

static void release(void *owner)
{
    struct file_map *m = owner;
    file_unmap(m);
    free(m);
}

void log_cache_forget(const struct log_cache *c, const struct file_map *m)
{
    char name[NAME_SIZE];
    name_of(m, name);
    unlinkat(c->folder, name, 0);
}

bool log_cache_intact(const struct evlog *log)
{
    return log->owner_free != release || file_intact(log->owner);
}

/* Mapped, private and writable: rows are added behind the kept ones. */
static struct file_map *map_kept(const struct log_cache *c, const char *name)
{
    struct stat st;
    struct file_map *m = NULL;
    int fd = openat(c->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && ours(&st) && (m = malloc(sizeof *m)) &&
        !file_map_fd(fd, m, NULL)) {
        free(m);
        m = NULL;
    }
    close(fd);
    if (m && (!m->mapped ||
              mprotect((void *)(uintptr_t)m->bytes.ptr, m->mapped, PROT_READ | PROT_WRITE) != 0)) {
        release(m);
        m = NULL;
    }
    return m;
}

static bool from_kept(const struct log_cache *c, struct look *l, unsigned jobs, struct evlog *out,
                      struct evlog_cache_cost *cost)
{
    struct evlog_cache kept;
    struct file_map *m = map_kept(c, l->name);
    if (!m)
        return false;
    struct evlog_cache_owner owner = {m, release};
    bool ok = evlog_cache_open((uint8_t *)(uintptr_t)m->bytes.ptr, m->bytes.len, &kept, NULL);
    if (ok) {
        ok = (unchanged(l, &kept) || written_on(l, &kept) || read_heads(l)) && file_intact(m) &&
             evlog_cache_use(&kept, &l->log, jobs, owner, out, cost, NULL);
        evlog_cache_close(&kept);
    }
    if (!ok)
        release(m);
    return ok;
}

/* ---- keeping one ---- */

static bool write_image(int fd, const struct evlog_cache_image *image)
{
    bool ok = fd_resize(fd, image->size, NULL);
    for (size_t i = 0; ok && i < EVLOG_CACHE_PARTS; i++)
        ok = fd_write_at(fd, image->part[i].bytes.ptr, image->part[i].bytes.len, image->part[i].at,
                         NULL);
    return ok;
}

/* A failure leaves the folder as it was: the next run reads the log again. */
static void keep(const struct log_cache *c, const struct look *l, const struct evlog *log)
{
    struct evlog_cache_image image;
    char name[NAME_SIZE + 32];
    uint64_t number = 0;
    if (!random_bytes(&number, sizeof number, NULL) ||
        !evlog_cache_make(log, &l->log, &l->file, l->seen, &image))
        return;
    snprintf(name, sizeof name, "%s.%016llx", l->name, (unsigned long long)number);
    int fd = openat(c->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) {
        bool ok = write_image(fd, &image);
        ok = close(fd) == 0 && ok;
        if (!ok || renameat(c->folder, name, c->folder, l->name) != 0)
            unlinkat(c->folder, name, 0);
    }
    evlog_cache_image_done(&image);
}

bool log_cache_index(const struct log_cache *c, int fd, const struct file_map *m, unsigned jobs,
                     struct evlog *out, struct log_cache_use *use, struct err *e)
{
    struct look l;
    struct evlog_cache_cost cost = {0};
    *use = (struct log_cache_use){0};
    if (!look_at(fd, m, &l))
        return evlog_open(m->bytes, jobs, out, e);
    bool ok = true;
    use->used = from_kept(c, &l, jobs, out, &cost);
    use->chunks = l.log.slots;
    use->reread = cost.reread;
    /* What will be kept of the chunks is read before the chunks are. */
    bool write = use->used ? cost.changed > few(l.log.slots) : read_heads(&l);
    if (!use->used)
        ok = evlog_open(m->bytes, jobs, out, e);
    if (ok && write && file_intact(m))
        keep(c, &l, out);
    free(l.log.heads);
    return ok;
}
