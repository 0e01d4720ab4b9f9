/* Opening and checking kept bytes; making them. */
#include "formats/evlog_cache.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "formats/evlog_cache_layout.h"
#include "formats/evtx.h"

bool evlog_cache_survey(struct span bytes, struct evlog_cache_log *out, struct err *e)
{
    struct evtx_header h;
    if (!evtx_header_read(bytes, &h, e))
        return false;
    out->bytes = bytes;
    out->first_chunk = h.first_chunk;
    out->slots = h.slots;
    out->closed = !h.bad && !(h.flags & 1);
    return true;
}

/* ---- checking ---- */

static bool head_of(const uint8_t *bytes, size_t len, struct cache_head *h, struct cache_place *p)
{
    struct cache_head want;
    if (len < CACHE_PAGE)
        return false;
    memcpy(h, bytes, sizeof *h);
    cache_head_init(&want);
    return memcmp(h->magic, want.magic, sizeof h->magic) == 0 && h->version == want.version &&
           h->layout == want.layout && cache_places(h, p) && p->size == len;
}

static uint32_t section_sum(const uint8_t *bytes, const struct cache_place *p, int section)
{
    return libdeflate_crc32(0, bytes + p->at[section], (size_t)p->used[section]);
}

static bool names_of(const struct cache_head *h, const struct cache_place *p, struct evlog_cache *c)
{
    struct span section = {c->bytes + p->at[CACHE_NAMES], (size_t)p->used[CACHE_NAMES]};
    struct reader length = reader_of(section), text = reader_of(section);
    rd_seek(&text, h->names * 4);
    c->names = ARENA_ARRAY(&c->mem, (size_t)h->names + 1, struct str);
    for (size_t i = 0; c->names && i < h->names; i++) {
        struct span s = rd_bytes(&text, rd_u32(&length));
        c->names[i] = str_dup(&c->mem, (struct str){(const char *)s.ptr, s.len});
        if (text.bad || !c->names[i].ptr)
            return false;
    }
    c->name_count = (size_t)h->names;
    return c->names && rd_left(&text) == 0;
}

static bool slots_fit(const struct evlog_cache *c)
{
    uint64_t rows = 0;
    for (uint64_t i = 0; i < c->slots; i++) {
        const struct evlog_cache_slot *s = &c->slot[i];
        if (s->rows > EVTX_CHUNK_RECORDS || s->rows > c->rows - rows || s->intact > 1 ||
            s->even > 1 || s->time_from > s->time_to)
            return false;
        rows += s->rows;
    }
    return rows == c->rows && c->first_chunk <= c->file.size;
}

static bool same_chunk(const struct cache_rows *of, uint64_t slot)
{
    uint8_t head[EVLOG_CACHE_HEAD];
    if (!of->head)
        return true;
    of->head(of->fd, of->first_chunk + slot * EVTX_CHUNK_SIZE, head);
    return memcmp(of->slot[slot].head, head, EVLOG_CACHE_HEAD) == 0;
}

/* The chunk is what it was; every row lies in its own slot, behind the one before it, and its names
 * exist. */
bool cache_rows_fit(const struct evlog *log, const struct cache_rows *of, uint64_t slot,
                    uint64_t row)
{
    const struct evlog_cache_slot *s = &of->slot[slot];
    uint64_t begin = of->first_chunk + slot * EVTX_CHUNK_SIZE, end = begin + EVTX_CHUNK_SIZE;
    uint64_t at = begin + EVTX_CHUNK_HEADER;
    bool bad = !same_chunk(of, slot) || cache_rows_sum(log, row, s->rows) != s->sum;
    for (uint64_t i = row; i < row + s->rows; i++) {
        bad |= log->offset[i] < at || log->offset[i] >= end || log->size[i] > EVTX_CHUNK_SIZE ||
               log->record_id[i] > s->last_id || log->time[i] < s->time_from ||
               log->time[i] > s->time_to;
        at = log->offset[i] + log->size[i];
        bad |= at > end || log->provider[i] >= of->names || log->channel[i] >= of->names;
    }
    return !bad;
}

bool evlog_rows(const struct evlog *log, size_t part)
{
    struct evlog_doubt *d = log->doubt;
    if (!d || !d->todo[part])
        return true;
    if (!cache_rows_fit(log, &d->of, part, log->part[part].row))
        d->spoiled = true;
    else
        d->todo[part] = false;
    return !d->todo[part];
}

