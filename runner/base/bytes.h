/* Untrusted bytes: the only two types that touch them.
 *
 * A span borrows memory and promises nothing about its content.  span_sub() is the only jump: it
 * accepts 64-bit offsets and lengths and checks both.  A reader walks a span forward; its failure
 * is sticky: past the end every read gives 0 and `bad` stays set, so that a record is read like its
 * specification and tested once.  All integers are little-endian unless the name says `be`.
 * Mapped files may change under us: fetch a length once, check it, use that copy. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *ptr;
    size_t len;
};

struct reader {
    struct span s;
    size_t pos;
    bool bad;
};

static inline struct span span_of(const void *ptr, size_t len)
{
    return (struct span){(const uint8_t *)ptr, len};
}

/* The `len` bytes at `off`, or false (out untouched) when they are not all inside `s`. */
static inline bool span_sub(struct span s, uint64_t off, uint64_t len, struct span *out)
{
    if (off > s.len || len > s.len - off)
        return false;
    /* An empty span may have no pointer, and nothing may be added to that, not even 0. */
    *out = (struct span){off ? s.ptr + (size_t)off : s.ptr, (size_t)len};
    return true;
}

/* Everything from `off` on; empty when off == len. */
static inline bool span_from(struct span s, uint64_t off, struct span *out)
{
    return off <= s.len && span_sub(s, off, s.len - off, out);
}

static inline bool span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Loads from memory that the caller has already bounded. */
static inline uint16_t load_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | (uint16_t)(p[1] << 8));
}

static inline uint32_t load_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t load_u64(const uint8_t *p)
{
    return (uint64_t)load_u32(p) | (uint64_t)load_u32(p + 4) << 32;
}

static inline struct reader reader_of(struct span s)
{
    return (struct reader){.s = s};
}

static inline size_t rd_left(const struct reader *r)
{
    return r->bad ? 0 : r->s.len - r->pos;
}

/* The next `len` bytes; an empty span and `bad` past the end. */
static inline struct span rd_bytes(struct reader *r, uint64_t len)
{
    struct span out = {NULL, 0};
    if (r->bad || !span_sub(r->s, r->pos, len, &out)) {
        r->bad = true;
        return (struct span){NULL, 0};
    }
    r->pos += (size_t)len;
    return out;
}

static inline void rd_skip(struct reader *r, uint64_t len)
{
    (void)rd_bytes(r, len);
}

static inline void rd_seek(struct reader *r, uint64_t pos)
{
    if (pos > r->s.len)
        r->bad = true;
    else
        r->pos = (size_t)pos;
}

static inline uint8_t rd_u8(struct reader *r)
{
    struct span s = rd_bytes(r, 1);
    return s.len ? s.ptr[0] : 0;
}

static inline uint16_t rd_u16(struct reader *r)
{
    struct span s = rd_bytes(r, 2);
    return s.len ? load_u16(s.ptr) : 0;
}

static inline uint32_t rd_u32(struct reader *r)
{
    struct span s = rd_bytes(r, 4);
    return s.len ? load_u32(s.ptr) : 0;
}

static inline uint64_t rd_u64(struct reader *r)
{
    struct span s = rd_bytes(r, 8);
    return s.len ? load_u64(s.ptr) : 0;
}
