#include "host/log_rows.h"

#include <stdlib.h>

enum { BLOCK = 16 }; /* parts */

/* ---- buckets ---- */

struct table {
    struct log_bucket *bucket;
    uint32_t *slot; /* open addressing: number + 1 */
    size_t used, cap;
};

static bool grow(struct table *t)
{
    size_t cap = t->cap ? t->cap * 2 : 256;
    struct log_bucket *b = realloc(t->bucket, cap * sizeof *b);
    if (b)
        t->bucket = b;
    uint32_t *slot = b ? calloc(cap * 2, sizeof *slot) : NULL;
    if (!slot)
        return false;
    free(t->slot);
    t->slot = slot;
    t->cap = cap;
    for (size_t i = 0; i < t->used; i++) {
        size_t at = t->bucket[i].key * UINT32_C(0x9E3779B1) & (cap * 2 - 1);
        while (slot[at])
            at = (at + 1) & (cap * 2 - 1);
        slot[at] = (uint32_t)i + 1;
    }
    return true;
}

/* The bucket's number, made when new; SIZE_MAX without memory. */
static size_t number_of(struct table *t, uint32_t key)
{
    if (t->used == t->cap && !grow(t))
        return SIZE_MAX;
    size_t mask = t->cap * 2 - 1, at = key * UINT32_C(0x9E3779B1) & mask;
    for (; t->slot[at]; at = (at + 1) & mask)
        if (t->bucket[t->slot[at] - 1].key == key)
            return t->slot[at] - 1;
    t->bucket[t->used] = (struct log_bucket){.key = key};
    t->slot[at] = (uint32_t)++t->used;
    return t->used - 1;
}

static uint32_t key_of(const struct evlog *log, size_t row)
{
    return (uint32_t)log->fold[log->provider[row]] << 16 | log->event_id[row];
}

static int by_key(const void *a, const void *b)
{
    const struct log_bucket *x = a, *y = b;
    return x->key < y->key ? -1 : x->key > y->key;
}

/* A part that may hold rows of the window, and can be read. */
static bool concerns(const struct evlog *log, size_t part, uint64_t since, uint64_t until)
{
    const struct evlog_part *p = &log->part[part];
    return p->count && p->time_to >= since && p->time_from <= until && evlog_rows(log, part);
}

/* Number of rows; SIZE_MAX without memory. */
static size_t count_rows(const struct evlog *log, uint64_t since, uint64_t until, struct table *t)
{
    size_t rows = 0;
    for (size_t k = 0; k < log->parts; k++) {
        const struct evlog_part *p = &log->part[k];
        if (!concerns(log, k, since, until))
            continue;
        rows += (size_t)p->count;
        for (size_t i = (size_t)p->row; i < p->row + p->count; i++) {
            size_t n = number_of(t, key_of(log, i));
            if (n == SIZE_MAX)
                return SIZE_MAX;
            t->bucket[n].count++;
        }
    }
    return rows;
}

/* Buckets in the order of their keys, empty, each with its place. */
static bool place_buckets(struct table *t)
{
    if (t->used)
        qsort(t->bucket, t->used, sizeof *t->bucket, by_key);
    size_t first = 0;
    for (size_t i = 0; i < t->used; i++) {
        t->bucket[i].first = first;
        first += t->bucket[i].count;
        t->bucket[i].count = 0;
    }
    t->cap = 0; /* numbers changed with the order */
    while (t->cap < t->used)
        t->cap = t->cap ? t->cap * 2 : 256;
    t->cap /= 2;
    return t->used == 0 || grow(t);
}

/* ---- order in a bucket ---- */

/* Where the ascending run that begins at `i` ends. */
static size_t run_end(const struct evlog *log, const uint32_t *row, size_t i, size_t count)
{
    for (i++; i < count && !log_older(log, row[i], row[i - 1]); i++)
        ;
    return i < count ? i : count;
}

/* Runs [from, mid) and [mid, to) become one; equal rows keep their order. */
static void merge(const struct evlog *log, const uint32_t *in, uint32_t *out, size_t from,
                  size_t mid, size_t to)
{
    size_t x = from, y = mid;
    for (size_t i = from; i < to; i++)
        out[i] = y == to || (x < mid && !log_older(log, in[y], in[x])) ? in[x++] : in[y++];
}

