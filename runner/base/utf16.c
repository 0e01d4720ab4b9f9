#include "base/utf16.h"

/* Ranges (first, last, delta, step) of the Basic Multilingual Plane whose upper case is one other
 * unit: UnicodeData's simple mapping, less U+00B5, U+0131 and U+017F, which Windows' file system
 * and registry keep as they are. */
static const struct {
    uint16_t first, last;
    int32_t delta;
    uint16_t step;
} upcase_ranges[] = {
    {0x00E0, 0x00F6, -32, 1},   {0x00F8, 0x00FE, -32, 1},    {0x00FF, 0x00FF, 121, 1},
    {0x0101, 0x012F, -1, 2},    {0x0133, 0x0137, -1, 2},     {0x013A, 0x0148, -1, 2},
    {0x014B, 0x0177, -1, 2},    {0x017A, 0x017E, -1, 2},     {0x0180, 0x0180, 195, 1},
    {0x0183, 0x0185, -1, 2},    {0x0188, 0x0188, -1, 1},     {0x018C, 0x018C, -1, 1},
    {0x0192, 0x0192, -1, 1},    {0x0195, 0x0195, 97, 1},     {0x0199, 0x0199, -1, 1},
    {0x019A, 0x019A, 163, 1},   {0x019E, 0x019E, 130, 1},    {0x01A1, 0x01A5, -1, 2},
    {0x01A8, 0x01A8, -1, 1},    {0x01AD, 0x01AD, -1, 1},     {0x01B0, 0x01B0, -1, 1},
    {0x01B4, 0x01B6, -1, 2},    {0x01B9, 0x01B9, -1, 1},     {0x01BD, 0x01BD, -1, 1},
    {0x01BF, 0x01BF, 56, 1},    {0x01C5, 0x01C5, -1, 1},     {0x01C6, 0x01C6, -2, 1},
    {0x01C8, 0x01C8, -1, 1},    {0x01C9, 0x01C9, -2, 1},     {0x01CB, 0x01CB, -1, 1},
    {0x01CC, 0x01CC, -2, 1},    {0x01CE, 0x01DC, -1, 2},     {0x01DD, 0x01DD, -79, 1},
    {0x01DF, 0x01EF, -1, 2},    {0x01F2, 0x01F2, -1, 1},     {0x01F3, 0x01F3, -2, 1},
    {0x01F5, 0x01F5, -1, 1},    {0x01F9, 0x021F, -1, 2},     {0x0223, 0x0233, -1, 2},
    {0x023C, 0x023C, -1, 1},    {0x023F, 0x0240, 10815, 1},  {0x0242, 0x0242, -1, 1},
    {0x0247, 0x024F, -1, 2},    {0x0250, 0x0250, 10783, 1},  {0x0251, 0x0251, 10780, 1},
    {0x0252, 0x0252, 10782, 1}, {0x0253, 0x0253, -210, 1},   {0x0254, 0x0254, -206, 1},
    {0x0256, 0x0257, -205, 1},  {0x0259, 0x0259, -202, 1},   {0x025B, 0x025B, -203, 1},
    {0x025C, 0x025C, 42319, 1}, {0x0260, 0x0260, -205, 1},   {0x0261, 0x0261, 42315, 1},
    {0x0263, 0x0263, -207, 1},  {0x0265, 0x0265, 42280, 1},  {0x0266, 0x0266, 42308, 1},
    {0x0268, 0x0268, -209, 1},  {0x0269, 0x0269, -211, 1},   {0x026A, 0x026A, 42308, 1},
    {0x026B, 0x026B, 10743, 1}, {0x026C, 0x026C, 42305, 1},  {0x026F, 0x026F, -211, 1},
    {0x0271, 0x0271, 10749, 1}, {0x0272, 0x0272, -213, 1},   {0x0275, 0x0275, -214, 1},
    {0x027D, 0x027D, 10727, 1}, {0x0280, 0x0280, -218, 1},   {0x0282, 0x0282, 42307, 1},
    {0x0283, 0x0283, -218, 1},  {0x0287, 0x0287, 42282, 1},  {0x0288, 0x0288, -218, 1},
    {0x0289, 0x0289, -69, 1},   {0x028A, 0x028B, -217, 1},   {0x028C, 0x028C, -71, 1},
    {0x0292, 0x0292, -219, 1},  {0x029D, 0x029D, 42261, 1},  {0x029E, 0x029E, 42258, 1},
    {0x0345, 0x0345, 84, 1},    {0x0371, 0x0373, -1, 2},     {0x0377, 0x0377, -1, 1},
    {0x037B, 0x037D, 130, 1},   {0x03AC, 0x03AC, -38, 1},    {0x03AD, 0x03AF, -37, 1},
    {0x03B1, 0x03C1, -32, 1},   {0x03C2, 0x03C2, -31, 1},    {0x03C3, 0x03CB, -32, 1},
    {0x03CC, 0x03CC, -64, 1},   {0x03CD, 0x03CE, -63, 1},    {0x03D0, 0x03D0, -62, 1},
    {0x03D1, 0x03D1, -57, 1},   {0x03D5, 0x03D5, -47, 1},    {0x03D6, 0x03D6, -54, 1},
    {0x03D7, 0x03D7, -8, 1},    {0x03D9, 0x03EF, -1, 2},     {0x03F0, 0x03F0, -86, 1},
    {0x03F1, 0x03F1, -80, 1},   {0x03F2, 0x03F2, 7, 1},      {0x03F3, 0x03F3, -116, 1},
    {0x03F5, 0x03F5, -96, 1},   {0x03F8, 0x03F8, -1, 1},     {0x03FB, 0x03FB, -1, 1},
    {0x0430, 0x044F, -32, 1},   {0x0450, 0x045F, -80, 1},    {0x0461, 0x0481, -1, 2},
    {0x048B, 0x04BF, -1, 2},    {0x04C2, 0x04CE, -1, 2},     {0x04CF, 0x04CF, -15, 1},
    {0x04D1, 0x052F, -1, 2},    {0x0561, 0x0586, -48, 1},    {0x10D0, 0x10FA, 3008, 1},
    {0x10FD, 0x10FF, 3008, 1},  {0x13F8, 0x13FD, -8, 1},     {0x1C80, 0x1C80, -6254, 1},
    {0x1C81, 0x1C81, -6253, 1}, {0x1C82, 0x1C82, -6244, 1},  {0x1C83, 0x1C84, -6242, 1},
    {0x1C85, 0x1C85, -6243, 1}, {0x1C86, 0x1C86, -6236, 1},  {0x1C87, 0x1C87, -6181, 1},
    {0x1C88, 0x1C88, 35266, 1}, {0x1D79, 0x1D79, 35332, 1},  {0x1D7D, 0x1D7D, 3814, 1},
    {0x1D8E, 0x1D8E, 35384, 1}, {0x1E01, 0x1E95, -1, 2},     {0x1E9B, 0x1E9B, -59, 1},
    {0x1EA1, 0x1EFF, -1, 2},    {0x1F00, 0x1F07, 8, 1},      {0x1F10, 0x1F15, 8, 1},
    {0x1F20, 0x1F27, 8, 1},     {0x1F30, 0x1F37, 8, 1},      {0x1F40, 0x1F45, 8, 1},
    {0x1F51, 0x1F57, 8, 2},     {0x1F60, 0x1F67, 8, 1},      {0x1F70, 0x1F71, 74, 1},
    {0x1F72, 0x1F75, 86, 1},    {0x1F76, 0x1F77, 100, 1},    {0x1F78, 0x1F79, 128, 1},
    {0x1F7A, 0x1F7B, 112, 1},   {0x1F7C, 0x1F7D, 126, 1},    {0x1FB0, 0x1FB1, 8, 1},
    {0x1FBE, 0x1FBE, -7205, 1}, {0x1FD0, 0x1FD1, 8, 1},      {0x1FE0, 0x1FE1, 8, 1},
    {0x1FE5, 0x1FE5, 7, 1},     {0x214E, 0x214E, -28, 1},    {0x2170, 0x217F, -16, 1},
    {0x2184, 0x2184, -1, 1},    {0x24D0, 0x24E9, -26, 1},    {0x2C30, 0x2C5F, -48, 1},
    {0x2C61, 0x2C61, -1, 1},    {0x2C65, 0x2C65, -10795, 1}, {0x2C66, 0x2C66, -10792, 1},
    {0x2C68, 0x2C6C, -1, 2},    {0x2C73, 0x2C73, -1, 1},     {0x2C76, 0x2C76, -1, 1},
    {0x2C81, 0x2CE3, -1, 2},    {0x2CEC, 0x2CEE, -1, 2},     {0x2CF3, 0x2CF3, -1, 1},
    {0x2D00, 0x2D25, -7264, 1}, {0x2D27, 0x2D27, -7264, 1},  {0x2D2D, 0x2D2D, -7264, 1},
    {0xA641, 0xA66D, -1, 2},    {0xA681, 0xA69B, -1, 2},     {0xA723, 0xA72F, -1, 2},
    {0xA733, 0xA76F, -1, 2},    {0xA77A, 0xA77C, -1, 2},     {0xA77F, 0xA787, -1, 2},
    {0xA78C, 0xA78C, -1, 1},    {0xA791, 0xA793, -1, 2},     {0xA794, 0xA794, 48, 1},
    {0xA797, 0xA7A9, -1, 2},    {0xA7B5, 0xA7C3, -1, 2},     {0xA7C8, 0xA7CA, -1, 2},
    {0xA7D1, 0xA7D1, -1, 1},    {0xA7D7, 0xA7D9, -1, 2},     {0xA7F6, 0xA7F6, -1, 1},
    {0xAB53, 0xAB53, -928, 1},  {0xAB70, 0xABBF, -38864, 1}, {0xFF41, 0xFF5A, -32, 1},
};

