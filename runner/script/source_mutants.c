#include "script/source_mutants.h"

#include "script/tokens.h"

enum { MUTANTS_MAX = 4096, WORD_MOST = 120, DEPTH_MOST = 256 };

struct making {
    struct span text;
    const struct tokens *t;
    bool (*wanted)(void *context, int line);
    void *context;
    struct arena *a;
    struct source_mutants *out;
    bool full;
};

/* ---- one mutant -------------------------------------------------------------------------------
 */

/* Where a token begins and ends in the text, its quotes included. */
static size_t begin_of(const struct making *m, size_t i)
{
    size_t at = (size_t)((const uint8_t *)m->t->items[i].text.ptr - m->text.ptr);
    return m->t->items[i].kind == TOKEN_TEXT && at ? at - 1 : at;
}

static size_t inner_end(const struct making *m, size_t i)
{
    return (size_t)((const uint8_t *)m->t->items[i].text.ptr - m->text.ptr) +
           m->t->items[i].text.len;
}

/* The text with bytes [from, to) replaced. */
static void replace(struct making *m, int line, size_t from, size_t to, struct str by,
                    struct str was)
{
    struct source_mutants *out = m->out;
    if (m->wanted && !m->wanted(m->context, line)) {
        out->elsewhere++;
        return;
    }
    if (!out->items)
        out->items = ARENA_ARRAY(m->a, MUTANTS_MAX, struct source_mutant);
    size_t len = m->text.len - (to - from) + by.len;
    uint8_t *text = out->items && out->count < MUTANTS_MAX ? arena_alloc(m->a, len + 1) : NULL;
    if (!text) {
        m->full = true;
        return;
    }
    memcpy(text, m->text.ptr, from);
    memcpy(text + from, by.ptr, by.len);
    memcpy(text + from + by.len, m->text.ptr + to, m->text.len - to);
    out->items[out->count++] =
        (struct source_mutant){line, str_dup(m->a, was), str_dup(m->a, by), span_of(text, len)};
}

static void swap(struct making *m, size_t i, const char *by)
{
    const struct token *k = &m->t->items[i];
    replace(m, k->line, begin_of(m, i), inner_end(m, i), str_of(by), k->text);
}

/* ---- what can be done to a token --------------------------------------------------------------
 */

static const struct {
    const char *was, *is;
} swaps[] = {
    {"==", "~="},  {"~=", "=="},  {"<", "<="},       {"<", ">="},       {"<=", "<"},
    {"<=", ">"},   {">", ">="},   {">", "<="},       {">=", ">"},       {">=", "<"},
    {"and", "or"}, {"or", "and"}, {"true", "false"}, {"false", "true"}, {"not", ""},
};

/* `<const>` and `<close>` compare nothing. */
static bool attribute(const struct tokens *t, size_t i)
{
    return token_is(t, i + 1, "const") || token_is(t, i + 1, "close") ||
           (i && (token_is(t, i - 1, "const") || token_is(t, i - 1, "close")));
}

static bool operand(const struct tokens *t, size_t i)
{
    enum token_kind k = t->items[i].kind;
    return k == TOKEN_NUMBER || (k == TOKEN_NAME && !token_is(t, i, "return")) ||
           token_is(t, i, ")") || token_is(t, i, "]");
}

static void swap_words(struct making *m, size_t i)
{
    if (m->t->items[i].kind == TOKEN_TEXT || attribute(m->t, i))
        return;
    for (size_t k = 0; k < sizeof swaps / sizeof *swaps; k++)
        if (token_is(m->t, i, swaps[k].was))
            swap(m, i, swaps[k].is);
    bool between = i && operand(m->t, i - 1);
    if (between && token_is(m->t, i, "+"))
        swap(m, i, "-");
    else if (between && token_is(m->t, i, "-"))
        swap(m, i, "+");
    else if (token_is(m->t, i, "&"))
        swap(m, i, "|");
}

static void shift_number(struct making *m, size_t i)
{
    const struct token *k = &m->t->items[i];
    char text[64];
    if (k->kind != TOKEN_NUMBER || k->text.len > 40)
        return;
    snprintf(text, sizeof text, "(" STR_FMT " + 1)", STR_ARG(k->text));
    swap(m, i, text);
}

