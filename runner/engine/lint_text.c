/* Constructor calls and tables as they are written. */
#include "engine/lint_file.h"

static bool is_keyword(struct str s)
{
    static const char *const words[] = {"and",   "break", "do",       "else", "elseif", "end",
                                        "false", "for",   "function", "goto", "if",     "in",
                                        "local", "nil",   "not",      "or",   "repeat", "return",
                                        "then",  "true",  "until",    "while"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(s, str_of(words[i])))
            return true;
    return false;
}

static bool is_name(const struct tokens *t, size_t i)
{
    return i < t->count && t->items[i].kind == TOKEN_NAME && !is_keyword(t->items[i].text);
}

/* The braces that hold a constructor's fields: its only argument, or the last of several. */
static size_t find_table(const struct tokens *t, const struct call *c)
{
    size_t table = 0;
    if (token_is(t, c->args, "{"))
        return c->args;
    if (!token_is(t, c->args, "("))
        return 0;
    for (size_t i = c->args + 1; i < c->end;) {
        size_t next = lint_skip(t, i, c->end);
        table = token_is(t, i, "{") && t->items[i].partner + 1 == next ? i : 0;
        i = next + 1;
    }
    return table;
}

bool lint_call(const struct tokens *t, size_t i, struct call *out)
{
    *out = (struct call){.at = i};
    if (!is_name(t, i) || (i && (token_is(t, i - 1, ".") || token_is(t, i - 1, ":") ||
                                 token_is(t, i - 1, "function"))))
        return false;
    size_t used = 0;
    for (;; i += 2) {
        struct str part = t->items[i].text;
        int n = snprintf(out->name + used, CALL_NAME - used, "%s" STR_FMT, used ? "." : "",
                         STR_ARG(part));
        used += n > 0 ? (size_t)n : 0;
        if (used >= CALL_NAME)
            return false;
        if (!token_is(t, i + 1, ".") || !is_name(t, i + 2))
            break;
    }
    out->args = i + 1;
    bool bracket = token_is(t, out->args, "{") || token_is(t, out->args, "(");
    if (!bracket && (out->args >= t->count || t->items[out->args].kind != TOKEN_TEXT))
        return false;
    out->end = bracket ? t->items[out->args].partner : out->args;
    if (bracket && out->end == out->args)
        return false;
    out->table = find_table(t, out);
    return true;
}

/* Words that `end` or `until` closes. */
static bool begins_block(const struct tokens *t, size_t i)
{
    return token_is(t, i, "function") || token_is(t, i, "if") || token_is(t, i, "do") ||
           token_is(t, i, "repeat");
}

size_t lint_skip(const struct tokens *t, size_t i, size_t end)
{
    size_t blocks = 0;
    for (; i < end; i++) {
        if (begins_block(t, i))
            blocks++;
        else if (blocks && (token_is(t, i, "end") || token_is(t, i, "until")))
            blocks--;
        else if (!blocks && (token_is(t, i, ",") || token_is(t, i, ";")))
            return i;
        if (t->items[i].kind == TOKEN_MARK && t->items[i].partner > i)
            i = t->items[i].partner;
    }
    return end;
}

bool lint_field(const struct tokens *t, size_t close, size_t *i, struct table_field *out)
{
    while (*i < close) {
        size_t at = *i, end = lint_skip(t, at, close);
        size_t name = token_is(t, at, "[") ? at + 1 : at;
        size_t equals = name == at ? at + 1 : at + 3;
        *i = end + 1;
        if (!token_is(t, equals, "=") || equals >= end)
            continue;
        if (name != at && t->items[name].kind != TOKEN_TEXT)
            continue;
        *out = (struct table_field){t->items[name].text, t->items[name].line, equals + 1, end};
        return true;
    }
    return false;
}

bool lint_find_field(const struct tokens *t, const struct call *c, const char *name,
                     struct table_field *out)
{
    if (!c->table)
        return false;
    size_t i = c->table + 1;
    while (lint_field(t, t->items[c->table].partner, &i, out))
        if (str_eq(out->name, str_of(name)))
            return true;
    return false;
}

bool lint_rule_call(const struct lint_file *f, const struct rule *r, struct call *out)
{
    const struct tokens *t = &f->tokens;
    struct table_field id;
    for (size_t i = 0; i < t->count; i++)
        if (lint_call(t, i, out) && strcmp(out->name, "rule") == 0 &&
            lint_find_field(t, out, "id", &id) && id.end == id.value + 1 &&
            t->items[id.value].kind == TOKEN_TEXT && str_eq(t->items[id.value].text, r->id))
            return true;
    return false;
}
