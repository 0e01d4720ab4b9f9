/* Legacy event logs (NT 3.1 to Server 2003): [MS-EVEN] 2.2, EVENTLOGRECORD and the layouts that
 * winnt.h leaves out, as documented for libevt.
 *
 * A 48-byte header, then a ring of records.  A record that does not fit before the end of the file
 * goes on at byte 48; a rest of less than a record's fixed part is filled with the dword 0x27.  An
 * end-of-file record follows the newest record and names the oldest one.  The service rewrites the
 * header only when it closes the log, so a header marked dirty is stale and the end-of-file record,
 * written with every event, is believed instead. */
#include "base/utf16.h"
#include "base/wtime.h"
#include "formats/evlog.h"

enum {
    HEADER_SIZE = 48,
    RECORD_MIN = 56, /* fixed part of EVENTLOGRECORD */
    EOF_SIZE = 40,
    NAMES_MAX = 65535,
    NAME_LONGEST = 2048, /* bytes; sources are registry key names of at most 255 characters */
    FLAG_DIRTY = 1
};
#define LFLE UINT32_C(0x654C664C)

/* The part of the file that is a ring; positions are file offsets. */
struct ring {
    struct span bytes;
    uint64_t start, end;  /* oldest record; end-of-file record */
    uint64_t at;          /* walk */
    uint64_t left;        /* bytes between `at` and the end: the walk's budget */
    uint64_t gap_at, gap; /* what ring_next() had to skip: damage */
    bool end_known;
};

struct evt_record {
    uint64_t at;
    uint32_t size, id, written;
    uint16_t event_id, type;
};

struct eof_record {
    uint64_t at;
    uint32_t begin, end, next, oldest;
};

/* --- the ring --- */

static uint64_t ring_size(const struct ring *r)
{
    return r->bytes.len - HEADER_SIZE;
}

/* Position `len` bytes further on. */
static uint64_t ring_add(const struct ring *r, uint64_t at, uint64_t len)
{
    return HEADER_SIZE + (at - HEADER_SIZE + len) % ring_size(r);
}

/* Bytes from one position forward to another. */
static uint64_t ring_distance(const struct ring *r, uint64_t from, uint64_t to)
{
    return to >= from ? to - from : ring_size(r) - (from - to);
}

static void ring_copy(const struct ring *r, uint64_t at, uint8_t *out, size_t len)
{
    size_t first = r->bytes.len - (size_t)at;
    if (first > len)
        first = len;
    memcpy(out, r->bytes.ptr + at, first);
    memcpy(out + first, r->bytes.ptr + HEADER_SIZE, len - first);
}

/* A record in one piece: borrowed, or put together in the arena when the end of the file splits
 * it. */
static bool ring_span(const struct ring *r, uint64_t at, uint32_t size, struct arena *a,
                      struct span *out)
{
    if (span_sub(r->bytes, at, size, out))
        return true;
    uint8_t *copy = arena_alloc(a, size);
    if (!copy)
        return false;
    ring_copy(r, at, copy, size);
    *out = span_of(copy, size);
    return true;
}

static bool eof_at(const struct ring *r, uint64_t at, struct eof_record *out)
{
    uint8_t b[EOF_SIZE];
    if (ring_size(r) < EOF_SIZE)
        return false;
    ring_copy(r, at, b, sizeof b);
    if (load_u32(b) != EOF_SIZE || load_u32(b + 4) != 0x11111111 || load_u32(b + 8) != 0x22222222 ||
        load_u32(b + 12) != 0x33333333 || load_u32(b + 16) != 0x44444444 ||
        load_u32(b + 36) != EOF_SIZE)
        return false;
    *out = (struct eof_record){at, load_u32(b + 20), load_u32(b + 24), load_u32(b + 28),
                               load_u32(b + 32)};
    return true;
}

/* The newest end-of-file record that names its own place; one that does not (left over from before
 * the file was resized) only when there is no other. */
static bool eof_search(const struct ring *r, struct eof_record *out)
{
    bool found = false, placed = false;
    for (uint64_t at = HEADER_SIZE; at + 4 <= r->bytes.len; at += 4) {
        struct eof_record have;
        if (load_u32(r->bytes.ptr + at) != EOF_SIZE || !eof_at(r, at, &have))
            continue;
        bool own = have.end == at;
        if (!found || own > placed || (own == placed && have.next > out->next)) {
            *out = have;
            found = true;
            placed = own;
        }
    }
    return found;
}

