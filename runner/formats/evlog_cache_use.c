/* An index from kept rows and from the chunks that are new.
 *
 * As a rule nothing of what is kept moves: a log grows at its end, and the columns have room there.
 * Where a chunk in the middle has another number of records now, all rows are put together in
 * memory. */
#include <stdlib.h>

#include "base/utf16.h"
#include "formats/evlog_cache_layout.h"
#include "formats/evtx_scan.h"

struct merge {
    struct evlog_cache *cache;
    const struct evlog_cache_log *now;
    struct evlog_cache_owner owner;
    struct evlog log;
    bool *known;              /* per slot: its rows are kept */
    struct evtx_rows **fresh; /* per slot: the rows of one that was read */
    uint32_t *worker;         /* per slot: whose names those use */
    struct evtx_names names;
};

static bool same_slot(const struct merge *m, uint64_t slot)
{
    const struct evlog_cache_log *now = m->now;
    if (now->heads)
        return evlog_cache_same_head(m->cache, slot, now->heads + slot * EVLOG_CACHE_HEAD);
    return (slot + now->slots - now->from) % now->slots >= now->changed;
}

/* What is kept: intact chunks that are the same, but for the newest and the last one. */
static uint64_t choose(struct merge *m, struct evlog_cache_cost *cost)
{
    const struct evlog_cache *c = m->cache;
    uint64_t slots = c->slots < m->now->slots ? c->slots : m->now->slots, known_id = 0;
    uint64_t newest = evlog_cache_newest(c);
    cost->changed = m->now->slots - slots;
    cost->reread = m->now->slots;
    for (uint64_t i = 0; i < slots; i++) {
        uint64_t end = c->first_chunk + (i + 1) * EVTX_CHUNK_SIZE;
        bool same = same_slot(m, i);
        cost->changed += !same;
        m->known[i] = same && i != newest && c->slot[i].intact && end <= m->now->bytes.len &&
                      i + 1 < m->now->slots;
    }
    for (uint64_t i = 0; i < slots; i++) {
        cost->reread -= m->known[i];
        if (m->known[i] && c->slot[i].last_id > known_id)
            known_id = c->slot[i].last_id;
    }
    return known_id;
}

static bool take(void *ctx, struct evtx_worker *w, const struct evtx_chunk *c, uint64_t slot,
                 const struct evtx_rows *rows)
{
    struct merge *m = ctx;
    (void)c;
    m->worker[slot] = w->index;
    if (rows->count == 0)
        return true;
    m->fresh[slot] = malloc(sizeof **m->fresh);
    if (!m->fresh[slot])
        return false;
    *m->fresh[slot] = *rows;
    return true;
}

static uint64_t rows_of(const struct merge *m, uint64_t slot)
{
    if (m->known[slot])
        return m->cache->slot[slot].rows;
    return m->fresh[slot] ? m->fresh[slot]->count : 0;
}

/* The number of rows, and whether every kept row stays where it is. */
static bool stays(const struct merge *m, uint64_t *count)
{
    uint64_t old = 0, row = 0;
    bool same = true;
    for (uint64_t i = 0; i < m->now->slots; i++) {
        same = same && (!m->known[i] || old == row);
        old += i < m->cache->slots ? m->cache->slot[i].rows : 0;
        row += rows_of(m, i);
    }
    *count = row;
    return same && row <= m->cache->room;
}

static struct cache_rows kept_rows(const struct merge *m)
{
    return (struct cache_rows){.slot = m->cache->slot,
                               .first_chunk = m->cache->first_chunk,
                               .names = m->cache->name_count,
                               .head = m->now->head,
                               .fd = m->now->fd};
}