/* Texts that decide something: not those that are put together to be shown. */
static bool decides(const struct tokens *t, size_t i)
{
    struct str s = t->items[i].text;
    bool path = s.len && memchr(s.ptr, '\\', s.len), words = s.len && memchr(s.ptr, ' ', s.len);
    bool joined = token_is(t, i + 1, "..") || (i && token_is(t, i - 1, ".."));
    return path || (!words && !joined);
}

static void spoil_text(struct making *m, size_t i)
{
    const struct token *k = &m->t->items[i];
    if (k->kind != TOKEN_TEXT || k->text.len > WORD_MOST || !decides(m->t, i))
        return;
    if (i && (token_is(m->t, i - 1, "use") || token_is(m->t, i - 1, "cases")))
        return;
    size_t end = inner_end(m, i);
    replace(m, k->line, end, end, STR("~"), k->text);
}

/* if X then: if not (X) then */
static void negate(struct making *m, size_t i)
{
    bool loop = token_is(m->t, i, "while");
    size_t end = i + 1;
    if (m->t->items[i].kind != TOKEN_NAME ||
        !(loop || token_is(m->t, i, "if") || token_is(m->t, i, "elseif")))
        return;
    while (end < m->t->count && !token_is(m->t, end, loop ? "do" : "then"))
        end++;
    if (end == m->t->count || end - i < 2)
        return;
    size_t from = inner_end(m, i), to = begin_of(m, end);
    struct str was = {(const char *)m->text.ptr + from + 1, to - from - 1};
    while (was.len && (was.ptr[was.len - 1] == ' ' || was.ptr[was.len - 1] == '\n'))
        was.len--;
    struct str by = str_fmt(m->a, " not (" STR_FMT ") ", STR_ARG(was));
    replace(m, m->t->items[i].line, from, to, by, was);
}

/* ---- functions --------------------------------------------------------------------------------
 */

/* How many functions are open behind each token; blocks of other kinds are told by their words. */
struct depth {
    size_t blocks, functions;
    bool function[DEPTH_MOST];
    int line[DEPTH_MOST];
};

static void deeper(struct depth *d, const struct tokens *t, size_t i)
{
    if (t->items[i].kind != TOKEN_NAME)
        return;
    bool function = token_is(t, i, "function");
    if (function || token_is(t, i, "if") || token_is(t, i, "do") || token_is(t, i, "repeat")) {
        if (d->blocks < DEPTH_MOST)
            d->function[d->blocks] = function;
        d->blocks++;
        d->functions += function;
    } else if ((token_is(t, i, "end") || token_is(t, i, "until")) && d->blocks) {
        d->blocks--;
        d->functions -= d->blocks < DEPTH_MOST && d->function[d->blocks];
    }
}

bool source_mutants(struct span text, bool (*wanted)(void *context, int line), void *context,
                    bool outside, struct arena *a, struct source_mutants *out, struct err *e)
{
    struct tokens t;
    struct depth d = {0};
    struct making m = {text, &t, wanted, context, a, out, false};
    *out = (struct source_mutants){0};
    if (!tokens_read(text, a, &t))
        return err_set(e, ERR_NOMEM, 0, "no memory for the mutants");
    for (size_t i = 0; i < t.count; i++) {
        deeper(&d, &t, i);
        m.wanted = d.functions ? wanted : NULL;
        if (!d.functions && !outside)
            continue;
        swap_words(&m, i);
        shift_number(&m, i);
        spoil_text(&m, i);
        if (d.functions)
            negate(&m, i);
    }
    return !m.full || err_set(e, ERR_LIMIT, 0, "more than %d mutants of one file", MUTANTS_MAX);
}

void source_function_lines(struct span text, struct arena *a, int *owner, bool *code, size_t count)
{
    struct tokens t;
    struct depth d = {0};
    if (!tokens_read(text, a, &t))
        return;
    for (size_t i = 0; i < t.count; i++) {
        size_t line = (size_t)t.items[i].line, before = d.blocks;
        deeper(&d, &t, i);
        if (d.blocks > before && d.blocks <= DEPTH_MOST)
            d.line[d.blocks - 1] = t.items[i].line;
        bool header = d.blocks > before;
        bool word =
            t.items[i].kind != TOKEN_MARK && !token_is(&t, i, "end") && !token_is(&t, i, "else");
        if (line > count || header || !word)
            continue;
        code[line] = true;
        for (size_t k = d.blocks < DEPTH_MOST ? d.blocks : DEPTH_MOST; k-- > 0;)
            if (d.function[k]) {
                owner[line] = d.line[k];
                break;
            }
    }
}