/* A record's frame at `at`: signature, and the same length before and after. */
static bool record_at(const struct ring *r, uint64_t at, struct evt_record *out)
{
    uint8_t b[RECORD_MIN], tail[4];
    if (r->left < RECORD_MIN)
        return false;
    ring_copy(r, at, b, sizeof b);
    uint32_t size = load_u32(b);
    if (load_u32(b + 4) != LFLE || size < RECORD_MIN + 4 || size % 4 != 0 || size > r->left)
        return false;
    ring_copy(r, ring_add(r, at, size - 4), tail, sizeof tail);
    if (load_u32(tail) != size)
        return false;
    *out = (struct evt_record){.at = at,
                               .size = size,
                               .id = load_u32(b + 8),
                               .written = load_u32(b + 16),
                               .event_id = (uint16_t)load_u32(b + 20),
                               .type = load_u16(b + 24)};
    return true;
}

static void ring_advance(struct ring *r, uint64_t len)
{
    r->at = ring_add(r, r->at, len);
    r->left -= len < r->left ? len : r->left;
}

static void ring_rewind(struct ring *r)
{
    r->at = r->start;
    r->left = r->end_known ? ring_distance(r, r->start, r->end) : ring_size(r);
}

/* The next intact record; `gap` bytes from `gap_at` on had to be skipped before it.  The padding at
 * the end of the file is no gap. */
static bool ring_next(struct ring *r, struct evt_record *out)
{
    r->gap = 0;
    r->gap_at = r->at;
    while (r->left >= 4) {
        struct eof_record end;
        if (record_at(r, r->at, out)) {
            ring_advance(r, out->size);
            return true;
        }
        if (!r->end_known && r->gap == 0 && eof_at(r, r->at, &end))
            return false;
        uint64_t tail = r->bytes.len - r->at;
        if (tail < RECORD_MIN && r->gap == 0) {
            ring_advance(r, tail);
            r->gap_at = r->at;
            continue;
        }
        uint64_t step = tail < 4 ? tail : 4;
        ring_advance(r, step);
        r->gap += step;
    }
    return false;
}

/* --- where the ring begins and ends --- */

static bool in_ring(const struct ring *r, uint64_t at)
{
    return at >= HEADER_SIZE && at < r->bytes.len;
}

struct header {
    uint32_t start, end, max_size, flags;
    bool bad;
};

static bool header_read(struct span bytes, struct header *out, struct err *e)
{
    struct reader r = reader_of(bytes);
    uint32_t size = rd_u32(&r), magic = rd_u32(&r), major = rd_u32(&r), minor = rd_u32(&r);
    out->start = rd_u32(&r);
    out->end = rd_u32(&r);
    rd_skip(&r, 8); /* next and oldest record number */
    out->max_size = rd_u32(&r);
    out->flags = rd_u32(&r);
    rd_skip(&r, 4); /* retention */
    uint32_t size_again = rd_u32(&r);
    if (r.bad)
        return err_set(e, ERR_FORMAT, bytes.len, "event log header cut short");
    if (size != HEADER_SIZE || magic != LFLE)
        return err_set(e, ERR_FORMAT, 0, "no legacy event log: signature is not LfLe");
    out->bad = major != 1 || minor != 1 || size_again != HEADER_SIZE;
    return true;
}

/* What is missing at the edges of the ring. */
enum edge { EDGE_NONE, EDGE_OLDEST_LOST, EDGE_NO_EOF, EDGE_END_UNKNOWN };

/* Bounds from the best witness: the end-of-file record the header points to, one found anywhere,
 * then the header itself.  Where the end stays unknown the walk stops at an end-of-file record or
 * where record numbers fall back. */
