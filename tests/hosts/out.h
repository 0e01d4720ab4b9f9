/* Little-endian bytes appended to a `struct sb`: what every writer of sample artefacts is made of.
 *
 * The writers are independent of runner/formats on purpose: what they write is checked by other
 * tools, and the parsers are checked against it.  Text goes in as UTF-8 and out as UTF-16LE. */
#pragma once

#include "base/str.h"

static inline void store_u16(void *at, uint16_t v)
{
    uint8_t *p = at;
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void store_u32(void *at, uint32_t v)
{
    uint8_t *p = at;
    store_u16(p, (uint16_t)v);
    store_u16(p + 2, (uint16_t)(v >> 16));
}

static inline void store_u64(void *at, uint64_t v)
{
    uint8_t *p = at;
    store_u32(p, (uint32_t)v);
    store_u32(p + 4, (uint32_t)(v >> 32));
}

static inline void out_u8(struct sb *b, uint8_t v)
{
    sb_put(b, &v, 1);
}

static inline void out_u16(struct sb *b, uint16_t v)
{
    uint8_t p[2];
    store_u16(p, v);
    sb_put(b, p, sizeof p);
}

static inline void out_u32(struct sb *b, uint32_t v)
{
    uint8_t p[4];
    store_u32(p, v);
    sb_put(b, p, sizeof p);
}

static inline void out_u64(struct sb *b, uint64_t v)
{
    uint8_t p[8];
    store_u64(p, v);
    sb_put(b, p, sizeof p);
}

static inline struct span sb_span(const struct sb *b)
{
    return span_of(b->ptr, b->len);
}

/* The byte at `at`, for filling in what was not known when it was appended. */
static inline uint8_t *out_at(struct sb *b, size_t at)
{
    return (uint8_t *)b->ptr + at;
}

void out_zero(struct sb *b, size_t count);
void out_align(struct sb *b, size_t unit); /* zero bytes up to a multiple of `unit` */
void out_utf16(struct sb *b, struct str s);

/* As above, with a terminating NUL unit. */
void out_utf16z(struct sb *b, struct str s);

/* IEEE CRC-32; `crc` is 0 or the value of the bytes before. */
uint32_t out_crc32(uint32_t crc, struct span s);

/* Creates or replaces a file; folders on the way are made. */
bool out_write_file(const char *path, struct span s, struct err *e);