bool evlog_spoiled(const struct evlog *log)
{
    return log->doubt && log->doubt->spoiled;
}

bool evlog_cache_open(uint8_t *bytes, size_t len, struct evlog_cache *out, struct err *e)
{
    struct cache_head h;
    struct cache_place p;
    if (!head_of(bytes, len, &h, &p))
        return err_set(e, ERR_UNSUPPORTED, 0, "no index of this version");
    uint32_t sum = h.sum;
    cache_head_seal(&h);
    if (sum != h.sum || section_sum(bytes, &p, CACHE_SLOTS) != h.slot_sum ||
        section_sum(bytes, &p, CACHE_NAMES) != h.name_sum)
        return err_set(e, ERR_FORMAT, 0, "checksum mismatch");
    struct evlog_cache c = {.bytes = bytes,
                            .len = len,
                            .file = h.file,
                            .seen = h.seen,
                            .first_chunk = h.first_chunk,
                            .slots = h.slots,
                            .rows = h.rows,
                            .room = h.room};
    c.slot = (const void *)(bytes + p.at[CACHE_SLOTS]);
    arena_init(&c.mem, ARENA_DEFAULT_CAP);
    if (!names_of(&h, &p, &c) || !slots_fit(&c)) {
        evlog_cache_close(&c);
        return err_set(e, ERR_FORMAT, 0, "rows or names out of bounds");
    }
    *out = c;
    return true;
}

void evlog_cache_close(struct evlog_cache *c)
{
    arena_done(&c->mem);
    *c = (struct evlog_cache){0};
}

bool evlog_cache_same_head(const struct evlog_cache *c, uint64_t slot, const uint8_t *head)
{
    return slot < c->slots && memcmp(c->slot[slot].head, head, EVLOG_CACHE_HEAD) == 0;
}

uint64_t evlog_cache_newest(const struct evlog_cache *c)
{
    uint64_t newest = 0;
    for (uint64_t i = 0; i < c->slots; i++)
        if (c->slot[i].last_id > c->slot[newest].last_id)
            newest = i;
    return newest;
}

bool evlog_cache_seal(uint8_t *bytes, size_t len)
{
    struct cache_head h;
    struct cache_place p;
    if (!head_of(bytes, len, &h, &p))
        return false;
    struct evlog_cache_slot *slot = (void *)(bytes + p.at[CACHE_SLOTS]);
    struct evlog log = {.kind = EVLOG_EVTX};
    cache_columns_set(&log, bytes, &p);
    uint64_t row = 0;
    for (uint64_t i = 0; i < h.slots && slot[i].rows <= h.rows - row; row += slot[i++].rows)
        slot[i].sum = cache_rows_sum(&log, row, slot[i].rows);
    h.slot_sum = section_sum(bytes, &p, CACHE_SLOTS);
    h.name_sum = section_sum(bytes, &p, CACHE_NAMES);
    cache_head_seal(&h);
    memcpy(bytes, &h, sizeof h);
    return true;
}

/* ---- making ---- */

static void sum_up(const struct evlog *log, uint64_t row, struct evlog_cache_slot *slot)
{
    struct evlog_part p;
    evlog_sum_up(log, row, slot->rows, &p);
    slot->time_from = p.time_from;
    slot->time_to = p.time_to;
    slot->first_id = p.first_id;
    slot->bytes = p.bytes;
    slot->even = p.even;
    slot->sum = cache_rows_sum(log, row, slot->rows);
}

static bool fill_slots(const struct evlog *log, const struct evlog_cache_log *now,
                       struct evlog_cache_slot *slot)
{
    for (uint64_t i = 0; i < now->slots; i++) {
        memcpy(slot[i].head, now->heads + i * EVLOG_CACHE_HEAD, EVLOG_CACHE_HEAD);
        slot[i].intact = memcmp(slot[i].head, "ElfChnk", 8) == 0;
    }
    for (size_t row = 0; row < log->count; row++) {
        uint64_t i = (log->offset[row] - now->first_chunk) / EVTX_CHUNK_SIZE;
        if (i >= now->slots)
            return false;
        slot[i].rows++;
        if (log->record_id[row] > slot[i].last_id)
            slot[i].last_id = log->record_id[row];
    }
    for (size_t i = 0; i < log->damage_count; i++) {
        uint64_t at = log->damage[i].at;
        if (at >= now->first_chunk && (at - now->first_chunk) / EVTX_CHUNK_SIZE < now->slots)
            slot[(at - now->first_chunk) / EVTX_CHUNK_SIZE].intact = 0;
    }
    uint64_t row = 0;
    for (uint64_t i = 0; i < now->slots; row += slot[i++].rows)
        sum_up(log, row, &slot[i]);
    return true;
}

