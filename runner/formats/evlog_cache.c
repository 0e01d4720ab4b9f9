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

/* Every row lies in its own slot, behind the one before it, and its names exist. */
static bool slot_fits(const struct evlog_cache *c, const struct evlog *log, uint64_t slot,
                      uint64_t row)
{
    const struct evlog_cache_slot *s = &c->slot[slot];
    uint64_t begin = c->first_chunk + slot * EVTX_CHUNK_SIZE, end = begin + EVTX_CHUNK_SIZE;
    uint64_t at = begin + EVTX_CHUNK_HEADER;
    bool bad = false;
    for (uint64_t i = row; i < row + s->rows; i++) {
        bad |= log->offset[i] < at || log->offset[i] >= end || log->size[i] > EVTX_CHUNK_SIZE ||
               log->record_id[i] > s->last_id;
        at = log->offset[i] + log->size[i];
        bad |= at > end || log->provider[i] >= c->name_count || log->channel[i] >= c->name_count;
    }
    return !bad;
}

static bool rows_fit(const struct evlog_cache *c, const struct cache_place *p)
{
    struct evlog log = {.kind = EVLOG_EVTX};
    uint64_t row = 0;
    cache_columns_set(&log, c->bytes, p);
    if (c->first_chunk > c->file.size)
        return false;
    for (uint64_t i = 0; i < c->slots; i++) {
        if (c->slot[i].rows > EVTX_CHUNK_RECORDS || c->slot[i].rows > c->rows - row ||
            c->slot[i].intact > 1 || !slot_fits(c, &log, i, row))
            return false;
        row += c->slot[i].rows;
    }
    return row == c->rows;
}

bool evlog_cache_open(uint8_t *bytes, size_t len, struct evlog_cache *out, struct err *e)
{
    struct cache_head h;
    struct cache_place p;
    if (!head_of(bytes, len, &h, &p))
        return err_set(e, ERR_UNSUPPORTED, 0, "no index of this version");
    uint32_t sum = h.sum;
    cache_head_seal(&h);
    bool same = sum == h.sum;
    for (int i = 0; same && i < CACHE_SECTIONS; i++)
        same = libdeflate_crc32(0, bytes + p.at[i], (size_t)p.used[i]) == h.section_sum[i];
    if (!same)
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
    if (!names_of(&h, &p, &c) || !rows_fit(&c, &p)) {
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

bool evlog_cache_seal(uint8_t *bytes, size_t len)
{
    struct cache_head h;
    struct cache_place p;
    if (!head_of(bytes, len, &h, &p))
        return false;
    for (int i = 0; i < CACHE_SECTIONS; i++)
        h.section_sum[i] = libdeflate_crc32(0, bytes + p.at[i], (size_t)p.used[i]);
    cache_head_seal(&h);
    memcpy(bytes, &h, sizeof h);
    return true;
}

/* ---- making ---- */

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
        h->section_sum[i] = libdeflate_crc32(0, section[i], (size_t)p->used[i]);
        add_part(image, (size_t)i + 1, p->at[i], section[i], p->used[i]);
    }
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
        log->damage_total > EVLOG_DAMAGE_LISTED || now->slots > SIZE_MAX / EVTX_CHUNK_SIZE)
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
