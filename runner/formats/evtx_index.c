/* The columns of an EVTX log, filled in place.
 *
 * How many records a chunk holds stands in its header, so every chunk's place in the columns is
 * known before the pass and threads write straight to it.  Where a header lies (a log that was not
 * closed, damage) its rows go to a block of their own, and the columns are put together again, one
 * after the other, so that never more than one is there twice. */
#include <stdlib.h>

#include "formats/evtx_scan.h"

struct place {
    uint64_t base;           /* first row */
    uint32_t cap;            /* rows kept free for the chunk */
    uint32_t count;          /* rows it has */
    uint32_t worker;         /* whose names its rows use */
    struct evtx_rows *spill; /* its rows, when more than cap */
};

struct build {
    struct evlog *log;
    struct place *place;
    uint64_t slots;
    bool uneven; /* some count is not its cap */
};

static void copy_rows(struct evlog *log, uint64_t base, uint64_t chunk_at,
                      const struct evtx_rows *r)
{
    size_t n = r->count;
    memcpy(log->time + base, r->time, n * sizeof *r->time);
    memcpy(log->record_id + base, r->record_id, n * sizeof *r->record_id);
    memcpy(log->size + base, r->size, n * sizeof *r->size);
    memcpy(log->event_id + base, r->event_id, n * sizeof *r->event_id);
    memcpy(log->provider + base, r->provider, n * sizeof *r->provider);
    memcpy(log->channel + base, r->channel, n * sizeof *r->channel);
    memcpy(log->level + base, r->level, n * sizeof *r->level);
    for (size_t i = 0; i < n; i++)
        log->offset[base + i] = chunk_at + r->at[i];
}

static bool take_rows(void *ctx, struct evtx_worker *w, const struct evtx_chunk *c, uint64_t slot,
                      const struct evtx_rows *rows)
{
    struct build *b = ctx;
    struct place *p = &b->place[slot];
    p->count = rows->count;
    p->worker = w->index;
    if (p->count <= p->cap) {
        copy_rows(b->log, p->base, c->at, rows);
        return true;
    }
    p->spill = malloc(sizeof *p->spill);
    if (!p->spill)
        return false;
    *p->spill = *rows;
    return true;
}

static void *column(size_t count, size_t size, bool *ok)
{
    void *p = count <= SIZE_MAX / size ? malloc(count ? count * size : 1) : NULL;
    *ok = *ok && p;
    return p;
}

static bool columns(struct evlog *log, size_t count, struct err *e)
{
    bool ok = true;
    log->time = column(count, sizeof *log->time, &ok);
    log->record_id = column(count, sizeof *log->record_id, &ok);
    log->offset = column(count, sizeof *log->offset, &ok);
    log->size = column(count, sizeof *log->size, &ok);
    log->event_id = column(count, sizeof *log->event_id, &ok);
    log->provider = column(count, sizeof *log->provider, &ok);
    log->channel = column(count, sizeof *log->channel, &ok);
    log->level = column(count, sizeof *log->level, &ok);
    return ok || err_set(e, ERR_NOMEM, 0, "no memory for %zu rows", count);
}

static uint64_t claimed_rows(struct span file, uint64_t at)
{
    struct span head;
    if (!span_sub(file, at, EVTX_CHUNK_HEADER, &head) || memcmp(head.ptr, "ElfChnk", 8) != 0)
        return 0;
    uint64_t first = load_u64(head.ptr + 24), last = load_u64(head.ptr + 32);
    return last >= first && last - first < EVTX_CHUNK_RECORDS ? last - first + 1 : 0;
}

static bool plan(struct build *b, struct span file, struct err *e)
{
    struct evtx_header h;
    if (!evtx_header_read(file, &h, e))
        return false;
    b->slots = h.slots;
    b->place = calloc((size_t)h.slots + 1, sizeof *b->place);
    if (!b->place)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    uint64_t total = 0;
    for (uint64_t i = 0; i < h.slots; i++) {
        b->place[i].base = total;
        b->place[i].cap = (uint32_t)claimed_rows(file, h.first_chunk + i * EVTX_CHUNK_SIZE);
        total += b->place[i].cap;
    }
    return columns(b->log, (size_t)total, e);
}

