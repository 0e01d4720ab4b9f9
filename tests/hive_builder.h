/* Small hives built by hand, for tests: one or more hive bins of 4 KiB, cells handed out in order.
 * Nothing is checked: odd hives are the point. */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

enum { HB_BASE = 4096, HB_MAX = 1 << 18, HB_NONE = -1 };

struct hb {
    uint8_t *file;
    uint32_t used, bins; /* in the bins: next free byte, size */
    uint32_t minor;
};

static inline void hb_u16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void hb_u32(uint8_t *p, uint32_t v)
{
    hb_u16(p, v);
    hb_u16(p + 2, v >> 16);
}

static inline void hb_u64(uint8_t *p, uint64_t v)
{
    hb_u32(p, (uint32_t)v);
    hb_u32(p + 4, (uint32_t)(v >> 32));
}

/* A new hive bin of `size` bytes (a multiple of 4096) at the end. */
static inline void hb_bin(struct hb *b, uint32_t size)
{
    uint8_t *p = b->file + HB_BASE + b->bins;
    memcpy(p, "hbin", 4);
    hb_u32(p + 4, b->bins);
    hb_u32(p + 8, size);
    b->used = b->bins + 32;
    b->bins += size;
}

static inline void hb_begin(struct hb *b, uint32_t minor)
{
    *b = (struct hb){.file = calloc(1, HB_MAX), .minor = minor};
    if (!b->file)
        abort();
    hb_bin(b, 4096);
}

static inline uint32_t hb_checksum(const uint8_t *base)
{
    uint32_t x = 0;
    for (int i = 0; i < 508; i += 4)
        x ^= load_u32(base + i);
    return x == 0 ? 1 : x == UINT32_MAX ? UINT32_MAX - 1 : x;
}

/* Writes the base block; returns the whole file. */
static inline struct span hb_end(struct hb *b, uint32_t root, uint32_t sequence1,
                                 uint32_t sequence2)
{
    uint8_t *p = b->file;
    memcpy(p, "regf", 4);
    hb_u32(p + 4, sequence1);
    hb_u32(p + 8, sequence2);
    hb_u64(p + 12, UINT64_C(0x01CD000000000000));
    hb_u32(p + 20, 1);
    hb_u32(p + 24, b->minor);
    hb_u32(p + 32, 1);
    hb_u32(p + 36, root);
    hb_u32(p + 40, b->bins);
    hb_u32(p + 44, 1);
    hb_u64(p + HB_BASE + 20, UINT64_C(0x01CD000000000000));
    hb_u32(p + 508, hb_checksum(p));
    return (struct span){p, HB_BASE + b->bins};
}

static inline void hb_done(struct hb *b)
{
    free(b->file);
    b->file = NULL;
}

static inline uint8_t *hb_data(struct hb *b, uint32_t cell)
{
    return b->file + HB_BASE + cell + (b->minor == 1 ? 8 : 4);
}

/* An allocated cell with room for `size` bytes of data; a new bin when the last one is full. */
static inline uint32_t hb_cell(struct hb *b, uint32_t size)
{
    uint32_t align = b->minor == 1 ? 16 : 8, head = b->minor == 1 ? 8 : 4;
    uint32_t whole = (size + head + align - 1) / align * align;
    if (b->used + whole > b->bins)
        hb_bin(b, (whole + 32 + 4095) / 4096 * 4096);
    uint32_t cell = b->used;
    hb_u32(b->file + HB_BASE + cell, 0u - whole);
    b->used += whole;
    return cell;
}

static inline uint32_t hb_bytes(struct hb *b, const void *bytes, size_t len)
{
    uint32_t cell = hb_cell(b, (uint32_t)len);
    memcpy(hb_data(b, cell), bytes, len);
    return cell;
}

/* ASCII as UTF-16LE. */
static inline void hb_wide(uint8_t *p, const char *s)
{
    for (; *s; s++, p += 2)
        hb_u16(p, (uint8_t)*s);
}

static inline uint32_t hb_key(struct hb *b, uint32_t parent, const char *name)
{
    size_t len = strlen(name);
    uint32_t cell = hb_cell(b, (uint32_t)(76 + len * 2));
    uint8_t *p = hb_data(b, cell);
    memcpy(p, "nk", 2);
    hb_u16(p + 2, b->minor == 1 ? 0 : 0x20);
    hb_u64(p + 4, UINT64_C(0x01CD000000000000) + cell);
    hb_u32(p + 16, parent);
    for (int at = 28; at <= 48; at += 4)
        if (at != 36)
            hb_u32(p + at, UINT32_MAX);
    if (b->minor == 1) {
        hb_u16(p + 72, (uint32_t)len * 2);
        hb_wide(p + 76, name);
    } else {
        hb_u16(p + 72, (uint32_t)len);
        memcpy(p + 76, name, len);
    }
    return cell;
}

