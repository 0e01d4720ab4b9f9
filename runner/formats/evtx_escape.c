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

static void add_literal(struct sb *b, const char *s)
{
    sb_add(b, s, strlen(s));
}

static void json_char(struct sb *b, uint32_t cp)
{
    static const char shorts[] = "\nn\tt\rr\\\\\"\"\bb\ff";
    for (size_t i = 0; i + 1 < sizeof shorts; i += 2)
        if (cp == (uint8_t)shorts[i]) {
            char pair[2] = {'\\', shorts[i + 1]};
            sb_add(b, pair, 2);
            return;
        }
    if (json_escapes(cp))
        sb_printf(b, "\\u%04x", (unsigned)cp);
    else
        sb_utf8(b, cp >= 0xD800 && cp < 0xE000 ? 0xFFFD : cp);
}

static const char *xml_entity(uint32_t cp)
{
    switch (cp) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    case '\t':
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    default:
        return NULL;
    }
}

static void xml_char(struct sb *b, uint32_t cp)
{
    const char *entity = cp < 0x80 ? xml_entity(cp) : NULL;
    if (entity)
        add_literal(b, entity);
    else if (cp < 0x20 || (cp >= 0xD800 && cp < 0xE000) || cp == 0xFFFE || cp == 0xFFFF)
        sb_printf(b, "\\u{%x}", (unsigned)cp);
    else
        sb_utf8(b, cp);
}

static void one_char(struct sb *b, uint32_t cp, enum evtx_format format)
{
    if (format == EVTX_JSON)
        json_char(b, cp);
    else
        xml_char(b, cp);
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

void evtx_escape(struct sb *b, struct span s, enum evtx_format format)
{
    unsigned mask = format == EVTX_JSON ? 1 : 2;
    s.len &= ~(size_t)1;
    while (s.len && sb_reserve(b, s.len / 2)) {
        size_t n = plain_run(s, b->ptr + b->len, mask);
        b->len += n;
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
        one_char(b, cp, format);
        s = (struct span){s.ptr + used, s.len - used};
    }
}

void evtx_escape_utf8(struct sb *b, struct str s, enum evtx_format format)
{
    for (size_t i = 0; i < s.len && !b->bad;) {
        uint32_t cp = 0xFFFD;
        const uint8_t *u = (const uint8_t *)s.ptr + i;
        size_t n = utf8_decode(s.ptr + i, s.len - i, &cp);
        if (n == 0 && s.len - i >= 3 && u[0] == 0xED && u[1] >= 0xA0 && (u[2] & 0xC0) == 0x80) {
            cp = 0xD000u | (u[1] & 63u) << 6 | (u[2] & 63u);
            n = 3;
        }
        one_char(b, cp, format);
        i += n ? n : 1;
    }
}
