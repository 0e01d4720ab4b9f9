#include "tlv.h"

#include "base/wtime.h"

size_t tlv_open(struct sb *b, uint8_t tag)
{
    out_u8(b, tag);
    return b->len;
}

static size_t put_length(uint8_t out[5], size_t len)
{
    if (len < 0x80) {
        out[0] = (uint8_t)len;
        return 1;
    }
    size_t n = len > 0xFFFFFF ? 4 : len > 0xFFFF ? 3 : len > 0xFF ? 2 : 1;
    out[0] = (uint8_t)(0x80 | n);
    for (size_t i = 0; i < n; i++)
        out[1 + i] = (uint8_t)(len >> (8 * (n - 1 - i)));
    return n + 1;
}

void tlv_close(struct sb *b, size_t at)
{
    uint8_t length[5] = {0};
    size_t body = b->len - at, n = put_length(length, body);
    sb_put(b, length, n); /* makes the room */
    BUG_ON(b->bad);
    memmove(b->ptr + at + n, b->ptr + at, body);
    memcpy(b->ptr + at, length, n);
}

/* Bytes of the value at `p`, tag and length included. */
static size_t tlv_size(const uint8_t *p, size_t *header)
{
    size_t n = p[1] & 0x7F, len = 0;
    if (p[1] < 0x80) {
        *header = 2;
        return 2 + (size_t)p[1];
    }
    for (size_t i = 0; i < n; i++)
        len = len << 8 | p[2 + i];
    *header = 2 + n;
    return 2 + n + len;
}

struct span tlv_value(struct span tlv)
{
    size_t header, size = tlv_size(tlv.ptr, &header);
    BUG_ON(size != tlv.len);
    return span_of(tlv.ptr + header, tlv.len - header);
}

static int by_encoding(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    size_t shorter = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->ptr, y->ptr, shorter);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

void tlv_close_set(struct sb *b, size_t at)
{
    enum { ELEMENTS = 32 };
    struct span element[ELEMENTS];
    size_t count = 0, header;
    struct sb copy;
    sb_init(&copy, b->max);
    sb_put(&copy, b->ptr + at, b->len - at);
    for (size_t pos = 0; pos < copy.len; count++) {
        const uint8_t *p = out_at(&copy, pos);
        BUG_ON(count == ELEMENTS);
        element[count] = span_of(p, tlv_size(p, &header));
        pos += element[count].len;
    }
    qsort(element, count, sizeof *element, by_encoding);
    b->len = at;
    for (size_t i = 0; i < count; i++)
        sb_put(b, element[i].ptr, element[i].len);
    sb_done(&copy);
    tlv_close(b, at);
}

void tlv_bytes(struct sb *b, uint8_t tag, struct span value)
{
    uint8_t length[5];
    out_u8(b, tag);
    sb_put(b, length, put_length(length, value.len));
    sb_put(b, value.ptr, value.len);
}

void tlv_null(struct sb *b)
{
    tlv_bytes(b, TLV_NULL, span_of(NULL, 0));
}

void tlv_int(struct sb *b, uint64_t v)
{
    uint8_t be[9] = {0};
    for (size_t i = 0; i < 8; i++)
        be[1 + i] = (uint8_t)(v >> (8 * (7 - i)));
    size_t from = 1;
    while (from < 8 && be[from] == 0)
        from++;
    if (be[from] & 0x80)
        from--;
    tlv_bytes(b, TLV_INTEGER, span_of(be + from, sizeof be - from));
}

static void put_base128(struct sb *b, uint64_t v)
{
    int shift = 63;
    while (shift > 0 && v >> shift == 0)
        shift -= 7;
    for (; shift > 0; shift -= 7)
        out_u8(b, (uint8_t)(0x80 | (v >> shift & 0x7F)));
    out_u8(b, (uint8_t)(v & 0x7F));
}

void tlv_oid(struct sb *b, const char *dotted)
{
    size_t at = tlv_open(b, 0x06);
    char *end;
    uint64_t first = strtoull(dotted, &end, 10);
    BUG_ON(*end != '.');
    uint64_t arc = first * 40 + strtoull(end + 1, &end, 10);
    put_base128(b, arc);
    while (*end == '.')
        put_base128(b, strtoull(end + 1, &end, 10));
    BUG_ON(*end);
    tlv_close(b, at);
}

void tlv_bmp(struct sb *b, uint8_t tag, const char *text)
{
    size_t at = tlv_open(b, tag);
    out_utf16(b, str_of(text));
    for (size_t i = at; i + 1 < b->len; i += 2) {
        uint8_t *p = out_at(b, i), low = p[0];
        p[0] = p[1];
        p[1] = low;
    }
    tlv_close(b, at);
}

static void put_time(struct sb *b, uint8_t tag, int first_digit, uint64_t t)
{
    struct wtime_civil c;
    char text[32];
    bool ok = wtime_civil(t, &c);
    BUG_ON(!ok);
    snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02dZ", c.year, c.month, c.day, c.hour,
             c.minute, c.second);
    tlv_bytes(b, tag, span_of(text + first_digit, strlen(text) - (size_t)first_digit));
}

void tlv_utc_time(struct sb *b, uint64_t t)
{
    put_time(b, 0x17, 2, t);
}

void tlv_generalized_time(struct sb *b, uint64_t t)
{
    put_time(b, 0x18, 0, t);
}

void tlv_algorithm(struct sb *b, const char *oid, bool null_parameters)
{
    size_t at = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, oid);
    if (null_parameters)
        tlv_null(b);
    tlv_close(b, at);
}