/* One column moved to its final places. */
static void *regroup(const struct build *b, void *old, size_t spill_at, size_t width)
{
    uint8_t *fresh = malloc(b->log->count ? b->log->count * width : 1), *to = fresh;
    for (uint64_t i = 0; fresh && i < b->slots; i++) {
        const struct place *p = &b->place[i];
        const uint8_t *from = p->spill ? (const uint8_t *)p->spill + spill_at
                                       : (const uint8_t *)old + p->base * width;
        memcpy(to, from, p->count * width);
        to += p->count * width;
    }
    free(old);
    return fresh;
}

static void spill_offsets(const struct build *b, uint64_t first_chunk)
{
    uint64_t row = 0;
    for (uint64_t i = 0; i < b->slots; row += b->place[i].count, i++)
        for (uint32_t k = 0; b->place[i].spill && k < b->place[i].count; k++)
            b->log->offset[row + k] = first_chunk + i * EVTX_CHUNK_SIZE + b->place[i].spill->at[k];
}

#define REGROUP(column)                                                                            \
    (log->column = regroup(b, log->column, offsetof(struct evtx_rows, column), sizeof *log->column))

static bool settle(struct build *b, uint64_t first_chunk, struct err *e)
{
    struct evlog *log = b->log;
    bool uneven = false;
    for (uint64_t i = 0; i < b->slots; i++) {
        log->count += b->place[i].count;
        uneven = uneven || b->place[i].count != b->place[i].cap;
    }
    if (!uneven)
        return true;
    bool ok = REGROUP(time) && REGROUP(record_id) && REGROUP(size) && REGROUP(event_id) &&
              REGROUP(provider) && REGROUP(channel) && REGROUP(level);
    /* Blocks hold offsets in the chunk, 4 bytes wide: moved as such nowhere, written afresh. */
    log->offset = ok ? regroup(b, log->offset, offsetof(struct evtx_rows, record_id), 8) : NULL;
    if (!ok || !log->offset)
        return err_set(e, ERR_NOMEM, 0, "no memory for %zu rows", log->count);
    spill_offsets(b, first_chunk);
    return true;
}

/* Numbers of the workers become numbers of the log, by first appearance. */

static bool map_name(struct evtx_names *all, const struct evtx_names *own, uint16_t *map,
                     uint16_t *number)
{
    uint16_t n = map[*number];
    if (n == UINT16_MAX) {
        int32_t added = evtx_names_add(all, own->key[*number]);
        if (added < 0)
            return false;
        n = map[*number] = (uint16_t)added;
    }
    *number = n;
    return true;
}

static bool renumber(struct build *b, struct evtx_scan *s, struct evtx_names *all, uint16_t **map)
{
    uint64_t row = 0;
    for (uint64_t i = 0; i < b->slots; i++) {
        const struct place *p = &b->place[i];
        const struct evtx_names *own = &s->worker[p->worker].names;
        for (uint32_t k = 0; k < p->count; k++, row++)
            if (!map_name(all, own, map[p->worker], &b->log->provider[row]) ||
                !map_name(all, own, map[p->worker], &b->log->channel[row]))
                return false;
    }
    return true;
}

bool evtx_index_names(struct evlog *log, const struct evtx_names *all)
{
    log->name_count = all->count;
    log->names = ARENA_ARRAY(&log->mem, (size_t)all->count + 1, struct str);
    for (uint32_t i = 0; log->names && i < all->count; i++) {
        log->names[i] = str_dup(&log->mem, all->text[i]);
        if (!log->names[i].ptr)
            return false;
    }
    return log->names != NULL;
}

