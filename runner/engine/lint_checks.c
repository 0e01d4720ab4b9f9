/* Check functions as they are written: what they read beside what they say they need, whether a
 * want would do, and texts that differ between languages. */
#include "engine/lint_file.h"

struct function {
    const struct tokens *t;
    size_t from, to; /* tokens of the body */
    struct str host; /* name of its parameter */
};

static const char *const spaces[] = {"registry", "product",   "service",      "events",
                                     "file",     "signature", "certificates", "lists"};
enum { SPACES = sizeof spaces / sizeof *spaces, REGISTRY = 0, PRODUCT = 1, SERVICE = 2 };

static bool find_function(const struct lint_file *f, const struct rule *r, struct function *out)
{
    const struct tokens *t = &f->tokens;
    struct call rule;
    struct table_field check;
    if (!lint_rule_call(f, r, &rule) || !lint_find_field(t, &rule, "check", &check))
        return false;
    size_t i = check.value;
    if (!token_is(t, i, "function") || !token_is(t, i + 1, "("))
        return false;
    size_t close = t->items[i + 1].partner;
    *out = (struct function){.t = t, .from = close + 1, .to = check.end - 1};
    if (close == i + 3)
        out->host = t->items[i + 2].text;
    return out->to > out->from;
}

static bool is_host(const struct function *fn, size_t i)
{
    return fn->host.len && fn->t->items[i].kind == TOKEN_NAME &&
           str_eq(fn->t->items[i].text, fn->host) && !token_is(fn->t, i - 1, ".");
}

/* Namespaces read as host.NAME, as bits; false where `host` goes elsewhere, so that more may be. */
static bool spaces_read(const struct function *fn, unsigned *out)
{
    *out = 0;
    for (size_t i = fn->from; i < fn->to; i++) {
        if (!is_host(fn, i))
            continue;
        if (!token_is(fn->t, i + 1, "."))
            return false;
        for (unsigned k = 0; k < SPACES; k++)
            if (token_is(fn->t, i + 2, spaces[k]))
                *out |= 1u << k;
    }
    return fn->host.len != 0;
}

static void look_at_needs(struct lint_file *f, const struct rule *r, unsigned read, bool all)
{
    for (unsigned k = 0; k < SPACES; k++) {
        bool needed = r->needs >> k & 1, used = read >> k & 1;
        if (used && !needed)
            lint_say(f, r->line, LINT_ERROR, "needs",
                     "rule \"" STR_FMT "\": its check reads host.%s, which is not in \"needs\"",
                     STR_ARG(r->id), spaces[k]);
        if (all && needed && !used)
            lint_say(f, r->line, LINT_WARNING, "needs",
                     "rule \"" STR_FMT "\": \"needs\" names \"%s\", which its check never reads",
                     STR_ARG(r->id), spaces[k]);
    }
}

/* ---- could it be a want? -------------------------------------------------------------------- */

static bool is_comparison(const struct tokens *t, size_t i)
{
    static const char *const marks[] = {"==", "~=", "<", ">", "<=", ">="};
    for (size_t k = 0; k < sizeof marks / sizeof *marks; k++)
        if (token_is(t, i, marks[k]))
            return true;
    return false;
}

/* Loops, lengths, arithmetic and tables: more than a want says. */
static bool is_beyond(const struct tokens *t, size_t i)
{
    static const char *const words[] = {"for", "while", "repeat", "function", "goto", "#", "+",
                                        "*",   "/",     "//",     "%",        "^",    "&", "|",
                                        "~",   "<<",    ">>",     "[",        "{",    "-"};
    if (t->items[i].kind == TOKEN_TEXT)
        return false;
    /* local x <const> */
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (token_is(t, i, words[k]))
            return true;
    return false;
}

