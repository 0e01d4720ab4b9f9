#include "script/source.h"

struct scan {
    const char *p, *end;
    int line;
};

static char peek(const struct scan *s, size_t ahead)
{
    return (size_t)(s->end - s->p) > ahead ? s->p[ahead] : 0;
}

static void step(struct scan *s)
{
    if (s->p < s->end && *s->p++ == '\n')
        s->line++;
}

/* At `[`: the level of a long bracket, or -1. */
static int long_level(const struct scan *s)
{
    int level = 0;
    if (peek(s, 0) != '[')
        return -1;
    while (peek(s, (size_t)level + 1) == '=' && level < 100)
        level++;
    return peek(s, (size_t)level + 1) == '[' ? level : -1;
}

static void skip_long(struct scan *s, int level)
{
    for (; s->p < s->end; step(s)) {
        int n = 0;
        if (*s->p != ']')
            continue;
        while (peek(s, (size_t)n + 1) == '=' && n < level)
            n++;
        if (n == level && peek(s, (size_t)n + 1) == ']') {
            s->p += level + 2;
            return;
        }
    }
}

static void skip_quoted(struct scan *s)
{
    char quote = *s->p;
    for (step(s); s->p < s->end && *s->p != quote && *s->p != '\n'; step(s))
        if (*s->p == '\\')
            step(s);
    step(s);
}

static void skip_comment(struct scan *s)
{
    s->p += 2;
    int level = long_level(s);
    if (level >= 0) {
        skip_long(s, level);
        return;
    }
    while (s->p < s->end && *s->p != '\n')
        step(s);
}

/* Skips one comment or string; false when there is none here. */
static bool skip_opaque(struct scan *s)
{
    int level;
    if (peek(s, 0) == '-' && peek(s, 1) == '-')
        skip_comment(s);
    else if (peek(s, 0) == '"' || peek(s, 0) == '\'')
        skip_quoted(s);
    else if ((level = long_level(s)) >= 0)
        skip_long(s, level);
    else
        return false;
    return true;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static struct str read_name(struct scan *s)
{
    struct str name = {s->p, 0};
    while (is_name(peek(s, name.len)))
        name.len++;
    s->p += name.len;
    return name;
}

static bool assigned(struct scan *s)
{
    while (peek(s, 0) == ' ' || peek(s, 0) == '\t')
        step(s);
    return peek(s, 0) == '=' && peek(s, 1) != '=';
}

int source_field_line(struct span text, int from, struct str name)
{
    struct scan s = {(const char *)text.ptr, (const char *)text.ptr + text.len, 1};
    while (s.p < s.end && s.line < from)
        step(&s);
    int depth = 0;
    char before = 0;
    while (s.p < s.end) {
        if (skip_opaque(&s)) {
            before = '"';
        } else if (is_name(*s.p)) {
            int line = s.line;
            struct str word = read_name(&s);
            bool first = before == '{' || before == ',' || before == ';';
            if (depth == 1 && first && str_eq(word, name) && assigned(&s))
                return line;
            before = 'a';
        } else {
            if (*s.p == '{')
                depth++;
            if (*s.p == '}' && --depth <= 0)
                return from;
            if (*s.p > ' ')
                before = *s.p;
            step(&s);
        }
    }
    return from;
}