uint16_t upcase16(uint16_t u)
{
    if (u < 0x80)
        return u >= 'a' && u <= 'z' ? (uint16_t)(u - 32) : u;
    size_t lo = 0, hi = sizeof upcase_ranges / sizeof *upcase_ranges;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (u > upcase_ranges[mid].last)
            lo = mid + 1;
        else
            hi = mid;
    }
    /* Ranges of step 2 interleave with their neighbours' upper halves, so look at two. */
    for (size_t i = lo; i < lo + 2 && i < sizeof upcase_ranges / sizeof *upcase_ranges; i++)
        if (u >= upcase_ranges[i].first && u <= upcase_ranges[i].last &&
            (u - upcase_ranges[i].first) % upcase_ranges[i].step == 0)
            return (uint16_t)(u + upcase_ranges[i].delta);
    return u;
}

/* One code point from UTF-16LE at `pos`; lone surrogates come back as they are. */
static uint32_t next_utf16(struct span s, size_t *pos)
{
    uint32_t u = load_u16(s.ptr + *pos);
    *pos += 2;
    if (u >= 0xD800 && u < 0xDC00 && s.len - *pos >= 2) {
        uint32_t low = load_u16(s.ptr + *pos);
        if (low >= 0xDC00 && low < 0xE000) {
            *pos += 2;
            return 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return u;
}

void sb_utf16(struct sb *b, struct span s)
{
    s.len &= ~(size_t)1;
    for (size_t pos = 0; pos < s.len && !b->bad;)
        sb_utf8(b, next_utf16(s, &pos));
}

static size_t utf8_size(uint32_t cp)
{
    return cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
}

struct str utf16_to_utf8(struct arena *a, struct span s)
{
    s.len &= ~(size_t)1;
    size_t need = 0;
    for (size_t pos = 0; pos < s.len;)
        need += utf8_size(next_utf16(s, &pos));
    char *out = arena_alloc(a, need + 4);
    if (!out)
        return (struct str){NULL, 0};
    size_t len = 0;
    /* Mapped bytes may change between the passes: never write past what was measured. */
    for (size_t pos = 0; pos < s.len && len < need;) {
        char tmp[4];
        size_t n = utf8_encode(tmp, next_utf16(s, &pos));
        if (n > need - len)
            break;
        memcpy(out + len, tmp, n);
        len += n;
    }
    return (struct str){out, len};
}

struct str utf16z_to_utf8(struct arena *a, struct span s)
{
    size_t n = 0;
    while (s.len - n >= 2 && load_u16(s.ptr + n) != 0)
        n += 2;
    s.len = n;
    return utf16_to_utf8(a, s);
}

struct str latin1_to_utf8(struct arena *a, struct span s)
{
    if (s.len > SIZE_MAX / 2 - 1)
        return (struct str){NULL, 0};
    char *out = arena_alloc(a, s.len * 2 + 1);
    size_t len = 0;
    for (size_t i = 0; out && i < s.len; i++)
        len += utf8_encode(out + len, s.ptr[i]);
    return (struct str){out, len};
}

/* Generalised decoding: lone surrogates are accepted, anything else ill-formed is U+FFFD. */
static uint32_t next_utf8(struct str s, size_t *pos)
{
    uint32_t cp = 0xFFFD;
    const uint8_t *u = (const uint8_t *)s.ptr + *pos;
    size_t left = s.len - *pos;
    size_t n = utf8_decode(s.ptr + *pos, left, &cp);
    if (n == 0 && left >= 3 && u[0] == 0xED && u[1] >= 0xA0 && u[1] <= 0xBF &&
        (u[2] & 0xC0) == 0x80) {
        cp = 0xD000u | (u[1] & 63u) << 6 | (u[2] & 63u);
        n = 3;
    }
    *pos += n ? n : 1;
    return n ? cp : 0xFFFD;
}

struct span utf8_to_utf16(struct arena *a, struct str s)
{
    if (s.len > SIZE_MAX / 2 - 1)
        return (struct span){NULL, 0};
    uint8_t *out = arena_alloc(a, s.len * 2 + 2);
    size_t len = 0;
    for (size_t pos = 0; out && pos < s.len;) {
        uint32_t cp = next_utf8(s, &pos);
        uint16_t units[2] = {(uint16_t)cp, 0};
        size_t n = 1;
        if (cp >= 0x10000) {
            units[0] = (uint16_t)(0xD800 + ((cp - 0x10000) >> 10));
            units[1] = (uint16_t)(0xDC00 + ((cp - 0x10000) & 0x3FF));
            n = 2;
        }
        for (size_t i = 0; i < n; i++) {
            out[len++] = (uint8_t)units[i];
            out[len++] = (uint8_t)(units[i] >> 8);
        }
    }
    return (struct span){out, len};
}

/* Code points above the BMP have no simple case pair that Windows folds. */
static uint32_t fold_next(struct str s, size_t *pos)
{
    uint32_t cp = next_utf8(s, pos);
    return cp < 0x10000 ? upcase16((uint16_t)cp) : cp;
}

int str_icmp(struct str a, struct str b)
{
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        if (a.ptr[i] == b.ptr[j] && (unsigned char)a.ptr[i] < 0x80) {
            i++, j++; /* most are this */
            continue;
        }
        uint32_t x = fold_next(a, &i), y = fold_next(b, &j);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (i < a.len) - (j < b.len);
}

bool str_ieq(struct str a, struct str b)
{
    return str_icmp(a, b) == 0;
}

uint32_t str_ihash(struct str s)
{
    uint32_t h = 2166136261u;
    for (size_t pos = 0; pos < s.len;)
        h = (h ^ fold_next(s, &pos)) * 16777619u;
    return h;
}

bool glob_imatch(struct str pattern, struct str name)
{
    enum { LONGEST = 32768 };
    if (pattern.len > LONGEST || name.len > LONGEST)
        return false;
    size_t p = 0, n = 0, star = SIZE_MAX, mark = 0;
    while (n < name.len) {
        size_t np = p, nn = n;
        uint32_t want = p < pattern.len ? fold_next(pattern, &np) : 0;
        uint32_t have = fold_next(name, &nn);
        if (p < pattern.len && want == '*') {
            star = p = np;
            mark = n;
        } else if (p < pattern.len && (want == '?' || want == have)) {
            p = np;
            n = nn;
        } else if (star != SIZE_MAX) {
            (void)fold_next(name, &mark);
            n = mark;
            p = star;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}