static enum edge ring_bounds(struct ring *r, const struct header *h, struct evlog *log)
{
    struct eof_record end;
    bool clean = !(h->flags & FLAG_DIRTY);
    bool start_ok = in_ring(r, h->start), end_ok = in_ring(r, h->end);
    r->start = start_ok ? h->start : HEADER_SIZE;
    if ((clean && end_ok && eof_at(r, h->end, &end)) || eof_search(r, &end)) {
        log->dirty = log->dirty || end.at != h->end || end.begin != h->start;
        r->end = end.at;
        r->end_known = true;
        if (!in_ring(r, end.begin))
            return EDGE_OLDEST_LOST;
        r->start = end.begin;
        return EDGE_NONE;
    }
    log->dirty = true;
    r->end = h->end;
    r->end_known = clean && start_ok && end_ok;
    return r->end_known ? EDGE_NO_EOF : EDGE_END_UNKNOWN;
}

/* --- damage --- */

static void damage_add(struct evlog *log, uint64_t at, uint64_t newest, bool lost, const char *text)
{
    log->damage_total++;
    if (log->damage_count >= EVLOG_DAMAGE_LISTED)
        return;
    struct evlog_damage *d = &log->damage[log->damage_count++];
    *d = (struct evlog_damage){.at = at, .time_from = newest, .lost_records = lost};
    snprintf(d->text, sizeof d->text, "%s", text);
}

static void damage_gap(struct evlog *log, const struct ring *r, uint64_t newest)
{
    char text[64];
    snprintf(text, sizeof text, "%llu bytes are no record", (unsigned long long)r->gap);
    damage_add(log, r->gap_at, newest, true, text);
}

/* The first intact time after entries that still wait for one. */
static void damage_close(struct evlog *log, size_t *open, uint64_t time)
{
    for (; *open < log->damage_count; ++*open)
        log->damage[*open].time_to = time;
}

/* --- names --- */

struct names {
    struct arena *mem;
    struct span *raw; /* UTF-16LE as stored: what is compared */
    struct str *text;
    uint32_t *slot; /* hash table of indices + 1 */
    size_t count, cap, slots;
};

static size_t name_slot(const struct names *n, struct span raw)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < raw.len; i++)
        h = (h ^ raw.ptr[i]) * 16777619u;
    size_t at = h & (n->slots - 1);
    while (n->slot[at] && !span_eq(n->raw[n->slot[at] - 1], raw))
        at = (at + 1) & (n->slots - 1);
    return at;
}

static bool names_grow(struct names *n)
{
    size_t cap = n->cap ? n->cap * 2 : 64;
    struct names big = *n;
    big.cap = cap;
    big.slots = cap * 2;
    big.raw = ARENA_ARRAY(n->mem, cap, struct span);
    big.text = ARENA_ARRAY(n->mem, cap, struct str);
    big.slot = ARENA_ARRAY(n->mem, big.slots, uint32_t);
    if (!big.raw || !big.text || !big.slot)
        return false;
    for (size_t i = 0; i < n->count; i++) {
        big.raw[i] = n->raw[i];
        big.text[i] = n->text[i];
        big.slot[name_slot(&big, n->raw[i])] = (uint32_t)i + 1;
    }
    *n = big;
    return true;
}

/* -1: memory; NAMES_MAX and more: too many names. */
static int name_intern(struct names *n, struct span raw)
{
    if (n->count == n->cap && !names_grow(n))
        return -1;
    size_t at = name_slot(n, raw);
    if (n->slot[at])
        return (int)n->slot[at] - 1;
    if (n->count >= NAMES_MAX)
        return NAMES_MAX;
    uint8_t *copy = arena_copy(n->mem, raw.ptr, raw.len);
    struct str text = utf16_to_utf8(n->mem, raw);
    if (!text.ptr || (raw.len && !copy))
        return -1;
    n->raw[n->count] = span_of(copy, raw.len);
    n->text[n->count] = text;
    n->slot[at] = (uint32_t)++n->count;
    return (int)n->count - 1;
}

/* --- rows --- */

/* The UTF-16 text up to its NUL; false when it is not terminated inside `r`. */
static bool read_text(struct reader *r, struct span *out)
{
    size_t begin = r->pos;
    while (rd_left(r) >= 2)
        if (rd_u16(r) == 0)
            return span_sub(r->s, begin, r->pos - 2 - begin, out);
    r->bad = true;
    return false;
}

/* As Windows shows a legacy log: error, warning and information have their level, audits and
 * EVENTLOG_SUCCESS (0) are level 0, "log always". */