/* Kept rows copied to where they belong now. */
static bool move(struct merge *m, uint64_t count)
{
    struct cache_head old = {.slots = m->cache->slots, .rows = m->cache->rows};
    struct cache_head head = {.rows = count, .room = count};
    struct cache_place from, to;
    struct evlog kept = {0};
    const uint8_t *source[CACHE_COLUMNS], *target[CACHE_COLUMNS];
    old.room = m->cache->room;
    if (!cache_places(&old, &from) || !cache_places(&head, &to))
        return false;
    uint8_t *region = to.size <= SIZE_MAX ? malloc((size_t)to.size) : NULL;
    if (!region)
        return false;
    cache_columns_set(&kept, m->cache->bytes, &from);
    cache_columns_set(&m->log, region, &to);
    cache_columns_get(&kept, source);
    cache_columns_get(&m->log, target);
    uint64_t was = 0, row = 0;
    struct cache_rows of = kept_rows(m);
    bool good = true;
    for (uint64_t i = 0; i < m->now->slots && good; i++) {
        uint64_t n = rows_of(m, i);
        good = !m->known[i] || cache_rows_fit(&kept, &of, i, was);
        for (size_t k = 0; m->known[i] && k < CACHE_COLUMNS; k++)
            memcpy(region + (target[k] - region) + row * cache_width[k],
                   source[k] + was * cache_width[k], (size_t)n * cache_width[k]);
        was += i < m->cache->slots ? m->cache->slot[i].rows : 0;
        row += n;
    }
    m->log.owner = region;
    m->log.owner_free = free;
    return good;
}

static bool place(struct merge *m)
{
    uint64_t count;
    struct cache_head old = {.slots = m->cache->slots, .room = m->cache->room};
    struct cache_place p;
    bool same = stays(m, &count);
    m->log.count = (size_t)count;
    if (!same)
        return move(m, count);
    if (!cache_places(&old, &p))
        return false;
    cache_columns_set(&m->log, m->cache->bytes, &p);
    m->log.owner = m->owner.owner;
    m->log.owner_free = m->owner.free;
    return true;
}

static bool map_name(struct merge *m, const struct evtx_names *own, uint16_t number, uint16_t *out)
{
    int32_t n = evtx_names_add(&m->names, own->key[number]);
    *out = (uint16_t)n;
    return n >= 0;
}

static bool write_fresh(struct merge *m, const struct evtx_scan *s, uint64_t slot, uint64_t base)
{
    const struct evtx_rows *r = m->fresh[slot];
    const struct evtx_names *own = &s->worker[m->worker[slot]].names;
    struct evlog *log = &m->log;
    for (uint32_t i = 0; i < r->count; i++) {
        uint64_t row = base + i;
        log->time[row] = r->time[i];
        log->record_id[row] = r->record_id[i];
        log->offset[row] = m->now->first_chunk + slot * EVTX_CHUNK_SIZE + r->at[i];
        log->size[row] = r->size[i];
        log->event_id[row] = r->event_id[i];
        log->level[row] = r->level[i];
        if (!map_name(m, own, r->provider[i], &log->provider[row]) ||
            !map_name(m, own, r->channel[i], &log->channel[row]))
            return false;
    }
    return true;
}

/* Names keep their numbers; what UTF-8 cannot tell apart would change them. */
static bool keep_names(struct merge *m)
{
    for (size_t i = 0; i < m->cache->name_count; i++) {
        struct span key = utf8_to_utf16(&m->log.mem, m->cache->names[i]);
        if (evtx_names_add(&m->names, key) != (int32_t)i)
            return false;
    }
    return true;
}

static bool fill(struct merge *m, const struct evtx_scan *s)
{
    uint64_t row = 0;
    for (uint64_t i = 0; i < m->now->slots; i++) {
        if (m->fresh[i] && !write_fresh(m, s, i, row))
            return false;
        row += rows_of(m, i);
    }
    return evtx_index_names(&m->log, &m->names);
}

