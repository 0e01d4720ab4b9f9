/* Inside of evlog_cache: how the bytes lie.
 *
 * Sections follow each other in a fixed order, each on a page of its own; their places follow from
 * the counts in the header, so that there are no offsets to be wrong.  Columns have room for rows
 * to come. */
#pragma once

#include "formats/evlog_cache.h"

enum {
    CACHE_PAGE = 4096,
    CACHE_VERSION = 2,
    CACHE_COLUMNS = 8,
    CACHE_ROW_BYTES = 35,
    /* Sections: slots, the columns, names. */
    CACHE_SLOTS = 0,
    CACHE_FIRST_COLUMN = 1,
    CACHE_NAMES = CACHE_FIRST_COLUMN + CACHE_COLUMNS,
    CACHE_SECTIONS
};

struct evlog_cache_slot {
    uint8_t head[EVLOG_CACHE_HEAD];
    uint64_t last_id; /* greatest record number */
    uint32_t rows;
    uint32_t intact;
    uint64_t time_from, time_to, first_id, bytes; /* as in struct evlog_part */
    uint32_t even;
    uint32_t sum; /* of its rows' columns */
};

struct cache_head {
    char magic[16];
    uint32_t version;
    uint32_t layout; /* sizes and byte order of this build */
    struct evlog_cache_file file;
    uint64_t seen, first_chunk, slots, rows, room, names, name_bytes;
    uint32_t slot_sum, name_sum; /* of their sections */
    uint32_t sum;                /* of all of the above */
};

struct cache_place {
    uint64_t at[CACHE_SECTIONS];
    uint64_t used[CACHE_SECTIONS]; /* bytes that count */
    uint64_t size;
};

/* False when the counts are absurd. */
bool cache_places(const struct cache_head *h, struct cache_place *out);

/* The columns of `log` as bytes; widths in the order of the sections. */
extern const uint8_t cache_width[CACHE_COLUMNS];
void cache_columns_set(struct evlog *log, uint8_t *base, const struct cache_place *p);
void cache_columns_get(const struct evlog *log, const uint8_t *out[CACHE_COLUMNS]);

/* What a slot's rows are held against. */
struct cache_rows {
    const struct evlog_cache_slot *slot;
    uint64_t first_chunk;
    size_t names;
    evlog_cache_head_fn *head; /* NULL = the chunks are known to be the same */
    int fd;
};
bool cache_rows_fit(const struct evlog *log, const struct cache_rows *of, uint64_t slot,
                    uint64_t row);

struct evlog_doubt {
    struct cache_rows of;
    bool *todo; /* per part, which is a slot */
    bool spoiled;
};

/* Of the columns of a slot's rows, one after the other. */
uint32_t cache_rows_sum(const struct evlog *log, uint64_t row, uint64_t count);

/* Magic, version and layout of this build. */
void cache_head_init(struct cache_head *h);
void cache_head_seal(struct cache_head *h);
