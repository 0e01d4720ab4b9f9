/* The index of an EVTX log as bytes that outlive a run, so that a re-check reads only new chunks.
 *
 * The bytes hold the columns as struct evlog uses them, and of every chunk its first 128 bytes
 * (both checksums among them).  They are used in place: mapped privately, writable, never written
 * back.  evlog_cache_open() believes nothing: version, layout, checksum, and the bounds of every
 * name and chunk are checked before anything is used; bytes that fail are no cache.  The rows of a
 * chunk, their checksum and their bounds, are checked when somebody wants them: evlog_rows().
 *
 * Rows are taken over only of chunks that were intact and whose first 128 bytes are the same now.
 * The newest chunk, the file's last one, damaged chunks and places that held none are read again.
 * Where a log was written on, the first bytes of the other chunks are compared when somebody wants
 * their rows: to ask for all of them costs more than reading the new chunks.
 * Logs that were not closed and logs damaged in more places than are listed are not kept. */
#pragma once

#include "formats/evlog.h"

enum { EVLOG_CACHE_HEAD = 128 };

/* The file that the index was made of; times in ns since 1970. */
struct evlog_cache_file {
    uint64_t device, inode, size, mtime, ctime;
};

/* The first EVLOG_CACHE_HEAD bytes of the slot at `at` as they are now; zeroes where there are
 * none.
 */
typedef void evlog_cache_head_fn(int fd, uint64_t at, uint8_t out[EVLOG_CACHE_HEAD]);

/* A log as it is now.  `heads`: the first bytes of every slot, one after the other, read before the
 * log is looked at in any other way.  Without them `changed` slots from `from` on, around the ring,
 * are not what they were; all others are, unless `head` is set: then they are compared with it
 * when their rows are wanted. */
struct evlog_cache_log {
    struct span bytes;
    uint8_t *heads;
    uint64_t first_chunk, slots;
    uint64_t from, changed;
    evlog_cache_head_fn *head;
    int fd;      /* for `head`; open as long as the index made with it */
    bool closed; /* the header says so, and is intact */
};
/* False when the bytes are no EVTX file.  Sets `bytes` and what the file's header says. */
bool evlog_cache_survey(struct span bytes, struct evlog_cache_log *out, struct err *e);

struct evlog_cache_slot;

/* Checked bytes. */
struct evlog_cache {
    uint8_t *bytes;
    size_t len;
    struct evlog_cache_file file;
    uint64_t seen; /* when the log was looked at, ns since 1970 */
    uint64_t first_chunk, slots, rows, room;
    const struct evlog_cache_slot *slot;
    struct str *names;
    size_t name_count;
    struct arena mem; /* owns `names` */
};
bool evlog_cache_open(uint8_t *bytes, size_t len, struct evlog_cache *out, struct err *e);
void evlog_cache_close(struct evlog_cache *c);

/* The chunk's first bytes are what they were. */
bool evlog_cache_same_head(const struct evlog_cache *c, uint64_t slot, const uint8_t *head);

/* The slot that was written last. */
uint64_t evlog_cache_newest(const struct evlog_cache *c);

/* Whoever owns the cache's bytes. */
struct evlog_cache_owner {
    void *owner;
    void (*free)(void *owner);
};

/* The index of the log as it is now.  On success the log has taken over the owner (who may be freed
 * already when this returns); on failure the bytes are still the caller's, and changed.  `reread`:
 * chunks that were not taken from the cache, `changed` of them because they are not what they were.
 */
struct evlog_cache_cost {
    uint64_t reread, changed;
};
bool evlog_cache_use(struct evlog_cache *c, const struct evlog_cache_log *now, unsigned jobs,
                     struct evlog_cache_owner owner, struct evlog *out,
                     struct evlog_cache_cost *cost, struct err *e);

/* The bytes for a log.  False when this log is not kept, or memory ran out.  Parts are to be
 * written at their places; what lies between them is of no account (a hole will do). */
struct evlog_cache_part {
    uint64_t at;
    struct span bytes;
};
enum { EVLOG_CACHE_PARTS = 11 };
struct evlog_cache_image {
    struct evlog_cache_part part[EVLOG_CACHE_PARTS];
    uint64_t size;
    struct arena mem;
};
bool evlog_cache_make(const struct evlog *log, const struct evlog_cache_log *now,
                      const struct evlog_cache_file *file, uint64_t seen,
                      struct evlog_cache_image *out);
void evlog_cache_image_done(struct evlog_cache_image *image);

/* Puts the right checksums into bytes (tests and fuzzing: to reach what lies behind them). */
bool evlog_cache_seal(uint8_t *bytes, size_t len);
