#include "evt_writer.h"
#include "out.h"

enum {
    HEADER = 48,
    FIXED = 56, /* of a record */
    END_RECORD = 40,
    MAGIC = 0x654C664C, /* "LfLe" */
    FLAG_DIRTY = 1,
    FLAG_WRAPPED = 2
};

void evt_begin(struct evt_writer *w, uint32_t size, uint32_t first)
{
    *w = (struct evt_writer){.size = size, .next = first, .oldest = first};
    w->ring = calloc(1, size);
    BUG_ON(!w->ring);
    sb_init(&w->record, 65536);
    evt_flush(w);
}

static uint32_t room(const struct evt_writer *w)
{
    return w->size - HEADER;
}

/* File offset of a position in the stream. */
static uint32_t offset(const struct evt_writer *w, uint64_t at)
{
    return (uint32_t)(HEADER + at % room(w));
}

void evt_flush(struct evt_writer *w)
{
    uint64_t start = w->first_place < w->place_count ? w->places[w->first_place].from : w->at;
    w->header = (struct evt_header){offset(w, start), offset(w, w->at), w->next, w->oldest};
}

/* Skips a rest of the file that is too small for the fixed part of a record. */
static void skip_rest(struct evt_writer *w)
{
    uint32_t left = w->size - offset(w, w->at);
    if (left >= FIXED)
        return;
    for (uint32_t i = 0; i + 4 <= left; i += 4)
        store_u32(w->ring + offset(w, w->at) + i, 0x27);
    w->at += left;
}

static void put_ring(struct evt_writer *w, struct span s)
{
    uint32_t at = offset(w, w->at), left = w->size - at;
    size_t first = s.len < left ? s.len : left;
    memcpy(w->ring + at, s.ptr, first);
    memcpy(w->ring + HEADER, s.ptr + first, s.len - first);
    w->at += s.len;
}

/* The oldest records give way to `size` bytes and an end-of-file record: a sixteenth of the file at
 * once, after which the header is written, so that even a dirty one names the right oldest record.
 */
static void make_room(struct evt_writer *w, size_t size)
{
    uint64_t need = w->at + size + END_RECORD + 2 * FIXED; /* and what skip_rest() may take */
    if (w->first_place == w->place_count || need - w->places[w->first_place].from <= room(w))
        return;
    need += room(w) / 16;
    while (w->first_place < w->place_count && need - w->places[w->first_place].from > room(w)) {
        w->first_place++;
        w->oldest++;
    }
    evt_flush(w);
}

static void remember(struct evt_writer *w, uint64_t from, uint64_t to)
{
    if (w->place_count == w->place_room) {
        w->place_room = w->place_room ? 2 * w->place_room : 1024;
        w->places = realloc(w->places, w->place_room * sizeof *w->places);
        BUG_ON(!w->places);
    }
    w->places[w->place_count++] = (struct evt_place){from, to};
}

static void build_record(struct evt_writer *w, const struct evt_event *ev)
{
    struct sb *b = &w->record;
    b->len = 0;
    out_zero(b, FIXED);
    out_utf16z(b, str_of(ev->source));
    out_utf16z(b, str_of(ev->computer));
    out_align(b, 4);
    uint32_t strings = (uint32_t)b->len;
    for (size_t i = 0; i < ev->string_count; i++)
        out_utf16z(b, ev->strings[i]);
    uint32_t data = (uint32_t)b->len;
    sb_put(b, ev->binary.ptr, ev->binary.len);
    out_align(b, 4);
    out_u32(b, (uint32_t)b->len + 4);
    BUG_ON(b->bad);
    uint8_t *p = out_at(b, 0);
    store_u32(p, (uint32_t)b->len);
    store_u32(p + 4, MAGIC);
    store_u32(p + 8, w->next);
    store_u32(p + 12, ev->time);
    store_u32(p + 16, ev->time);
    store_u32(p + 20, ev->id);
    store_u16(p + 24, ev->type);
    store_u16(p + 26, (uint16_t)ev->string_count);
    store_u16(p + 28, ev->category);
    store_u32(p + 36, strings);
    store_u32(p + 44, strings); /* no user SID: an empty one, where the strings begin */
    store_u32(p + 48, (uint32_t)ev->binary.len);
    store_u32(p + 52, data);
}

void evt_add(struct evt_writer *w, const struct evt_event *ev)
{
    build_record(w, ev);
    make_room(w, w->record.len);
    skip_rest(w);
    uint64_t from = w->at;
    put_ring(w, sb_span(&w->record));
    remember(w, from, w->at);
    w->next++;
}

static void put_header(const struct evt_writer *w, uint32_t flags)
{
    uint8_t *p = w->ring;
    store_u32(p, HEADER);
    store_u32(p + 4, MAGIC);
    store_u32(p + 8, 1);
    store_u32(p + 12, 1);
    store_u32(p + 16, w->header.start);
    store_u32(p + 20, w->header.end);
    store_u32(p + 24, w->header.next);
    store_u32(p + 28, w->header.oldest);
    store_u32(p + 32, w->size);
    store_u32(p + 36, flags);
    store_u32(p + 40, 0); /* retention: overwrite as needed */
    store_u32(p + 44, HEADER);
}

bool evt_end(struct evt_writer *w, bool dirty, struct sb *out, struct err *e)
{
    struct evt_header last = w->header;
    uint8_t end[END_RECORD];
    skip_rest(w);
    evt_flush(w);
    store_u32(end, END_RECORD);
    for (uint32_t i = 1; i <= 4; i++)
        store_u32(end + 4 * (size_t)i, 0x11111111u * i);
    store_u32(end + 20, w->header.start);
    store_u32(end + 24, w->header.end);
    store_u32(end + 28, w->header.next);
    store_u32(end + 32, w->header.oldest);
    store_u32(end + 36, END_RECORD);
    bool wrapped = w->at > room(w);
    put_ring(w, span_of(end, sizeof end));
    if (dirty)
        w->header = last;
    put_header(w, (dirty ? FLAG_DIRTY : 0) | (wrapped ? FLAG_WRAPPED : 0));
    sb_put(out, w->ring, w->size);
    free(w->ring);
    free(w->places);
    sb_done(&w->record);
    *w = (struct evt_writer){0};
    return !out->bad || err_set(e, ERR_NOMEM, 0, "event log larger than its buffer");
}
