/* Records of a case as an event log of Windows NT (.evt), the simplest of the formats that hold
 * what rules ask for: time, number, source, strings. */
#include "base/utf16.h"
#include "base/wtime.h"
#include "engine/policy_case.h"

enum { HEADER = 48, FIXED = 56, END_RECORD = 40, MAGIC = 0x654C664C, INFORMATION = 4, WARNING = 2 };

/* What Windows writes every day: the log lives. */
enum { UPTIME_ID = 6013 };

static void put_u16(struct sb *b, uint16_t n)
{
    sb_putc(b, (char)n);
    sb_putc(b, (char)(n >> 8));
}

static void put_u32(struct sb *b, uint32_t n)
{
    put_u16(b, (uint16_t)n);
    put_u16(b, (uint16_t)(n >> 16));
}

static void set_u32(struct sb *b, size_t at, size_t n)
{
    for (size_t i = 0; i < 4 && !b->bad; i++)
        b->ptr[at + i] = (char)(n >> 8 * i);
}

static void put_text(struct sb *b, struct arena *a, struct str text)
{
    struct span units = utf8_to_utf16(a, text);
    sb_put(b, units.ptr, units.len);
    put_u16(b, 0);
}

static void align(struct sb *b)
{
    while (b->len % 4 && !b->bad)
        sb_putc(b, 0);
}

static void put_record(struct sb *b, uint32_t number, uint64_t time, const struct given_event *e)
{
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    size_t from = b->len;
    uint32_t seconds = (uint32_t)wtime_to_unix(time);
    const uint32_t start[] = {0, MAGIC, number, seconds, seconds, e->id};
    for (size_t i = 0; i < sizeof start / sizeof *start; i++)
        put_u32(b, start[i]);
    put_u16(b, e->provider.len ? WARNING : INFORMATION);
    put_u16(b, (uint16_t)e->string_count);
    for (size_t i = 28; i < FIXED; i += 4)
        put_u32(b, 0);
    put_text(b, &a, e->provider.len ? e->provider : STR("EventLog"));
    put_text(b, &a, STR("HOST"));
    align(b);
    size_t strings = b->len - from;
    for (size_t i = 0; i < e->string_count; i++)
        put_text(b, &a, e->strings[i]);
    size_t data = b->len - from;
    align(b);
    put_u32(b, (uint32_t)(b->len - from + 4));
    set_u32(b, from, b->len - from);
    set_u32(b, from + 36, strings);
    set_u32(b, from + 44, strings); /* no user: an empty one, where the strings begin */
    set_u32(b, from + 52, data);
    arena_done(&a);
}

/* ---- in the order of time ---------------------------------------------------------------------
 */

struct row {
    uint64_t time;
    const struct given_event *event;
};

static int row_order(const void *x, const void *y)
{
    const struct row *a = x, *b = y;
    return a->time < b->time ? -1 : a->time > b->time;
}

static void put_rows(const struct given_log *log, struct row *rows, size_t count, struct sb *out)
{
    qsort(rows, count, sizeof *rows, row_order);
    for (size_t i = 0; i < count; i++)
        put_record(out, (uint32_t)(i + 1 + (i ? log->lost : 0)), rows[i].time, rows[i].event);
}

static void put_header(struct sb *out, size_t end, size_t next)
{
    const size_t header[] = {HEADER, MAGIC, 1, 1, HEADER, end, next, 1, out->len, 0, 0, HEADER};
    for (size_t i = 0; i < sizeof header / sizeof *header; i++)
        set_u32(out, 4 * i, header[i]);
}

static void put_end(struct sb *out, size_t next)
{
    size_t end = out->len;
    put_u32(out, END_RECORD);
    for (uint32_t i = 1; i <= 4; i++)
        put_u32(out, 0x11111111u * i);
    put_u32(out, HEADER);
    put_u32(out, (uint32_t)end);
    put_u32(out, (uint32_t)next);
    put_u32(out, 1);
    put_u32(out, END_RECORD);
    put_header(out, end, next);
}

bool policy_case_log(const struct given_log *log, struct sb *out, struct err *e)
{
    static const struct given_event ordinary = {.id = UPTIME_ID};
    size_t count = 2, n = 0;
    for (size_t i = 0; i < log->event_count; i++)
        count += log->events[i].count;
    struct row *rows = calloc(count, sizeof *rows);
    if (!rows)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    rows[n++] = (struct row){log->from, &ordinary};
    rows[n++] = (struct row){log->to, &ordinary};
    for (size_t i = 0; i < log->event_count; i++)
        for (size_t k = 0; k < log->events[i].count; k++)
            rows[n++] = (struct row){log->events[i].time + k * WTIME_SECOND, &log->events[i]};
    for (size_t i = 0; i < HEADER; i += 4)
        put_u32(out, 0);
    put_rows(log, rows, count, out);
    put_end(out, count + 1 + log->lost);
    free(rows);
    return !out->bad || err_set(e, ERR_LIMIT, 0, "the event log of the case is too large");
}