static uint8_t level_of(uint16_t type)
{
    switch (type) {
    case 1:
        return 2;
    case 2:
        return 3;
    case 4:
        return 4;
    default:
        return 0;
    }
}

static bool columns_alloc(struct evlog *log, size_t rows)
{
    struct arena *a = &log->mem;
    log->time = ARENA_ARRAY(a, rows, uint64_t);
    log->record_id = ARENA_ARRAY(a, rows, uint64_t);
    log->offset = ARENA_ARRAY(a, rows, uint64_t);
    log->size = ARENA_ARRAY(a, rows, uint32_t);
    log->event_id = ARENA_ARRAY(a, rows, uint16_t);
    log->provider = ARENA_ARRAY(a, rows, uint16_t);
    log->channel = ARENA_ARRAY(a, rows, uint16_t);
    log->level = ARENA_ARRAY(a, rows, uint8_t);
    return log->time && log->record_id && log->offset && log->size && log->event_id &&
           log->provider && log->channel && log->level;
}

enum row_answer { ROW_ADDED, ROW_UNDECODABLE, ROW_NO_MEMORY };

static enum row_answer row_add(struct evlog *log, const struct ring *r, struct names *names,
                               const struct evt_record *rec)
{
    struct span all, source;
    if (!ring_span(r, rec->at, rec->size, &log->mem, &all))
        return ROW_NO_MEMORY;
    struct reader rd = reader_of(span_of(all.ptr, rec->size - 4));
    rd_seek(&rd, RECORD_MIN);
    if (!read_text(&rd, &source) || source.len > NAME_LONGEST)
        return ROW_UNDECODABLE;
    int name = name_intern(names, source);
    if (name < 0)
        return ROW_NO_MEMORY;
    if (name >= NAMES_MAX)
        return ROW_UNDECODABLE;
    size_t i = log->count++;
    log->time[i] = wtime_from_unix(rec->written);
    log->record_id[i] = rec->id;
    log->offset[i] = rec->at;
    log->size[i] = rec->size;
    log->event_id[i] = rec->event_id;
    log->provider[i] = (uint16_t)name;
    log->channel[i] = 0;
    log->level[i] = level_of(rec->type);
    return ROW_ADDED;
}

/* The walk both passes share: false at the end of the log. */
static bool walk_next(struct ring *r, struct evt_record *rec, uint32_t *newest_id)
{
    if (!ring_next(r, rec) || (!r->end_known && rec->id < *newest_id))
        return false;
    *newest_id = rec->id;
    return true;
}

static size_t count_rows(struct ring *r)
{
    struct evt_record rec;
    uint32_t newest_id = 0;
    size_t rows = 0;
    ring_rewind(r);
    while (walk_next(r, &rec, &newest_id))
        rows++;
    return rows;
}

static void edge_damage(struct evlog *log, const struct ring *r, enum edge edge)
{
    uint64_t newest = log->count ? log->time[log->count - 1] : 0;
    if (edge == EDGE_NO_EOF)
        damage_add(log, r->end, newest, false, "no end-of-file record where the header has it");
    if (edge == EDGE_END_UNKNOWN)
        damage_add(log, r->bytes.len, newest, true, "no end-of-file record: newest records lost");
}

static bool fill_rows(struct evlog *log, struct ring *r, struct names *names, size_t rows)
{
    struct evt_record rec;
    uint32_t newest_id = 0;
    uint64_t newest = 0;
    size_t open = 0;
    ring_rewind(r);
    while (walk_next(r, &rec, &newest_id) && log->count < rows) {
        if (r->gap)
            damage_gap(log, r, newest);
        switch (row_add(log, r, names, &rec)) {
        case ROW_NO_MEMORY:
            return false;
        case ROW_UNDECODABLE:
            log->records_undecodable++;
            damage_add(log, rec.at, newest, true, "record without a readable source name");
            break;
        case ROW_ADDED:
            newest = log->time[log->count - 1];
            damage_close(log, &open, newest);
            break;
        }
    }
    if (r->gap)
        damage_gap(log, r, newest);
    return true;
}