/* What stands behind a comparison: a literal, or an input's value. */
static bool against_literal(const struct function *fn, size_t i)
{
    const struct token *next = &fn->t->items[i + 1];
    bool word = token_is(fn->t, i + 1, "true") || token_is(fn->t, i + 1, "false");
    return next->kind == TOKEN_TEXT || next->kind == TOKEN_NUMBER || word ||
           (is_host(fn, i + 1) && token_is(fn->t, i + 3, "inputs"));
}

static bool verdict_call(const char *name)
{
    static const char *const names[] = {"pass", "fail", "unknown", "not_applicable"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Only reads single facts and compares them with literals. */
static bool only_compares(const struct function *fn)
{
    size_t comparisons = 0;
    struct call c;
    for (size_t i = fn->from; i < fn->to; i++) {
        bool constant = token_is(fn->t, i, "<") && token_is(fn->t, i + 1, "const") &&
                        token_is(fn->t, i + 2, ">");
        if (constant) {
            i += 2;
            continue;
        }
        if (is_beyond(fn->t, i))
            return false;
        if (is_comparison(fn->t, i)) {
            comparisons++;
            if (!against_literal(fn, i))
                return false;
        }
        if (token_is(fn->t, i, ":") &&
            !(token_is(fn->t, i + 1, "value") || token_is(fn->t, i + 1, "or_default")))
            return false;
        if (lint_call(fn->t, i, &c) && !is_host(fn, i) && !verdict_call(c.name))
            return false;
    }
    return comparisons > 0;
}

/* Every field of the fact that is compared is this one. */
static bool compares_only(const struct function *fn, const char *field, const char *other)
{
    for (size_t i = fn->from + 2; i < fn->to; i++)
        if (is_comparison(fn->t, i) && token_is(fn->t, i - 2, ".") &&
            !token_is(fn->t, i - 1, field) && !token_is(fn->t, i - 1, other))
            return false;
    return true;
}

static void look_for_want(struct lint_file *f, const struct rule *r, const struct function *fn,
                          unsigned read)
{
    if (!only_compares(fn))
        return;
    const char *what = NULL, *instead = NULL;
    if (read == 1u << REGISTRY)
        what = "registry values", instead = "registry.value(key, name, ...)";
    else if (read == 1u << PRODUCT && compares_only(fn, "version", "state"))
        what = "a product's version", instead = "product.version(id, ...)";
    else if (read == 1u << SERVICE && compares_only(fn, "start", "state"))
        what = "how a service starts", instead = "service.enabled{...}";
    if (what)
        lint_say(f, r->line, LINT_WARNING, "check",
                 "rule \"" STR_FMT "\": its check only compares %s: want = %s says the same, and "
                 "can be listed, planned and repaired",
                 STR_ARG(r->id), what, instead);
}

/* ---- texts of one language ------------------------------------------------------------------ */

static void look_for_texts(struct lint_file *f, const struct function *fn)
{
    static const struct {
        const char *field, *why;
    } fields[] = {
        {"display_name", "is written in the language of the installation"},
        {"product_name", "may be written in the language of the file"},
        {"reason", "is for people, and may be worded differently tomorrow"},
    };
    for (size_t i = fn->from; i + 1 < fn->to; i++)
        for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
            if (!token_is(fn->t, i, ".") || !token_is(fn->t, i + 1, fields[k].field))
                continue;
            if (is_comparison(fn->t, i + 2) || token_is(fn->t, i + 2, ":"))
                lint_say(f, fn->t->items[i + 1].line, LINT_WARNING, "locale",
                         "%s %s: compare something that is the same everywhere", fields[k].field,
                         fields[k].why);
        }
}

void lint_checks(struct lint_file *f)
{
    const struct policy *p = f->policy;
    for (size_t i = 0; p && i < p->rule_count; i++) {
        struct function fn;
        unsigned read;
        if (!p->rules[i].has_check || !find_function(f, &p->rules[i], &fn))
            continue;
        bool all = spaces_read(&fn, &read);
        look_at_needs(f, &p->rules[i], read, all);
        if (all)
            look_for_want(f, &p->rules[i], &fn, read);
        look_for_texts(f, &fn);
    }
}
