#include "formats/binxml_text.h"

#include "base/utf16.h"
#include "base/wtime.h"

static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

char *bx_decimal(char *p, uint64_t v)
{
    char tmp[2 * BX_DECIMAL_MAX], *at = tmp + BX_DECIMAL_MAX;
    for (; v >= 100; v /= 100)
        memcpy(at -= 2, pairs + 2 * (v % 100), 2);
    if (v >= 10)
        memcpy(at -= 2, pairs + 2 * v, 2);
    else
        *--at = (char)('0' + v);
    memcpy(p, at, BX_DECIMAL_MAX); /* as one block: shorter than a copy of so many */
    return p + (tmp + BX_DECIMAL_MAX - at);
}

static char *two(char *p, unsigned v)
{
    memcpy(p, pairs + 2 * (v % 100), 2);
    return p + 2;
}

static char *hex_number(char *p, uint64_t v)
{
    int digits = 1;
    while (digits < 16 && v >> (digits * 4))
        digits++;
    *p++ = '0';
    *p++ = 'x';
    while (digits--)
        *p++ = lower[v >> (digits * 4) & 15];
    return p;
}

static char *date(char *p, int year, int month, int day, int hour, int minute, int second)
{
    p = two(two(p, (unsigned)year / 100), (unsigned)year % 100);
    *p++ = '-';
    p = two(p, (unsigned)month);
    *p++ = '-';
    p = two(p, (unsigned)day);
    *p++ = 'T';
    p = two(p, (unsigned)hour);
    *p++ = ':';
    p = two(p, (unsigned)minute);
    *p++ = ':';
    return two(p, (unsigned)second);
}

size_t bx_time(uint64_t filetime, char out[BX_SCALAR_MAX])
{
    struct wtime_civil c;
    if (!wtime_civil(filetime, &c))
        return (size_t)(hex_number(out, filetime) - out);
    char *p = date(out, c.year, c.month, c.day, c.hour, c.minute, c.second);
    *p++ = '.';
    p = two(two(two(p, c.ticks / 100000), c.ticks / 1000), c.ticks / 10);
    *p++ = (char)('0' + c.ticks % 10);
    *p++ = 'Z';
    return (size_t)(p - out);
}

static size_t system_time(const uint8_t *b, char *out)
{
    char *p = date(out, load_u16(b), load_u16(b + 2), load_u16(b + 6), load_u16(b + 8),
                   load_u16(b + 10), load_u16(b + 12));
    unsigned ms = load_u16(b + 14);
    *p++ = '.';
    *p++ = (char)('0' + ms / 100 % 10);
    p = two(p, ms % 100);
    *p++ = 'Z';
    return (size_t)(p - out);
}

static size_t guid(const uint8_t *b, char *out)
{
    static const uint8_t order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    char *p = out;
    *p++ = '{';
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = lower[b[order[i]] >> 4];
        *p++ = lower[b[order[i]] & 15];
    }
    *p++ = '}';
    return (size_t)(p - out);
}

static size_t sid(struct span raw, char *out)
{
    enum { SUBAUTHORITIES_MAX = 15 };
    if (raw.len < 8)
        return 0;
    unsigned count = raw.ptr[1];
    if (count > SUBAUTHORITIES_MAX || raw.len != 8 + (size_t)count * 4)
        return 0;
    uint64_t authority = 0;
    for (int i = 2; i < 8; i++)
        authority = authority << 8 | raw.ptr[i];
    char *p = out;
    *p++ = 'S';
    *p++ = '-';
    p = bx_decimal(p, raw.ptr[0]);
    *p++ = '-';
    p = authority >> 32 ? hex_number(p, authority) : bx_decimal(p, authority);
    for (unsigned i = 0; i < count; i++) {
        *p++ = '-';
        p = bx_decimal(p, load_u32(raw.ptr + 8 + (size_t)i * 4));
    }
    return (size_t)(p - out);
}

/* The shortest decimal that reads back as the same number. */
static size_t real(struct span raw, char *out)
{
    float f = 0;
    double d = 0;
    if (raw.len == 4) {
        uint32_t bits = load_u32(raw.ptr);
        memcpy(&f, &bits, sizeof f);
        d = (double)f;
    } else {
        uint64_t bits = load_u64(raw.ptr);
        memcpy(&d, &bits, sizeof d);
    }
    int n = 0;
    for (int digits = raw.len == 4 ? 6 : 15; digits <= 17; digits++) {
        n = snprintf(out, BX_SCALAR_MAX, "%.*g", digits, d);
        double back = strtod(out, NULL);
        if (raw.len == 4 ? (float)back >= f && (float)back <= f : back >= d && back <= d)
            break;
    }
    return n > 0 ? (size_t)n : 0;
}

static uint64_t load_uint(struct span raw)
{
    switch (raw.len) {
    case 1:
        return raw.ptr[0];
    case 2:
        return load_u16(raw.ptr);
    case 4:
        return load_u32(raw.ptr);
    default:
        return load_u64(raw.ptr);
    }
}

