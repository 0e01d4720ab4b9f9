#include "report/layout.h"

#include "base/wtime.h"

static const struct {
    uint32_t first, last;
} wide[] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},
    {0xA000, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

static size_t columns_of(uint32_t cp)
{
    if ((cp >= 0x300 && cp <= 0x36F) || (cp >= 0xFE00 && cp <= 0xFE0F))
        return 0;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (cp >= wide[i].first && cp <= wide[i].last)
            return 2;
    return 1;
}

/* Columns of the first `len` bytes of already escaped text. */
static size_t measure(const char *p, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        size_t n = utf8_decode(p + i, len - i, &cp);
        columns += n ? columns_of(cp) : 1;
        i += n ? n : 1;
    }
    return columns;
}

size_t terminal_columns(struct str s)
{
    struct sb b;
    sb_init(&b, (size_t)1 << 26);
    sb_terminal(&b, s);
    size_t columns = b.ptr ? measure(b.ptr, b.len) : 0;
    sb_done(&b);
    return columns;
}

void lay_colour(const struct layout *l, enum colour c, struct str text)
{
    static const char *const codes[] = {"", "1", "2", "1;31", "32", "33", "36"};
    bool on = l->style->colour && c != PLAIN;
    if (on)
        sb_printf(l->out, "\x1b[%sm", codes[c]);
    sb_terminal(l->out, text);
    if (on)
        sb_puts(l->out, "\x1b[0m");
}

void lay_pad(const struct layout *l, size_t from, size_t to)
{
    do
        sb_putc(l->out, ' ');
    while (++from < to);
}

/* How many bytes of p go on a line of `room` columns: the longest piece that fits and ends at a
 * good place, at least one character. */
static size_t fit(const char *p, size_t len, size_t room)
{
    size_t used = 0, i = 0, space = 0, slash = 0;
    while (i < len) {
        uint32_t cp = 0;
        size_t n = utf8_decode(p + i, len - i, &cp);
        size_t columns = n ? columns_of(cp) : 1;
        if (used + columns > room && i > 0)
            return space ? space : slash ? slash : i;
        used += columns;
        i += n ? n : 1;
        if (cp == ' ')
            space = i;
        /* A path breaks behind a separator that has something before it. */
        if ((cp == '\\' || cp == '/') && i > 2)
            slash = i;
    }
    return len;
}

void lay_wrap(const struct layout *l, struct str text, unsigned indent)
{
    struct sb b;
    sb_init(&b, (size_t)1 << 26);
    sb_terminal(&b, text);
    size_t room = l->style->width > indent + 20 ? l->style->width - indent : 20;
    for (size_t at = 0; b.ptr && at < b.len;) {
        if (at)
            sb_printf(l->out, "%*s", (int)indent, "");
        size_t n = fit(b.ptr + at, b.len - at, room);
        size_t shown = n;
        while (shown && b.ptr[at + shown - 1] == ' ')
            shown--;
        sb_put(l->out, b.ptr + at, shown);
        sb_putc(l->out, '\n');
        at += n;
    }
    if (!b.ptr || b.len == 0)
        sb_putc(l->out, '\n');
    sb_done(&b);
}

void lay_field(const struct layout *l, const char *label, struct str text)
{
    if (text.len == 0)
        return;
    sb_printf(l->out, "%*s", LABEL_INDENT, "");
    lay_colour(l, DIM, str_of(label));
    lay_pad(l, LABEL_INDENT + strlen(label), LABEL_TEXT);
    lay_wrap(l, text, LABEL_TEXT);
}

static void list(struct sb *b, const struct value *v)
{
    for (size_t i = 0; i < v->list.count; i++) {
        if (i)
            sb_puts(b, ", ");
        sb_value(b, &v->list.items[i]);
    }
}

static void map(struct sb *b, const struct value *v)
{
    for (size_t i = 0; i < v->map.count; i++) {
        if (i)
            sb_puts(b, ", ");
        sb_str(b, v->map.members[i].name);
        sb_puts(b, " ");
        sb_value(b, &v->map.members[i].value);
    }
}

void sb_value(struct sb *b, const struct value *v)
{
    char text[WTIME_TEXT];
    switch (v->kind) {
    case VALUE_NULL:
        sb_puts(b, "none");
        break;
    case VALUE_BOOL:
        sb_puts(b, v->boolean ? "true" : "false");
        break;
    case VALUE_INT:
        sb_printf(b, "%lld", (long long)v->integer);
        break;
    case VALUE_NUMBER:
        sb_printf(b, "%.15g", v->number);
        break;
    case VALUE_TEXT:
        sb_str(b, v->text);
        break;
    case VALUE_TIME:
        sb_puts(b, wtime_format(v->time, text));
        break;
    case VALUE_LIST:
        list(b, v);
        break;
    case VALUE_MAP:
        map(b, v);
        break;
    }
}
