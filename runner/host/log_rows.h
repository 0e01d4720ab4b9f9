/* Rows of a log in an order that queries can use: by provider and id, then by time.  Made once for
 * a window, or for all rows of a log that is asked often; a query then touches its own rows only,
 * and most need but the ends of a range.  Four bytes a row. */
#pragma once

#include "formats/evlog.h"

struct log_bucket {
    uint32_t key; /* provider (the first of its spellings) << 16 | id */
    size_t first, count;
    bool sorted;     /* by time; done when first asked for */
    uint16_t *image; /* of its rows: number + 1, 0 = not looked for yet; or NULL */
};

struct log_rows {
    uint64_t since, until; /* the window: rows out of it may be missing */
    uint32_t *row;         /* by bucket; in a sorted one by time, then record id */
    struct log_bucket *bucket;
    size_t buckets;
};

/* False when memory ran out, or there are more rows than 32 bits count. */
bool log_rows_make(const struct evlog *log, uint64_t since, uint64_t until, struct log_rows *out);
void log_rows_done(struct log_rows *r);

/* The first bucket whose key is not below `key`. */
size_t log_rows_find(const struct log_rows *r, uint32_t key);

/* Rows of a bucket in [since, until] (0 = open): positions in `row`.  False without memory. */
bool log_rows_window(const struct log_rows *r, const struct evlog *log, struct log_bucket *b,
                     uint64_t since, uint64_t until, size_t *from, size_t *to);

/* Bytes of records by time: sums of blocks of parts, so that a window costs few of them. */
struct log_bytes {
    struct log_block *block;
    size_t blocks;
};
bool log_bytes_make(const struct evlog *log, struct log_bytes *out);
void log_bytes_done(struct log_bytes *b);
uint64_t log_bytes_between(const struct log_bytes *b, const struct evlog *log, uint64_t from,
                           uint64_t to);

/* Older than, by time and then record id. */
static inline bool log_older(const struct evlog *log, size_t a, size_t b)
{
    if (log->time[a] != log->time[b])
        return log->time[a] < log->time[b];
    return log->record_id[a] < log->record_id[b];
}