static bool name_rows(struct build *b, struct evtx_scan *s, struct err *e)
{
    struct evtx_names all;
    evtx_names_init(&all);
    uint16_t **map = calloc(s->jobs, sizeof *map);
    bool ok = map != NULL;
    for (unsigned i = 0; ok && i < s->jobs; i++) {
        size_t bytes = ((size_t)s->worker[i].names.count + 1) * sizeof **map;
        map[i] = malloc(bytes);
        ok = map[i] != NULL;
        if (ok)
            memset(map[i], 0xFF, bytes);
    }
    ok = ok && renumber(b, s, &all, map) && evtx_index_names(b->log, &all);
    for (unsigned i = 0; map && i < s->jobs; i++)
        free(map[i]);
    free(map);
    evtx_names_done(&all);
    return ok || err_set(e, ERR_LIMIT, 0, "no memory, or more than %d names", EVTX_NAMES_MAX);
}

static size_t row_at(const struct evlog *log, uint64_t offset)
{
    size_t lo = 0, hi = log->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (log->offset[mid] < offset)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The rows on both sides of a damaged place; of a suspect chunk those on both sides of the chunk.
 * A ring's newest chunk lies before its oldest one: what was lost between them is of unknown age.
 */
static void date_damage(const struct evlog *log, struct evlog_damage *d)
{
    if (d->at >= log->bytes.len)
        return; /* what is missing behind the file's end may be of any age */
    size_t before = row_at(log, d->at);
    size_t behind = d->suspect ? row_at(log, d->at + EVTX_CHUNK_SIZE) : before;
    uint64_t from = before ? log->time[before - 1] : 0;
    uint64_t to = behind < log->count ? log->time[behind] : 0;
    bool wraps =
        before && behind < log->count && log->record_id[behind] < log->record_id[before - 1];
    d->time_from = wraps ? 0 : from;
    d->time_to = wraps ? 0 : to;
}

static size_t newest_row(const struct evlog *log)
{
    size_t newest = 0;
    for (size_t i = 1; i < log->count; i++)
        if (log->record_id[i] >= log->record_id[newest])
            newest = i;
    return newest;
}

/* Windows writes a chunk's checksums when it is done with it: in a log that was not closed, the
 * newest chunk's may lag behind its records. */
static void spare_open_chunk(struct evlog *log, bool open)
{
    if (!open || log->count == 0)
        return;
    uint64_t at = log->offset[newest_row(log)];
    for (size_t i = 0; i < log->damage_count; i++) {
        struct evlog_damage *d = &log->damage[i];
        if (d->suspect && d->at <= at && at - d->at < EVTX_CHUNK_SIZE)
            d->suspect = false;
    }
}

void evtx_index_results(struct evlog *log, const struct evtx_scan *s)
{
    log->dirty = (s->header.flags & 1) || s->header.chunks != (s->chunks & 0xFFFF);
    log->header_bad = s->header.bad;
    log->chunks = s->chunks;
    log->chunks_bad_header = s->bad_header;
    log->chunks_bad_data = s->bad_data;
    log->records_undecodable = s->undecodable;
    log->damage_total = s->damage_total;
    log->damage_count =
        s->damage_total < EVLOG_DAMAGE_LISTED ? (size_t)s->damage_total : EVLOG_DAMAGE_LISTED;
    memcpy(log->damage, s->damage, sizeof log->damage);
    spare_open_chunk(log, (s->header.flags & 1) != 0);
    for (size_t i = 0; i < log->damage_count; i++)
        date_damage(log, &log->damage[i]);
}

bool evtx_index(struct span bytes, unsigned jobs, struct evlog *out, struct err *e)
{
    struct evlog log = {.kind = EVLOG_EVTX, .bytes = bytes};
    struct build b = {.log = &log};
    arena_init(&log.mem, ARENA_DEFAULT_CAP);
    struct evtx_scan s = {.file = bytes, .jobs = jobs, .ctx = &b, .rows = take_rows};
    bool ok = plan(&b, bytes, e) && evtx_scan_run(&s, e) && settle(&b, s.header.first_chunk, e) &&
              name_rows(&b, &s, e);
    if (ok)
        evtx_index_results(&log, &s);
    for (uint64_t i = 0; b.place && i < b.slots; i++)
        free(b.place[i].spill);
    free(b.place);
    evtx_scan_done(&s);
    if (!ok) {
        evlog_close(&log);
        return false;
    }
    *out = log;
    return true;
}
