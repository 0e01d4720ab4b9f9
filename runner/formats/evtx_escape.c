#include "formats/evtx_escape.h"

#include "base/json.h"

/* Bit 0: not plain in JSON; bit 1: not plain in XML. */
#define BOTH 3
static const uint8_t special[128] = {
    [0] = BOTH,  [1] = BOTH,  [2] = BOTH,  [3] = BOTH,  [4] = BOTH,   [5] = BOTH,  [6] = BOTH,
    [7] = BOTH,  [8] = BOTH,  [9] = BOTH,  [10] = BOTH, [11] = BOTH,  [12] = BOTH, [13] = BOTH,
    [14] = BOTH, [15] = BOTH, [16] = BOTH, [17] = BOTH, [18] = BOTH,  [19] = BOTH, [20] = BOTH,
    [21] = BOTH, [22] = BOTH, [23] = BOTH, [24] = BOTH, [25] = BOTH,  [26] = BOTH, [27] = BOTH,
    [28] = BOTH, [29] = BOTH, [30] = BOTH, [31] = BOTH, ['"'] = BOTH, ['\\'] = 1,  [127] = 1,
    ['&'] = 2,   ['<'] = 2,   ['>'] = 2,   ['\''] = 2,
};

static char *hex_digits(char *p, uint32_t v, int digits)
{
    for (int i = digits - 1; i >= 0; i--)
        *p++ = "0123456789abcdef"[v >> (4 * i) & 15];
    return p;
}

static char *json_char(char *p, uint32_t cp)
{
    static const char shorts[128] = {['\n'] = 'n', ['\t'] = 't', ['\r'] = 'r', ['\\'] = '\\',
                                     ['"'] = '"',  ['\b'] = 'b', ['\f'] = 'f'};
    if (cp < 128 && shorts[cp]) {
        p[0] = '\\';
        p[1] = shorts[cp];
        return p + 2;
    }
    if (json_escapes(cp)) {
        p[0] = '\\';
        p[1] = 'u';
        return hex_digits(p + 2, cp, 4);
    }
    return p + utf8_encode(p, cp >= 0xD800 && cp < 0xE000 ? 0xFFFD : cp);
}

static struct str xml_entity(uint32_t cp)
{
    switch (cp) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '"':
        return STR("&quot;");
    case '\'':
        return STR("&apos;");
    case '\t':
        return STR("&#9;");
    case '\n':
        return STR("&#10;");
    case '\r':
        return STR("&#13;");
    default:
        return STR("");
    }
}

static char *xml_char(char *p, uint32_t cp)
{
    struct str entity = xml_entity(cp);
    if (entity.len) {
        memcpy(p, entity.ptr, entity.len);
        return p + entity.len;
    }
    if (cp < 0x20 || (cp >= 0xD800 && cp < 0xE000) || cp == 0xFFFE || cp == 0xFFFF) {
        memcpy(p, "\\u{", 3);
        p = hex_digits(p + 3, cp, cp < 0x10 ? 1 : cp < 0x20 ? 2 : 4);
        *p++ = '}';
        return p;
    }
    return p + utf8_encode(p, cp);
}

static char *one_char(char *p, uint32_t cp, enum evtx_format format)
{
    return format == EVTX_JSON ? json_char(p, cp) : xml_char(p, cp);
}

/* Characters from `s` that need nothing, to `out`; how many. */
static size_t plain_run(struct span s, char *out, unsigned mask)
{
    size_t n = s.len / 2, i = 0;
    const uint8_t *p = s.ptr;
    for (; i + 4 <= n; i += 4, p += 8) {
        uint64_t v = load_u64(p);
        if (v & UINT64_C(0xFF80FF80FF80FF80))
            break;
        if ((special[p[0] & 127] | special[p[2] & 127] | special[p[4] & 127] |
             special[p[6] & 127]) &
            mask)
            break;
        out[i] = (char)v;
        out[i + 1] = (char)(v >> 16);
        out[i + 2] = (char)(v >> 32);
        out[i + 3] = (char)(v >> 48);
    }
    for (; i < n; i++, p += 2) {
        uint8_t lo = p[0];
        if (p[1] || lo > 127 || (special[lo] & mask))
            break;
        out[i] = (char)lo;
    }
    return i;
}

char *evtx_escape_to(char *p, struct span s, enum evtx_format format)
{
    unsigned mask = format == EVTX_JSON ? 1 : 2;
    s.len &= ~(size_t)1;
    while (s.len) {
        size_t n = plain_run(s, p, mask);
        p += n;
        s = (struct span){s.ptr + 2 * n, s.len - 2 * n};
        if (!s.len)
            break;
        uint32_t cp = load_u16(s.ptr);
        size_t used = 2;
        if (cp >= 0xD800 && cp < 0xDC00 && s.len >= 4) {
            uint32_t low = load_u16(s.ptr + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
                used = 4;
            }
        }
        p = one_char(p, cp, format);
        s = (struct span){s.ptr + used, s.len - used};
    }
    return p;
}

void evtx_escape(struct sb *b, struct span s, enum evtx_format format)
{
    if (sb_reserve(b, EVTX_ESCAPED * s.len))
        b->len = (size_t)(evtx_escape_to(b->ptr + b->len, s, format) - b->ptr);
}

void evtx_escape_utf8(struct sb *b, struct str s, enum evtx_format format)
{
    for (size_t i = 0; i < s.len && !b->bad;) {
        char out[2 * EVTX_ESCAPED];
        uint32_t cp = 0xFFFD;
        const uint8_t *u = (const uint8_t *)s.ptr + i;
        size_t n = utf8_decode(s.ptr + i, s.len - i, &cp);
        if (n == 0 && s.len - i >= 3 && u[0] == 0xED && u[1] >= 0xA0 && (u[2] & 0xC0) == 0x80) {
            cp = 0xD000u | (u[1] & 63u) << 6 | (u[2] & 63u);
            n = 3;
        }
        sb_add(b, out, (size_t)(one_char(out, cp, format) - out));
        i += n ? n : 1;
    }
}