static bool index_ring(struct evlog *log, struct ring *r, const struct header *h,
                       struct names *names)
{
    enum edge edge = ring_bounds(r, h, log);
    size_t rows = count_rows(r);
    if (edge == EDGE_OLDEST_LOST)
        damage_add(log, HEADER_SIZE, 0, true, "oldest records lie behind the end of the file");
    if (!columns_alloc(log, rows ? rows : 1) || !fill_rows(log, r, names, rows))
        return false;
    edge_damage(log, r, edge);
    return true;
}

bool evt_index(struct span bytes, struct evlog *out, struct err *e)
{
    struct header h = {0};
    struct ring ring = {.bytes = bytes};
    if (!header_read(bytes, &h, e))
        return false;
    memset(out, 0, sizeof *out);
    out->kind = EVLOG_EVT;
    out->bytes = bytes;
    out->dirty = (h.flags & FLAG_DIRTY) != 0;
    out->header_bad = h.bad;
    /* Columns take less than the records they describe. */
    arena_init(&out->mem, bytes.len * 2 + ((size_t)32 << 20));
    struct names names = {.mem = &out->mem};
    bool ok = name_intern(&names, (struct span){NULL, 0}) == 0; /* the channel: none */
    if (ok && ring_size(&ring) >= EOF_SIZE)
        ok = index_ring(out, &ring, &h, &names);
    else if (ok)
        damage_add(out, bytes.len, 0, true, "cut short behind the header");
    out->names = names.text;
    out->name_count = names.count;
    if (ok)
        return true;
    arena_done(&out->mem);
    return err_set(e, ERR_NOMEM, 0, "no memory for the index of %zu bytes", bytes.len);
}

/* --- payload --- */

static bool read_strings(struct span rec, uint32_t at, uint32_t count, struct arena *a,
                         struct evlog_payload *out, struct err *e)
{
    struct reader r = reader_of(rec);
    rd_seek(&r, at);
    if (count > rd_left(&r) / 2)
        return err_set(e, ERR_FORMAT, at, "%u strings in a record of %zu bytes", count, rec.len);
    out->string = ARENA_ARRAY(a, count ? count : 1, struct str);
    if (!out->string)
        return err_set(e, ERR_NOMEM, at, "no memory for %u strings", count);
    for (uint32_t i = 0; i < count; i++) {
        struct span text;
        if (!read_text(&r, &text))
            return err_set(e, ERR_FORMAT, at, "string %u of %u runs out of the record", i + 1,
                           count);
        out->string[i] = utf16_to_utf8(a, text);
        if (!out->string[i].ptr)
            return err_set(e, ERR_NOMEM, at, "no memory for a string of %zu bytes", text.len);
    }
    out->count = count;
    return true;
}

bool evt_payload(const struct evlog *log, size_t row, struct arena *a, struct evlog_payload *out,
                 struct err *e)
{
    struct ring ring = {.bytes = log->bytes};
    struct span rec, source, computer;
    struct evlog_payload p = {0};
    BUG_ON(row >= log->count);
    if (!ring_span(&ring, log->offset[row], log->size[row], a, &rec))
        return err_set(e, ERR_NOMEM, log->offset[row], "no memory for a split record");
    rec.len -= 4; /* the length repeated at the end */

    struct reader r = reader_of(rec);
    rd_seek(&r, 26);
    uint16_t count = rd_u16(&r);
    rd_seek(&r, 36);
    uint32_t strings_at = rd_u32(&r);
    rd_seek(&r, 48);
    uint32_t data_len = rd_u32(&r), data_at = rd_u32(&r);
    if (!read_text(&r, &source) || !read_text(&r, &computer))
        return err_set(e, ERR_FORMAT, log->offset[row], "computer name runs out of the record");
    if (data_len && (data_at < RECORD_MIN || !span_sub(rec, data_at, data_len, &p.binary)))
        return err_set(e, ERR_FORMAT, log->offset[row], "%u bytes of data at %u lie outside",
                       data_len, data_at);
    if (count && (strings_at < RECORD_MIN || strings_at > rec.len))
        return err_set(e, ERR_FORMAT, log->offset[row], "strings at %u lie outside", strings_at);
    p.computer = utf16_to_utf8(a, computer);
    if (!p.computer.ptr)
        return err_set(e, ERR_NOMEM, log->offset[row], "no memory for a name");
    if (!read_strings(rec, count ? strings_at : RECORD_MIN, count, a, &p, e))
        return false;
    *out = p;
    return true;
}
