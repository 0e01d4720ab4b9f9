#include "base/json.h"

#include <float.h>
#include <math.h>

#include "base/wtime.h"

void json_init(struct json *j, struct sb *out, int indent)
{
    *j = (struct json){.out = out, .indent = indent, .first = {true}};
}

static void newline(struct json *j)
{
    if (j->indent <= 0)
        return;
    sb_putc(j->out, '\n');
    for (int i = 0; i < j->indent * j->depth; i++)
        sb_putc(j->out, ' ');
}

static void before_value(struct json *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (!j->first[j->depth])
        sb_putc(j->out, ',');
    j->first[j->depth] = false;
    if (j->depth)
        newline(j);
}

static void open(struct json *j, char c)
{
    before_value(j);
    sb_putc(j->out, c);
    BUG_ON(j->depth + 1 >= JSON_DEPTH);
    j->first[++j->depth] = true;
}

static void close(struct json *j, char c)
{
    bool empty = j->first[j->depth];
    BUG_ON(j->depth == 0);
    j->depth--;
    if (!empty)
        newline(j);
    sb_putc(j->out, c);
}

void json_open_object(struct json *j)
{
    open(j, '{');
}

void json_close_object(struct json *j)
{
    close(j, '}');
}

void json_open_array(struct json *j)
{
    open(j, '[');
}

void json_close_array(struct json *j)
{
    close(j, ']');
}

void json_key(struct json *j, const char *key)
{
    json_key_str(j, str_of(key));
}

void json_key_str(struct json *j, struct str key)
{
    before_value(j);
    sb_json(j->out, key);
    sb_puts(j->out, j->indent > 0 ? ": " : ":");
    j->after_key = true;
}

void json_str(struct json *j, struct str s)
{
    before_value(j);
    sb_json(j->out, s);
}

void json_cstr(struct json *j, const char *s)
{
    if (s)
        json_str(j, str_of(s));
    else
        json_nil(j);
}

void json_u64(struct json *j, uint64_t v)
{
    before_value(j);
    sb_printf(j->out, "%llu", (unsigned long long)v);
}

void json_i64(struct json *j, int64_t v)
{
    before_value(j);
    sb_printf(j->out, "%lld", (long long)v);
}

void json_double(struct json *j, double v)
{
    before_value(j);
    if (fabs(v) <= DBL_MAX)
        sb_printf(j->out, "%.15g", v);
    else
        sb_puts(j->out, "null");
}

void json_bool(struct json *j, bool v)
{
    before_value(j);
    sb_puts(j->out, v ? "true" : "false");
}

void json_nil(struct json *j)
{
    before_value(j);
    sb_puts(j->out, "null");
}

void json_time(struct json *j, uint64_t wtime)
{
    char text[WTIME_TEXT];
    if (wtime)
        json_cstr(j, wtime_format(wtime, text));
    else
        json_nil(j);
}

bool json_escapes(uint32_t cp)
{
    return cp < 0x20 || cp == 0x7F || (cp >= 0x80 && cp < 0xA0) || (cp >= 0x200B && cp <= 0x200F) ||
           (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x2069) || cp == 0xFEFF ||
           cp == 0x061C;
}

static void escape_one(struct sb *b, uint32_t cp)
{
    static const char shorts[] = "\bb\ff\nn\rr\tt";
    for (size_t i = 0; i + 1 < sizeof shorts; i += 2)
        if (cp == (uint32_t)shorts[i]) {
            sb_printf(b, "\\%c", shorts[i + 1]);
            return;
        }
    sb_printf(b, "\\u%04x", (unsigned)cp);
}

static bool plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* Escapes what stands at s.ptr[i], returns how many bytes of it were consumed. */
static size_t escape_at(struct sb *b, struct str s, size_t i)
{
    const uint8_t *u = (const uint8_t *)s.ptr + i;
    uint32_t cp;
    size_t n = utf8_decode(s.ptr + i, s.len - i, &cp);
    if (n == 0 && s.len - i >= 3 && u[0] == 0xED && u[1] >= 0xA0 && u[1] <= 0xBF &&
        (u[2] & 0xC0) == 0x80) {
        /* "\ud800" alone would be read by few: a reader of JSON wants characters. */
        sb_puts(b, "\xEF\xBF\xBD");
        return 3;
    }
    if (n == 0) {
        sb_puts(b, "\xEF\xBF\xBD");
        return 1;
    }
    if (cp == '"' || cp == '\\') {
        sb_putc(b, '\\');
        sb_putc(b, (char)cp);
    } else if (json_escapes(cp)) {
        escape_one(b, cp);
    } else {
        sb_put(b, s.ptr + i, n);
    }
    return n;
}

void sb_json(struct sb *b, struct str s)
{
    sb_putc(b, '"');
    for (size_t i = 0; i < s.len && !b->bad;) {
        size_t run = i;
        while (run < s.len && plain((uint8_t)s.ptr[run]))
            run++;
        if (run > i)
            sb_put(b, s.ptr + i, run - i);
        i = run;
        if (i < s.len)
            i += escape_at(b, s, i);
    }
    sb_putc(b, '"');
}