/* What was kept of the slots, and what the new ones hold. */
static bool parts(struct merge *m, bool in_place)
{
    struct evlog *log = &m->log;
    size_t slots = (size_t)m->now->slots;
    struct evlog_doubt *doubt = ARENA_NEW(&log->mem, struct evlog_doubt);
    bool *todo = ARENA_ARRAY(&log->mem, slots + 1, bool);
    log->part = ARENA_ARRAY(&log->mem, slots + 1, struct evlog_part);
    if (!doubt || !todo || !log->part)
        return false;
    uint64_t row = 0;
    for (size_t i = 0; i < slots; row += log->part[i++].count) {
        todo[i] = m->known[i];
        if (!m->known[i]) {
            evlog_sum_up(log, row, rows_of(m, i), &log->part[i]);
            continue;
        }
        const struct evlog_cache_slot *s = &m->cache->slot[i];
        log->part[i] = (struct evlog_part){.row = row,
                                           .count = s->rows,
                                           .time_from = s->time_from,
                                           .time_to = s->time_to,
                                           .first_id = s->first_id,
                                           .bytes = s->bytes,
                                           .even = s->even};
    }
    log->parts = slots;
    *doubt = (struct evlog_doubt){kept_rows(m), todo, false};
    log->doubt = in_place ? doubt : NULL;
    return true;
}

static bool run(struct merge *m, unsigned jobs, uint64_t known_id, uint64_t reread, struct err *e)
{
    uint64_t threads = reread / EVTX_RANGE + 1; /* a thread costs more than a few chunks */
    struct evtx_scan s = {.file = m->now->bytes,
                          .jobs = threads < jobs ? (unsigned)threads : jobs,
                          .ctx = m,
                          .rows = take,
                          .known = m->known,
                          .known_id = known_id};
    bool ok = evtx_scan_run(&s, e);
    /* The header is read anew by the scan: the file may have changed under us. */
    ok = ok && (s.header.slots == m->now->slots && s.header.first_chunk == m->now->first_chunk);
    if (ok &&
        !(keep_names(m) && place(m) && fill(m, &s) && parts(m, m->log.owner == m->owner.owner)))
        ok = err_set(e, ERR_NOMEM, 0, "out of memory, or more names than can be kept");
    /* Damage is dated by the rows around it. */
    ok = ok && (s.damage_total == 0 || evlog_rows_all(&m->log));
    if (ok)
        evtx_index_results(&m->log, &s);
    ok = ok && evlog_fold_names(&m->log, e);
    evtx_scan_done(&s);
    return ok;
}

bool evlog_cache_use(struct evlog_cache *c, const struct evlog_cache_log *now, unsigned jobs,
                     struct evlog_cache_owner owner, struct evlog *out,
                     struct evlog_cache_cost *cost, struct err *e)
{
    struct merge m = {
        .cache = c, .now = now, .owner = owner, .log = {.kind = EVLOG_EVTX, .bytes = now->bytes}};
    if (!now->closed || c->first_chunk != now->first_chunk)
        return err_set(e, ERR_UNSUPPORTED, 0, "the log was not closed");
    arena_init(&m.log.mem, ARENA_DEFAULT_CAP);
    evtx_names_init(&m.names);
    m.known = calloc((size_t)now->slots + 1, sizeof *m.known);
    m.fresh = calloc((size_t)now->slots + 1, sizeof *m.fresh);
    m.worker = calloc((size_t)now->slots + 1, sizeof *m.worker);
    bool ok = m.known && m.fresh && m.worker;
    if (ok) {
        uint64_t known_id = choose(&m, cost);
        ok = run(&m, jobs, known_id, cost->reread, e);
    }
    for (uint64_t i = 0; m.fresh && i < now->slots; i++)
        free(m.fresh[i]);
    free(m.known);
    free(m.fresh);
    free(m.worker);
    evtx_names_done(&m.names);
    if (ok && m.log.owner != owner.owner)
        owner.free(owner.owner);
    if (!ok) {
        if (m.log.owner == owner.owner) /* columns of the caller */
            m.log = (struct evlog){.kind = EVLOG_EVTX, .mem = m.log.mem};
        evlog_close(&m.log);
        return err_set(e, ERR_NOMEM, 0, "the kept index does not serve");
    }
    *out = m.log;
    return true;
}
