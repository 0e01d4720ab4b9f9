#include "host/archive_name.h"

enum { LONGEST = 4096, DEEPEST = 64 };

/* Code page 437, the second half: what a zip name is that does not say it is UTF-8 (APPNOTE.TXT
 * appendix D). */
static const uint16_t cp437[128] = {
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF,
    0x00EE, 0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9,
    0x00FF, 0x00D6, 0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3, 0x00FA,
    0x00F1, 0x00D1, 0x00AA, 0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557,
    0x255D, 0x255C, 0x255B, 0x2510, 0x2514, 0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F,
    0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C, 0x2588, 0x2584, 0x258C, 0x2590, 0x2580,
    0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4, 0x03A6, 0x0398, 0x03A9, 0x03B4,
    0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00F7, 0x2248,
    0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0,
};

static bool is_utf8(struct str s)
{
    for (size_t i = 0; i < s.len;) {
        uint32_t cp;
        size_t n = utf8_decode(s.ptr + i, s.len - i, &cp);
        if (!n)
            return false;
        i += n;
    }
    return true;
}

/* Many tools write UTF-8 without saying so; well-formed UTF-8 is hardly ever anything else. */
static void put_decoded(struct sb *b, struct str raw)
{
    if (is_utf8(raw)) {
        sb_str(b, raw);
        return;
    }
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t c = (uint8_t)raw.ptr[i];
        sb_utf8(b, c < 0x80 ? c : cp437[c - 0x80]);
    }
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

/* "C:x" is relative to a drive's current folder; "C:" alone is the name of a folder. */
static bool is_drive_relative(struct str s)
{
    char c = s.len > 2 ? (char)(s.ptr[0] | 0x20) : 0;
    return c >= 'a' && c <= 'z' && s.ptr[1] == ':' && !is_slash(s.ptr[2]);
}

/* Joins the components of `name` with '/'; false when one of them leads up or there are too many.
 */
static bool join(struct str name, struct sb *out)
{
    size_t depth = 0;
    for (size_t i = 0; i < name.len; i++) {
        size_t start = i;
        while (i < name.len && !is_slash(name.ptr[i]))
            i++;
        struct str part = {name.ptr + start, i - start};
        if (!part.len || str_eq(part, STR(".")))
            continue;
        if (str_eq(part, STR("..")) || ++depth > DEEPEST)
            return false;
        if (out->len)
            sb_putc(out, '/');
        sb_str(out, part);
    }
    return out->len != 0;
}

bool archive_name(struct str raw, struct sb *out)
{
    out->len = 0;
    if (!raw.len || raw.len > LONGEST || is_slash(raw.ptr[0]) || is_drive_relative(raw) ||
        memchr(raw.ptr, '\0', raw.len))
        return false;
    struct sb decoded;
    sb_init(&decoded, LONGEST * 4);
    put_decoded(&decoded, raw);
    bool ok = !decoded.bad && join((struct str){decoded.ptr, decoded.len}, out) && !out->bad;
    sb_done(&decoded);
    return ok;
}
