/* A folder that keeps the indexes of event logs between runs.
 *
 * A file of it is used only if this user owns it and nobody else may write it; the folder likewise.
 * Whatever is wrong with a kept index, the log is read instead.  New ones are written beside and
 * renamed, so that any number of processes may share the folder.
 *
 * A log whose device, inode, size and times are what they were, two seconds or more before it was
 * looked at, is the same: then a sample of its chunks' first bytes is compared.  One that was
 * written on in few places, behind its newest chunk, is read there; the first bytes of its other
 * chunks are compared when their rows are wanted, beside a sample chosen at random.  Else those of
 * all chunks are compared at once. */
#pragma once

#include "formats/evlog.h"
#include "host/file.h"

struct log_cache;

/* Made with mode 0700 when it is not there.  False: it cannot serve, and why. */
bool log_cache_open(const char *dir, struct log_cache **out, struct err *e);
void log_cache_close(struct log_cache *c);

/* How an index was had. */
struct log_cache_use {
    bool used;
    uint64_t chunks, reread;
};

/* evlog_open() of a mapped file, from the cache where it can be; `fd` is the file.  The kept index
 * is written anew when it served badly.  The cache is not changed: threads may share it. */
bool log_cache_index(const struct log_cache *c, int fd, const struct file_map *m, unsigned jobs,
                     struct evlog *out, struct log_cache_use *use, struct err *e);

/* The kept index proved to be spoiled (evlog_spoiled): it goes, so that the next run makes it anew.
 */
void log_cache_forget(const struct log_cache *c, const struct file_map *m);

/* False once a part of the kept index that the log lies in could not be read. */
bool log_cache_intact(const struct evlog *log);