/* Rows come in few ascending runs: a log that wraps, or a clock that was set back. */
static bool sort(const struct evlog *log, uint32_t *row, size_t count)
{
    if (count == 0 || run_end(log, row, 0, count) == count)
        return true;
    uint32_t *other = malloc(count * sizeof *other), *in = row, *out = other;
    bool sorted = false;
    while (other && !sorted) {
        for (size_t from = 0, mid, to; from < count; from = to) {
            mid = run_end(log, in, from, count);
            to = mid < count ? run_end(log, in, mid, count) : count;
            merge(log, in, out, from, mid, to);
            sorted = from == 0 && to == count;
        }
        uint32_t *t = in;
        in = out;
        out = t;
    }
    if (other && in != row)
        memcpy(row, in, count * sizeof *row);
    free(other);
    return other != NULL;
}

bool log_rows_make(const struct evlog *log, uint64_t since, uint64_t until, struct log_rows *out)
{
    struct table t = {0};
    uint32_t *row = NULL;
    size_t rows = log->count < UINT32_MAX ? count_rows(log, since, until, &t) : SIZE_MAX;
    if (rows != SIZE_MAX && place_buckets(&t))
        row = malloc((rows + 1) * sizeof *row);
    for (size_t k = 0; row && k < log->parts; k++) {
        const struct evlog_part *p = &log->part[k];
        if (!concerns(log, k, since, until))
            continue;
        for (size_t i = (size_t)p->row; i < p->row + p->count; i++) {
            struct log_bucket *b = &t.bucket[number_of(&t, key_of(log, i))];
            row[b->first + b->count++] = (uint32_t)i;
        }
    }
    free(t.slot);
    if (!row)
        free(t.bucket);
    else
        *out = (struct log_rows){since, until, row, t.bucket, t.used};
    return row != NULL;
}

void log_rows_done(struct log_rows *r)
{
    for (size_t i = 0; i < r->buckets; i++)
        free(r->bucket[i].image);
    free(r->bucket);
    free(r->row);
    *r = (struct log_rows){0};
}

size_t log_rows_find(const struct log_rows *r, uint32_t key)
{
    size_t lo = 0, hi = r->buckets;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (r->bucket[mid].key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The first position in [lo, hi) whose time is not below `time`. */
static size_t at_time(const struct log_rows *r, const struct evlog *log, size_t lo, size_t hi,
                      uint64_t time)
{
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (log->time[r->row[mid]] < time)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool log_rows_window(const struct log_rows *r, const struct evlog *log, struct log_bucket *b,
                     uint64_t since, uint64_t until, size_t *from, size_t *to)
{
    size_t end = b->first + b->count;
    if (!b->sorted && !sort(log, r->row + b->first, b->count))
        return false;
    b->sorted = true;
    *from = at_time(r, log, b->first, end, since);
    *to = until == 0 || until == UINT64_MAX ? end : at_time(r, log, *from, end, until + 1);
    return true;
}

/* ---- bytes ---- */

struct log_block {
    uint64_t from, to, bytes;
};

bool log_bytes_make(const struct evlog *log, struct log_bytes *out)
{
    size_t blocks = log->parts / BLOCK + 1;
    struct log_block *b = calloc(blocks, sizeof *b);
    for (size_t i = 0; b && i < log->parts; i++) {
        struct log_block *k = &b[i / BLOCK];
        const struct evlog_part *p = &log->part[i];
        if (p->count == 0)
            continue;
        if (k->bytes == 0 || p->time_from < k->from)
            k->from = p->time_from;
        if (p->time_to > k->to)
            k->to = p->time_to;
        k->bytes += p->bytes;
    }
    *out = (struct log_bytes){b, b ? blocks : 0};
    return b != NULL;
}

void log_bytes_done(struct log_bytes *b)
{
    free(b->block);
    *b = (struct log_bytes){0};
}

static uint64_t part_between(const struct evlog *log, size_t part, uint64_t from, uint64_t to)
{
    const struct evlog_part *p = &log->part[part];
    uint64_t bytes = 0;
    if (p->count == 0 || p->time_to < from || p->time_from > to)
        return 0;
    if (p->time_from >= from && p->time_to <= to)
        return p->bytes;
    if (!evlog_rows(log, part))
        return 0;
    for (uint64_t row = p->row; row < p->row + p->count; row++)
        if (log->time[row] >= from && log->time[row] <= to)
            bytes += log->size[row];
    return bytes;
}

uint64_t log_bytes_between(const struct log_bytes *b, const struct evlog *log, uint64_t from,
                           uint64_t to)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < b->blocks; i++) {
        const struct log_block *k = &b->block[i];
        if (k->bytes == 0 || k->to < from || k->from > to)
            continue;
        if (k->from >= from && k->to <= to) {
            bytes += k->bytes;
            continue;
        }
        for (size_t p = i * BLOCK; p < (i + 1) * BLOCK && p < log->parts; p++)
            bytes += part_between(log, p, from, to);
    }
    return bytes;
}
