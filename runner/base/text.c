#include "base/text.h"

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t text_distance(struct str a, struct str b)
{
    if (a.len > LONGEST || b.len > LONGEST)
        return SIZE_MAX;
    size_t rows[3][LONGEST + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *older = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = a.ptr[i - 1] != b.ptr[j - 1];
            now[j] = least(least(before[j] + 1, now[j - 1] + 1), before[j - 1] + change);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                now[j] = least(now[j], older[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

static bool hidden(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0xAD || cp == 0x61C || cp == 0x180E ||
           (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
           (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF || (cp >= 0xFFF9 && cp <= 0xFFFB) ||
           (cp >= 0xE0000 && cp <= 0xE007F);
}

void sb_terminal(struct sb *b, struct str s)
{
    for (size_t i = 0; i < s.len && !b->bad;) {
        uint32_t cp;
        size_t n = utf8_decode(s.ptr + i, s.len - i, &cp);
        if (n == 0)
            sb_printf(b, "\\x%02x", (unsigned)(uint8_t)s.ptr[i]);
        else if (hidden(cp))
            sb_printf(b, "\\u{%x}", (unsigned)cp);
        else
            sb_put(b, s.ptr + i, n);
        i += n ? n : 1;
    }
}