static inline uint32_t hb_hash(const char *name)
{
    uint32_t h = 0;
    for (; *name; name++)
        h = h * 37 + (uint8_t)(*name >= 'a' && *name <= 'z' ? *name - 32 : *name);
    return h;
}

/* A list of kind "li", "lf", "lh" or "ri"; names (may be NULL) make the hints. */
static inline uint32_t hb_list(struct hb *b, const char *kind, const uint32_t *cells,
                               const char *const *names, uint32_t count)
{
    bool hinted = kind[1] == 'f' || kind[1] == 'h';
    uint32_t step = hinted ? 8 : 4;
    uint32_t cell = hb_cell(b, 4 + count * step);
    uint8_t *p = hb_data(b, cell);
    memcpy(p, kind, 2);
    hb_u16(p + 2, count);
    for (uint32_t i = 0; i < count; i++) {
        hb_u32(p + 4 + i * step, cells[i]);
        if (!hinted || !names)
            continue;
        if (kind[1] == 'h')
            hb_u32(p + 8 + i * step, hb_hash(names[i]));
        else
            for (size_t c = 0; c < 4 && names[i][c]; c++)
                p[8 + i * step + c] = (uint8_t)names[i][c];
    }
    return cell;
}

static inline void hb_set_subkeys(struct hb *b, uint32_t key, uint32_t list, uint32_t count)
{
    hb_u32(hb_data(b, key) + 20, count);
    hb_u32(hb_data(b, key) + 28, list);
}

static inline void hb_set_values(struct hb *b, uint32_t key, uint32_t list, uint32_t count)
{
    hb_u32(hb_data(b, key) + 36, count);
    hb_u32(hb_data(b, key) + 40, list);
}

static inline void hb_set_class(struct hb *b, uint32_t key, const char *name)
{
    uint32_t cell = hb_cell(b, (uint32_t)strlen(name) * 2);
    hb_wide(hb_data(b, cell), name);
    hb_u32(hb_data(b, key) + 48, cell);
    hb_u16(hb_data(b, key) + 74, (uint32_t)strlen(name) * 2);
}

/* A value whose data lie in `data` (or in the field itself when `size` has bit 31). */
static inline uint32_t hb_value(struct hb *b, const char *name, uint32_t type, uint32_t size,
                                uint32_t data)
{
    size_t len = strlen(name);
    uint32_t cell = hb_cell(b, (uint32_t)(20 + len * 2));
    uint8_t *p = hb_data(b, cell);
    memcpy(p, "vk", 2);
    hb_u32(p + 4, size);
    hb_u32(p + 8, data);
    hb_u32(p + 12, type);
    if (b->minor == 1) {
        hb_u16(p + 2, (uint32_t)len * 2);
        hb_wide(p + 20, name);
    } else {
        hb_u16(p + 2, (uint32_t)len);
        hb_u16(p + 16, 1);
        memcpy(p + 20, name, len);
    }
    return cell;
}

static inline uint32_t hb_values(struct hb *b, uint32_t key, const uint32_t *cells, uint32_t count)
{
    uint32_t list = hb_cell(b, count * 4);
    for (uint32_t i = 0; i < count; i++)
        hb_u32(hb_data(b, list) + i * 4, cells[i]);
    hb_set_values(b, key, list, count);
    return list;
}

/* Big data in segments of 16344 bytes. */
static inline uint32_t hb_big(struct hb *b, const uint8_t *bytes, uint32_t len)
{
    uint32_t count = (len + 16343) / 16344;
    uint32_t list = hb_cell(b, count * 4);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t part = len - i * 16344 < 16344 ? len - i * 16344 : 16344;
        uint32_t cell = hb_cell(b, part == 16344 ? 16344 : part);
        memcpy(hb_data(b, cell), bytes + (size_t)i * 16344, part);
        hb_u32(hb_data(b, list) + i * 4, cell);
    }
    uint32_t db = hb_cell(b, 8);
    memcpy(hb_data(b, db), "db", 2);
    hb_u16(hb_data(b, db) + 2, count);
    hb_u32(hb_data(b, db) + 4, list);
    return db;
}