static size_t signed_number(struct span raw, char *out)
{
    unsigned shift = 64 - 8 * (unsigned)raw.len;
    uint64_t v = load_uint(raw) << shift;
    char *p = out;
    if (v >> 63) {
        *p++ = '-';
        v = ~v + 1;
    }
    return (size_t)(bx_decimal(p, v >> shift) - out);
}

static size_t integer(uint8_t type, struct span raw, char *out)
{
    static const uint8_t size[] = {
        [BX_INT8] = 1,  [BX_UINT8] = 1,  [BX_INT16] = 2, [BX_UINT16] = 2,
        [BX_INT32] = 4, [BX_UINT32] = 4, [BX_INT64] = 8, [BX_UINT64] = 8,
    };
    if (raw.len != size[type])
        return 0;
    if (type & 1) /* the signed types are the odd ones */
        return signed_number(raw, out);
    return (size_t)(bx_decimal(out, load_uint(raw)) - out);
}

static size_t boolean(struct span raw, char *out)
{
    if (raw.len != 4 && raw.len != 1)
        return 0;
    bool yes = load_uint(raw) != 0;
    memcpy(out, yes ? "true" : "false", yes ? 4 : 5);
    return yes ? 4 : 5;
}

size_t bx_scalar(uint8_t type, struct span raw, char out[BX_SCALAR_MAX])
{
    switch (type) {
    case BX_INT8:
    case BX_UINT8:
    case BX_INT16:
    case BX_UINT16:
    case BX_INT32:
    case BX_UINT32:
    case BX_INT64:
    case BX_UINT64:
        return integer(type, raw, out);
    case BX_REAL32:
        return raw.len == 4 ? real(raw, out) : 0;
    case BX_REAL64:
        return raw.len == 8 ? real(raw, out) : 0;
    case BX_BOOL:
        return boolean(raw, out);
    case BX_GUID:
        return raw.len == 16 ? guid(raw.ptr, out) : 0;
    case BX_FILETIME:
        return raw.len == 8 ? bx_time(load_u64(raw.ptr), out) : 0;
    case BX_SYSTEMTIME:
        return raw.len == 16 ? system_time(raw.ptr, out) : 0;
    case BX_SID:
        return sid(raw, out);
    case BX_SIZE:
    case BX_HEX32:
    case BX_HEX64:
    case BX_HANDLE:
        return raw.len == 4 || raw.len == 8 ? (size_t)(hex_number(out, load_uint(raw)) - out) : 0;
    default:
        return 0;
    }
}

struct span bx_trim(struct span s)
{
    s.len &= ~(size_t)1;
    while (s.len && !s.ptr[s.len - 1] && !s.ptr[s.len - 2])
        s.len -= 2;
    return s;
}

static void put_hex(struct sb *b, struct span raw)
{
    if (!sb_reserve(b, raw.len * 2))
        return;
    for (size_t i = 0; i < raw.len; i++) {
        b->ptr[b->len++] = upper[raw.ptr[i] >> 4];
        b->ptr[b->len++] = upper[raw.ptr[i] & 15];
    }
    b->ptr[b->len] = '\0';
}

static void put_latin1(struct sb *b, struct span raw)
{
    while (raw.len && !raw.ptr[raw.len - 1])
        raw.len--;
    for (size_t i = 0; i < raw.len; i++)
        sb_utf8(b, raw.ptr[i]);
}

void sb_bx_value(struct sb *b, uint8_t type, struct span raw)
{
    char scalar[BX_SCALAR_MAX];
    struct span item;
    if (type & BX_ARRAY) {
        for (bool first = true; bx_array_next(type, &raw, &item); first = false) {
            if (!first)
                sb_putc(b, ',');
            sb_bx_value(b, type & (uint8_t)~BX_ARRAY, item);
        }
        return;
    }
    size_t n = bx_scalar(type, raw, scalar);
    if (n)
        sb_put(b, scalar, n);
    else if (type == BX_STRING || type == BX_EVTXML)
        sb_utf16(b, bx_trim(raw));
    else if (type == BX_ANSI)
        put_latin1(b, raw);
    else if (type != BX_NULL)
        put_hex(b, raw);
}

uint32_t bx_entity(struct span name)
{
    static const struct {
        const char *name;
        uint32_t cp;
    } known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (bx_name_is(name, known[i].name))
            return known[i].cp;
    return 0;
}

void sb_bx_text(struct sb *b, const struct bx_node *list)
{
    for (; list; list = list->next) {
        switch (list->kind) {
        case BX_VALUE:
            sb_bx_value(b, list->type, list->raw);
            break;
        case BX_CDATA:
            sb_utf16(b, list->raw);
            break;
        case BX_CHAR:
            sb_utf8(b, list->id);
            break;
        case BX_ENTITY:
            if (bx_entity(list->name))
                sb_utf8(b, bx_entity(list->name));
            break;
        default:
            break;
        }
    }
}
