#include "formats/evtx.h"

#include <libdeflate.h>

enum { HEADER_MIN = 4096, HEADER_USED = 128, FLAG_NO_CHECKSUM = 4 };

static const char chunk_magic[8] = "ElfChnk";

bool evtx_header_read(struct span file, struct evtx_header *out, struct err *e)
{
    struct reader r = reader_of(file);
    struct span magic = rd_bytes(&r, 8);
    if (!magic.ptr || memcmp(magic.ptr, "ElfFile", 8) != 0)
        return err_set(e, ERR_FORMAT, 0, "not an EVTX file");
    rd_skip(&r, 16); /* first and last chunk number */
    struct evtx_header h = {.next_record = rd_u64(&r)};
    uint32_t used = rd_u32(&r);
    rd_skip(&r, 4); /* version */
    h.first_chunk = rd_u16(&r);
    h.chunks = rd_u16(&r);
    rd_skip(&r, 76);
    h.flags = rd_u32(&r);
    uint32_t sum = rd_u32(&r);
    if (r.bad)
        return err_set(e, ERR_FORMAT, file.len, "EVTX header cut short");
    h.bad = libdeflate_crc32(0, file.ptr, 120) != sum && !(h.flags & FLAG_NO_CHECKSUM);
    if (used != HEADER_USED || h.first_chunk < HEADER_MIN) {
        h.bad = true;
        h.first_chunk = HEADER_MIN;
    }
    if (file.len >= h.first_chunk + EVTX_CHUNK_HEADER)
        h.slots = (file.len - h.first_chunk - EVTX_CHUNK_HEADER) / EVTX_CHUNK_SIZE + 1;
    *out = h;
    return true;
}

static bool all_zero(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i])
            return false;
    return true;
}

static void check_sums(struct evtx_chunk *c)
{
    const uint8_t *b = c->bytes.ptr;
    uint32_t flags = load_u32(b + 120);
    if (flags & FLAG_NO_CHECKSUM)
        return;
    uint32_t head = libdeflate_crc32(0, b, 120);
    head = libdeflate_crc32(head, b + 128, EVTX_CHUNK_HEADER - 128);
    c->bad_header = head != load_u32(b + 124);
    uint32_t data = 0;
    if (c->free > EVTX_CHUNK_HEADER)
        data = libdeflate_crc32(0, b + EVTX_CHUNK_HEADER, c->free - EVTX_CHUNK_HEADER);
    c->bad_data = data != load_u32(b + 52);
}

void evtx_chunk_read(struct span file, uint64_t at, bool checksums, struct evtx_chunk *out)
{
    struct evtx_chunk c = {.at = at};
    if (!span_sub(file, at, EVTX_CHUNK_SIZE, &c.bytes))
        span_from(file, at, &c.bytes);
    if (c.bytes.len < EVTX_CHUNK_HEADER || memcmp(c.bytes.ptr, chunk_magic, 8) != 0) {
        c.blank = all_zero(c.bytes);
        *out = c;
        return;
    }
    c.found = true;
    c.first_id = load_u64(c.bytes.ptr + 24);
    c.last_id = load_u64(c.bytes.ptr + 32);
    c.free = load_u32(c.bytes.ptr + 48);
    c.cut = c.free > c.bytes.len;
    if (c.cut)
        c.free = (uint32_t)c.bytes.len;
    if (checksums)
        check_sums(&c);
    *out = c;
}

bool evtx_record_next(const struct evtx_chunk *c, uint32_t *at, struct evtx_record *out, bool *torn)
{
    *torn = false;
    uint32_t pos = *at;
    if (pos > c->free || c->free - pos < EVTX_RECORD_MIN)
        return false;
    const uint8_t *p = c->bytes.ptr + pos;
    uint32_t size = load_u32(p + 4);
    *torn = true;
    if (load_u32(p) != 0x2A2A || size < EVTX_RECORD_MIN || size > c->bytes.len - pos ||
        load_u32(p + size - 4) != size)
        return false;
    *torn = false;
    *out = (struct evtx_record){{p, size}, pos, load_u64(p + 8), load_u64(p + 16)};
    *at = pos + size;
    return true;
}