/* Marvin32 with the seed of log entries; `len` is a multiple of four. */
static inline uint64_t hb_marvin(const uint8_t *p, size_t len)
{
    uint32_t lo = 0x7A4E55C5, hi = 0x82EF4D88;
    for (size_t i = 0; i < len + 8; i += 4) {
        lo += i < len ? load_u32(p + i) : i == len ? 0x80 : 0;
        hi ^= lo;
        lo = (lo << 20 | lo >> 12) + hi;
        hi = (hi << 9 | hi >> 23) ^ lo;
        lo = (lo << 27 | lo >> 5) + hi;
        hi = hi << 19 | hi >> 13;
    }
    return (uint64_t)hi << 32 | lo;
}

/* A transaction log that is being written. */
struct hb_log {
    uint8_t *bytes;
    size_t len;
};

/* The first sector: `type` 1 (DIRT) or 6 (HvLE), the rest as the primary has it. */
static inline void hb_log_begin(struct hb_log *l, const uint8_t *primary, uint32_t type,
                                uint32_t sequence)
{
    *l = (struct hb_log){.bytes = calloc(1, HB_MAX), .len = 512};
    if (!l->bytes)
        abort();
    memcpy(l->bytes, primary, 508);
    hb_u32(l->bytes + 4, sequence);
    hb_u32(l->bytes + 8, sequence);
    hb_u32(l->bytes + 28, type);
    hb_u32(l->bytes + 508, hb_checksum(l->bytes));
}

static inline void hb_entry_seal(uint8_t *entry, uint32_t size)
{
    uint64_t hash = hb_marvin(entry + 40, size - 40);
    hb_u64(entry + 24, hash);
    hb_u64(entry + 32, hb_marvin(entry, 32));
}

/* One entry with one page: `page` replaces the bytes at `at` of the bins. */
static inline void hb_log_entry(struct hb_log *l, uint32_t sequence, uint32_t bins, uint32_t at,
                                const uint8_t *page, uint32_t len)
{
    uint8_t *p = l->bytes + l->len;
    uint32_t size = (48 + len + 511) / 512 * 512;
    memcpy(p, "HvLE", 4);
    hb_u32(p + 4, size);
    hb_u32(p + 12, sequence);
    hb_u32(p + 16, bins);
    hb_u32(p + 20, 1);
    hb_u32(p + 40, at);
    hb_u32(p + 44, len);
    memcpy(p + 48, page, len);
    hb_entry_seal(p, size);
    l->len += size;
}

/* Old format: the pages of 512 bytes whose bit is set in `bits` (of the first eight). */
static inline void hb_log_dirt(struct hb_log *l, uint32_t bins, uint8_t bits, const uint8_t *pages)
{
    uint32_t count = 0;
    memcpy(l->bytes + 512, "DIRT", 4);
    l->bytes[516] = bits;
    for (int i = 0; i < 8; i++)
        count += bits >> i & 1;
    l->len = (512 + 4 + bins / 4096 + 511) / 512 * 512;
    memcpy(l->bytes + l->len, pages, (size_t)count * 512);
    l->len += (size_t)count * 512;
}

static inline void hb_log_done(struct hb_log *l)
{
    free(l->bytes);
    l->bytes = NULL;
}

/* The hive of the fuzz seeds and of the truncation test: every list kind, resident and big data, a
 * class, UTF-16 names. */
static inline struct span hb_sample(struct hb *b, uint32_t minor)
{
    static const char *const names[] = {"alpha", "Beta", "gamma"};
    static const char *const kinds[] = {"li", "lf", "lh"};
    static uint8_t big[20000];
    uint32_t keys[3], leaves[3], values[4];
    hb_begin(b, minor);
    uint32_t root = hb_key(b, 0, "ROOT");
    for (int i = 0; i < 3; i++) {
        keys[i] = hb_key(b, root, names[i]);
        leaves[i] = hb_list(b, minor == 1 ? "li" : kinds[i], &keys[i], &names[i], 1);
    }
    hb_set_subkeys(b, root, hb_list(b, "ri", leaves, NULL, 3), 3);
    uint32_t sub = hb_key(b, keys[1], "deep");
    static const char *const deep[] = {"deep"};
    hb_set_subkeys(b, keys[1], hb_list(b, minor == 1 ? "li" : "lh", &sub, deep, 1), 1);
    hb_set_class(b, sub, "Class");
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * 7);
    values[0] = hb_value(b, "", 1, 10, hb_bytes(b, "t\0e\0x\0t\0\0\0", 10));
    values[1] = hb_value(b, "number", 4, 0x80000004u, 0x01020304);
    values[2] = hb_value(b, "two", 3, 0x80000002u, 0xBEEF);
    values[3] = minor > 3 ? hb_value(b, "big", 3, sizeof big, hb_big(b, big, sizeof big))
                          : hb_value(b, "big", 3, 300, hb_bytes(b, big, 300));
    hb_values(b, sub, values, 4);
    return hb_end(b, root, 5, 5);
}