static uint8_t *pack_names(const struct evlog *log, struct arena *mem, struct cache_head *h)
{
    for (size_t i = 0; i < log->name_count; i++)
        h->name_bytes += log->names[i].len;
    h->names = log->name_count;
    uint8_t *out = arena_alloc(mem, (size_t)(h->names * 4 + h->name_bytes + 1));
    uint8_t *text = out ? out + h->names * 4 : NULL;
    for (size_t i = 0; out && i < log->name_count; i++) {
        uint32_t len = (uint32_t)log->names[i].len;
        for (int k = 0; k < 4; k++)
            out[i * 4 + (size_t)k] = (uint8_t)(len >> (8 * k));
        if (len)
            memcpy(text, log->names[i].ptr, len);
        text += len;
    }
    return out;
}

static void add_part(struct evlog_cache_image *image, size_t n, uint64_t at, const void *p,
                     uint64_t len)
{
    image->part[n] = (struct evlog_cache_part){at, span_of(p, (size_t)len)};
}

static void parts(const struct evlog *log, struct cache_head *h, const struct cache_place *p,
                  const void *slot, const void *names, struct evlog_cache_image *image)
{
    const uint8_t *section[CACHE_SECTIONS];
    cache_columns_get(log, section + CACHE_FIRST_COLUMN);
    section[CACHE_SLOTS] = slot;
    section[CACHE_NAMES] = names;
    for (int i = 0; i < CACHE_SECTIONS; i++) {
        add_part(image, (size_t)i + 1, p->at[i], section[i], p->used[i]);
    }
    h->slot_sum = libdeflate_crc32(0, slot, (size_t)p->used[CACHE_SLOTS]);
    h->name_sum = libdeflate_crc32(0, names, (size_t)p->used[CACHE_NAMES]);
    cache_head_seal(h);
    add_part(image, 0, 0, h, sizeof *h);
    image->size = p->size;
}

bool evlog_cache_make(const struct evlog *log, const struct evlog_cache_log *now,
                      const struct evlog_cache_file *file, uint64_t seen,
                      struct evlog_cache_image *out)
{
    struct cache_place p;
    _Static_assert(EVLOG_CACHE_PARTS == CACHE_SECTIONS + 1, "a part for each section");
    memset(out, 0, sizeof *out);
    if (log->kind != EVLOG_EVTX || !now->closed || log->dirty ||
        log->damage_total > EVLOG_DAMAGE_LISTED || now->slots > SIZE_MAX / EVTX_CHUNK_SIZE ||
        !evlog_rows_all(log))
        return false;
    arena_init(&out->mem, ARENA_DEFAULT_CAP);
    struct cache_head *h = ARENA_NEW(&out->mem, struct cache_head);
    struct evlog_cache_slot *slot =
        ARENA_ARRAY(&out->mem, (size_t)now->slots + 1, struct evlog_cache_slot);
    bool ok = h && slot && fill_slots(log, now, slot);
    if (ok) {
        cache_head_init(h);
        h->file = *file;
        h->seen = seen;
        h->first_chunk = now->first_chunk;
        h->slots = now->slots;
        h->rows = log->count;
        h->room = h->rows + h->rows / 16 + EVTX_CHUNK_RECORDS;
        const uint8_t *names = pack_names(log, &out->mem, h);
        ok = names && cache_places(h, &p);
        if (ok)
            parts(log, h, &p, slot, names, out);
    }
    if (!ok)
        evlog_cache_image_done(out);
    return ok;
}

void evlog_cache_image_done(struct evlog_cache_image *image)
{
    arena_done(&image->mem);
    memset(image, 0, sizeof *image);
}
