/* A legacy event log in memory: the smallest log a memory host understands. */
#pragma once

#include "base/wtime.h"
#include "host/host_memory.h"

struct evt_log {
    uint8_t bytes[1 << 16];
    size_t len;
    uint32_t records;
};

static inline void evt_u32(struct evt_log *l, uint32_t n)
{
    for (unsigned i = 0; i < 4; i++)
        l->bytes[l->len++] = (uint8_t)(n >> (8 * i));
}

static inline void evt_text(struct evt_log *l, const char *text)
{
    do {
        l->bytes[l->len++] = (uint8_t)*text;
        l->bytes[l->len++] = 0;
    } while (*text++);
}

static inline void evt_patch(struct evt_log *l, size_t at, size_t value)
{
    size_t len = l->len;
    l->len = at;
    evt_u32(l, (uint32_t)value);
    l->len = len;
}

static inline void evt_begin(struct evt_log *l)
{
    memset(l, 0, sizeof *l);
    l->len = 48;
}

static inline void evt_add(struct evt_log *l, uint64_t time, uint32_t id, const char *source,
                           const char *string)
{
    size_t start = l->len;
    uint32_t seconds = (uint32_t)wtime_to_unix(time);
    const uint32_t head[] = {0, 0x654C664C, ++l->records, seconds, seconds, id, 1u << 16 | 4, 0, 0};
    for (size_t i = 0; i < 9; i++)
        evt_u32(l, head[i]);
    size_t offsets = l->len;
    for (size_t i = 0; i < 5; i++)
        evt_u32(l, 0);
    evt_text(l, source);
    evt_text(l, "HOST");
    size_t strings = l->len - start;
    evt_text(l, string);
    while (l->len % 4)
        l->bytes[l->len++] = 0;
    size_t data = l->len - start, size = data + 4;
    evt_patch(l, offsets, strings);
    evt_patch(l, offsets + 8, data);
    evt_patch(l, offsets + 16, data);
    evt_u32(l, (uint32_t)size);
    evt_patch(l, start, size);
}

static inline struct span evt_end(struct evt_log *l)
{
    size_t end = l->len;
    const uint32_t tail[] = {0x28, 0x11111111,    0x22222222,     0x33333333, 0x44444444,
                             48,   (uint32_t)end, l->records + 1, 1,          0x28};
    for (size_t i = 0; i < 10; i++)
        evt_u32(l, tail[i]);
    size_t len = l->len;
    const uint32_t head[] = {48, 0x654C664C,    1, 1, 48, (uint32_t)end, l->records + 1,
                             1,  (uint32_t)len, 0, 0, 48};
    l->len = 0;
    for (size_t i = 0; i < 12; i++)
        evt_u32(l, head[i]);
    l->len = len;
    return span_of(l->bytes, len);
}
