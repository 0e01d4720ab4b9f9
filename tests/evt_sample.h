/* Small legacy event logs for tests: records go round the ring as Windows writes them. */
#pragma once

#include "base/utf16.h"
#include "check.h"

enum { EVT_SAMPLE_MAX = 8192, EVT_HEADER = 48 };

struct evt_sample {
    uint8_t bytes[EVT_SAMPLE_MAX];
    size_t size, at, start; /* file size, next record, oldest record */
    uint32_t next_id, oldest_id;
};

struct evt_event {
    uint32_t time, event_id;
    uint16_t type;
    const char *source, *strings[3];
    const char *data;
};

static inline void evt_store32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static inline size_t evt_store_text(uint8_t *p, const char *ascii)
{
    size_t n = 0;
    do {
        p[n++] = (uint8_t)*ascii;
        p[n++] = 0;
    } while (*ascii++);
    return n;
}

/* `start` is where the first record goes: near the end of the file to make the ring wrap. */
static inline void evt_sample_init(struct evt_sample *s, size_t size, size_t start, uint32_t id)
{
    memset(s, 0, sizeof *s);
    s->size = size;
    s->at = s->start = start;
    s->next_id = s->oldest_id = id;
}

static inline void evt_sample_write(struct evt_sample *s, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        s->bytes[s->at++] = p[i];
        if (s->at == s->size)
            s->at = EVT_HEADER;
    }
}

/* Offset of the record. */
static inline size_t evt_sample_add(struct evt_sample *s, const struct evt_event *ev)
{
    uint8_t r[1024] = {0};
    size_t n = 56, strings = 0;
    uint32_t count = 0;
    n += evt_store_text(r + n, ev->source);
    n += evt_store_text(r + n, "HOST-1");
    n = (n + 3) & ~(size_t)3;
    strings = n;
    for (; count < 3 && ev->strings[count]; count++)
        n += evt_store_text(r + n, ev->strings[count]);
    size_t data = n, data_len = ev->data ? strlen(ev->data) : 0;
    if (data_len)
        memcpy(r + n, ev->data, data_len);
    n = (n + data_len + 3) & ~(size_t)3;
    n += 4;
    const uint32_t fixed[] = {(uint32_t)n,
                              0x654C664C,
                              s->next_id++,
                              ev->time,
                              ev->time,
                              ev->event_id,
                              ev->type | count << 16,
                              0,
                              0,
                              (uint32_t)strings,
                              0,
                              (uint32_t)strings,
                              (uint32_t)data_len,
                              (uint32_t)data};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        evt_store32(r + i * 4, fixed[i]);
    evt_store32(r + n - 4, (uint32_t)n);
    while (s->size - s->at < 56) {
        const uint8_t pad[4] = {0x27};
        bool wrap = s->size - s->at == 4;
        evt_sample_write(s, pad, 4);
        if (wrap)
            break;
    }
    size_t at = s->at;
    evt_sample_write(s, r, n);
    return at;
}

/* Writes the end-of-file record and a header that fits it. */
static inline void evt_sample_finish(struct evt_sample *s, uint32_t flags)
{
    size_t end = s->at;
    const uint32_t eof[] = {40,
                            0x11111111,
                            0x22222222,
                            0x33333333,
                            0x44444444,
                            (uint32_t)s->start,
                            (uint32_t)end,
                            s->next_id,
                            s->oldest_id,
                            40};
    const uint32_t header[] = {48,
                               0x654C664C,
                               1,
                               1,
                               (uint32_t)s->start,
                               (uint32_t)end,
                               s->next_id,
                               s->oldest_id,
                               (uint32_t)s->size,
                               flags,
                               0,
                               48};
    uint8_t b[48];
    for (size_t i = 0; i < 10; i++)
        evt_store32(b + i * 4, eof[i]);
    evt_sample_write(s, b, 40);
    for (size_t i = 0; i < 12; i++)
        evt_store32(s->bytes + i * 4, header[i]);
}

static inline struct span evt_sample_span(const struct evt_sample *s)
{
    return span_of(s->bytes, s->size);
}

static const struct evt_event evt_sample_events[] = {
    {1333333300, 7036, 4, "Service Control Manager", {"McAfee McShield", "running"}, NULL},
    {1333333400, 0xC0000204, 1, "mfehidk", {"\\Device\\mfehidk", "C:\\A\\B.EXE"}, "\x01\x02\x03"},
    {1333333500, 0x80000033, 2, "Disk", {"\\Device\\Harddisk0\\D"}, NULL},
    {1333333600, 528, 8, "Security", {NULL}, NULL},
    {1333333700, 529, 16, "Security", {"", "x"}, NULL},
};
enum { EVT_SAMPLE_EVENTS = sizeof evt_sample_events / sizeof *evt_sample_events };

/* Five records; in the wrapped one the third is split by the end of the file. */
static inline void evt_sample_plain(struct evt_sample *s)
{
    evt_sample_init(s, 1024, EVT_HEADER, 1);
    for (size_t i = 0; i < EVT_SAMPLE_EVENTS; i++)
        evt_sample_add(s, &evt_sample_events[i]);
    evt_sample_finish(s, 0);
}

static inline void evt_sample_wrapped(struct evt_sample *s)
{
    evt_sample_init(s, EVT_SAMPLE_MAX, EVT_HEADER, 1);
    evt_sample_add(s, &evt_sample_events[0]);
    evt_sample_add(s, &evt_sample_events[1]);
    size_t two = s->at - EVT_HEADER;
    evt_sample_init(s, 1024, 1024 - two - 64, 1392);
    for (size_t i = 0; i < EVT_SAMPLE_EVENTS; i++)
        evt_sample_add(s, &evt_sample_events[i]);
    evt_sample_finish(s, 2);
}
