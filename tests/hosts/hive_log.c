#include "hive_log.h"
#include "hive_writer.h"
#include "out.h"

enum {
    BASE_BLOCK = 4096,
    SECTOR = 512,
    PAGE = 4096,
    ENTRY_HEADER = 40,
    TYPE_PRIMARY_OLD_LOG = 1,
    TYPE_NEW_LOG = 6
};

/* ---- Marvin32 ------------------------------------------------------------------------------ */

static uint32_t rotl(uint32_t v, int n)
{
    return v << n | v >> (32 - n);
}

static void marvin_mix(uint32_t *lo, uint32_t *hi)
{
    *hi ^= *lo;
    *lo = rotl(*lo, 20) + *hi;
    *hi = rotl(*hi, 9) ^ *lo;
    *lo = rotl(*lo, 27) + *hi;
    *hi = rotl(*hi, 19);
}

static uint64_t marvin32(struct span s)
{
    uint32_t lo = 0x7A4E55C5u, hi = 0x82EF4D88u; /* the seed 0x82EF4D887A4E55C5 */
    uint8_t tail[4] = {0};
    size_t whole = s.len & ~(size_t)3;
    for (size_t i = 0; i < whole; i += 4) {
        lo += load_u32(s.ptr + i);
        marvin_mix(&lo, &hi);
    }
    memcpy(tail, s.ptr + whole, s.len - whole);
    tail[s.len - whole] = 0x80;
    lo += load_u32(tail);
    marvin_mix(&lo, &hi);
    marvin_mix(&lo, &hi);
    return (uint64_t)hi << 32 | lo;
}

/* ---- what differs -------------------------------------------------------------------------- */

/* Does the unit at `at` (from the first bin) differ, or is it new? */
static bool differs(struct span before, struct span after, size_t at, size_t unit)
{
    struct span a, b;
    return !span_sub(before, BASE_BLOCK + (uint64_t)at, unit, &a) ||
           !span_sub(after, BASE_BLOCK + (uint64_t)at, unit, &b) || !span_eq(a, b);
}

static void put_base(struct sb *out, struct span from, uint32_t type, uint32_t sequence)
{
    size_t at = out->len;
    sb_put(out, from.ptr, SECTOR);
    if (out->bad)
        return;
    store_u32(out_at(out, at + 4), sequence);
    store_u32(out_at(out, at + 8), sequence);
    store_u32(out_at(out, at + 28), type);
    hive_checksum(out_at(out, at));
}

/* The primary file: the old pages, the first sequence number one ahead of the second. */
static void put_primary(struct sb *out, struct span before, uint32_t sequence)
{
    sb_put(out, before.ptr, before.len);
    if (out->bad)
        return;
    store_u32(out_at(out, 4), sequence + 1);
    store_u32(out_at(out, 8), sequence);
    hive_checksum(out_at(out, 0));
}

/* ---- the new format ------------------------------------------------------------------------ */

struct pages {
    uint32_t *at;
    size_t count;
};

static bool find_pages(struct span before, struct span after, struct pages *out, struct err *e)
{
    size_t size = after.len - BASE_BLOCK;
    out->at = calloc(size / PAGE + 1, sizeof *out->at);
    out->count = 0;
    if (!out->at)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    for (size_t at = 0; at < size; at += PAGE)
        if (differs(before, after, at, PAGE))
            out->at[out->count++] = (uint32_t)at;
    return true;
}

static void put_entry(struct sb *out, struct span after, const uint32_t *page, size_t count,
                      uint32_t sequence)
{
    size_t at = out->len;
    sb_puts(out, "HvLE");
    out_u32(out, 0);
    out_u32(out, 0);
    out_u32(out, sequence);
    out_u32(out, (uint32_t)(after.len - BASE_BLOCK));
    out_u32(out, (uint32_t)count);
    out_zero(out, 16);
    for (size_t i = 0; i < count; i++) {
        out_u32(out, page[i]);
        out_u32(out, PAGE);
    }
    for (size_t i = 0; i < count; i++)
        sb_put(out, after.ptr + BASE_BLOCK + page[i], PAGE);
    out_align(out, SECTOR);
    if (out->bad)
        return;
    uint8_t *p = out_at(out, at);
    store_u32(p + 4, (uint32_t)(out->len - at));
    store_u64(p + 24, marvin32(span_of(p + ENTRY_HEADER, out->len - at - ENTRY_HEADER)));
    store_u64(p + 32, marvin32(span_of(p, 32)));
}

bool hive_dirty_new(struct span before, struct span after, struct span stale, struct sb *primary,
                    struct sb *log1, struct sb *log2, struct err *e)
{
    uint32_t sequence = load_u32(before.ptr + 8);
    struct pages fresh = {NULL, 0}, old = {NULL, 0};
    bool ok = false;
    BUG_ON(sequence < 4);
    if (!find_pages(before, after, &fresh, e) ||
        !find_pages(after, stale.len ? stale : after, &old, e))
        goto out;
    size_t half = stale.len ? fresh.count : (fresh.count + 1) / 2;
    put_primary(primary, before, sequence);
    put_base(log1, after, TYPE_NEW_LOG, sequence);
    put_entry(log1, after, fresh.at, half, sequence);
    if (stale.len) {
        put_base(log2, stale, TYPE_NEW_LOG, sequence - 3);
        put_entry(log2, stale, old.at, old.count, sequence - 3);
    } else {
        put_base(log2, after, TYPE_NEW_LOG, sequence + 1);
        put_entry(log2, after, fresh.at + half, fresh.count - half, sequence + 1);
    }
    ok = !primary->bad && !log1->bad && !log2->bad;
    if (!ok)
        err_set(e, ERR_NOMEM, 0, "log larger than its buffer");
out:
    free(fresh.at);
    free(old.at);
    return ok;
}

/* ---- the old format ------------------------------------------------------------------------ */

bool hive_dirty_old(struct span before, struct span after, struct sb *primary, struct sb *log,
                    struct err *e)
{
    uint32_t sequence = load_u32(before.ptr + 8);
    size_t size = after.len - BASE_BLOCK, sectors = size / SECTOR;
    put_primary(primary, before, sequence);
    put_base(log, after, TYPE_PRIMARY_OLD_LOG, sequence + 1);
    sb_puts(log, "DIRT");
    size_t bitmap = log->len;
    out_zero(log, (sectors + 7) / 8);
    out_align(log, SECTOR);
    for (size_t i = 0; i < sectors && !log->bad; i++) {
        if (!differs(before, after, i * SECTOR, SECTOR))
            continue;
        *out_at(log, bitmap + i / 8) |= (uint8_t)(1u << (i % 8));
        sb_put(log, after.ptr + BASE_BLOCK + i * SECTOR, SECTOR);
    }
    return (!primary->bad && !log->bad) || err_set(e, ERR_NOMEM, 0, "log larger than its buffer");
}
