#include "script/tokens.h"

enum { REMARKS_MAX = 256, LEVEL_MAX = 100 };

struct reading {
    struct span text;
    size_t at;
    int line;
    struct tokens *out;
    bool store;  /* second pass: there is room for all */
    size_t open; /* the innermost bracket that is open, plus one */
};

static char peek(const struct reading *r, size_t ahead)
{
    return r->text.len - r->at > ahead ? (char)r->text.ptr[r->at + ahead] : 0;
}

static struct str cut(const struct reading *r, size_t from, size_t to)
{
    return (struct str){(const char *)r->text.ptr + from, to - from};
}

static void step(struct reading *r, size_t n)
{
    for (; n && r->at < r->text.len; n--)
        r->line += r->text.ptr[r->at++] == '\n';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* At `[`: the level of a long bracket, or -1. */
static int long_level(const struct reading *r)
{
    int level = 0;
    if (peek(r, 0) != '[')
        return -1;
    while (peek(r, (size_t)level + 1) == '=' && level < LEVEL_MAX)
        level++;
    return peek(r, (size_t)level + 1) == '[' ? level : -1;
}

/* Behind the opening bracket; returns what is in it. */
static struct str read_long(struct reading *r, int level)
{
    step(r, (size_t)level + 2);
    size_t from = r->at;
    for (; r->at < r->text.len; step(r, 1)) {
        size_t n = 1;
        if (peek(r, 0) != ']')
            continue;
        while (n <= (size_t)level && peek(r, n) == '=')
            n++;
        if (n != (size_t)level + 1 || peek(r, n) != ']')
            continue;
        struct str inner = cut(r, from, r->at);
        step(r, n + 1);
        return inner;
    }
    return cut(r, from, r->at);
}

static struct str read_quoted(struct reading *r)
{
    char quote = peek(r, 0);
    step(r, 1);
    size_t from = r->at;
    while (r->at < r->text.len && peek(r, 0) != quote && peek(r, 0) != '\n')
        step(r, peek(r, 0) == '\\' ? 2 : 1);
    struct str inner = cut(r, from, r->at);
    if (peek(r, 0) == quote)
        step(r, 1);
    return inner;
}

static void remember(struct reading *r, struct str comment)
{
    static const char word[] = "lint:";
    while (comment.len && (comment.ptr[0] == ' ' || comment.ptr[0] == '-'))
        comment = (struct str){comment.ptr + 1, comment.len - 1};
    if (comment.len < sizeof word - 1 || memcmp(comment.ptr, word, sizeof word - 1) != 0)
        return;
    if (r->store && r->out->remark_count < REMARKS_MAX)
        r->out->remarks[r->out->remark_count++] = (struct token_remark){
            r->line, {comment.ptr + sizeof word - 1, comment.len - sizeof word + 1}};
}

static void skip_comment(struct reading *r)
{
    step(r, 2);
    int level = long_level(r);
    if (level >= 0) {
        remember(r, read_long(r, level));
        return;
    }
    size_t from = r->at;
    while (r->at < r->text.len && peek(r, 0) != '\n')
        step(r, 1);
    remember(r, cut(r, from, r->at));
}

static void put(struct reading *r, enum token_kind kind, struct str text, int line)
{
    struct tokens *t = r->out;
    if (r->store)
        t->items[t->count] = (struct token){kind, text, line, t->count};
    t->count++;
}

static bool opens(char c)
{
    return c == '(' || c == '{' || c == '[';
}

static char closing(char c)
{
    return c == '(' ? ')' : c == '{' ? '}' : ']';
}

/* While a bracket is open its partner holds the one around it, plus one. */
static void pair(struct reading *r, size_t i)
{
    struct token *items = r->out->items;
    char c = items[i].text.ptr[0];
    if (opens(c)) {
        items[i].partner = r->open;
        r->open = i + 1;
    } else if (r->open && closing(items[r->open - 1].text.ptr[0]) == c) {
        size_t begin = r->open - 1;
        r->open = items[begin].partner;
        items[begin].partner = i;
        items[i].partner = begin;
    }
}

static void read_mark(struct reading *r)
{
    static const char *const marks[] = {
        "...", "==", "~=", "<=", ">=", "//", "::", "<<", ">>", ".."};
    size_t len = 1, from = r->at;
    int line = r->line;
    for (size_t i = 0; i < sizeof marks / sizeof *marks && len == 1; i++) {
        size_t n = strlen(marks[i]);
        if (r->text.len - r->at >= n && memcmp(r->text.ptr + r->at, marks[i], n) == 0)
            len = n;
    }
    step(r, len);
    put(r, TOKEN_MARK, cut(r, from, r->at), line);
    if (r->store && len == 1 && strchr("(){}[]", r->text.ptr[from]))
        pair(r, r->out->count - 1);
}

static void read_word(struct reading *r)
{
    size_t from = r->at;
    bool number = is_digit(peek(r, 0)) || peek(r, 0) == '.';
    while (is_letter(peek(r, 0)) || is_digit(peek(r, 0)) ||
           (number && peek(r, 0) == '.' && peek(r, 1) != '.'))
        step(r, 1);
    put(r, number ? TOKEN_NUMBER : TOKEN_NAME, cut(r, from, r->at), r->line);
}

static void read_all(struct reading *r)
{
    while (r->at < r->text.len) {
        char c = peek(r, 0);
        int level, line = r->line;
        if (c == '-' && peek(r, 1) == '-')
            skip_comment(r);
        else if (c == '"' || c == '\'')
            put(r, TOKEN_TEXT, read_quoted(r), line);
        else if (is_letter(c) || is_digit(c) || (c == '.' && is_digit(peek(r, 1))))
            read_word(r);
        else if (c == ' ' || (c >= '\t' && c <= '\r') || c == 0)
            step(r, 1);
        else if ((level = long_level(r)) >= 0)
            put(r, TOKEN_TEXT, read_long(r, level), line);
        else
            read_mark(r);
    }
}

bool tokens_read(struct span text, struct arena *a, struct tokens *out)
{
    *out = (struct tokens){0};
    struct reading count = {.text = text, .line = 1, .out = out};
    read_all(&count);
    size_t n = out->count;
    *out = (struct tokens){0};
    out->items = ARENA_ARRAY(a, n + 1, struct token);
    out->remarks = ARENA_ARRAY(a, REMARKS_MAX, struct token_remark);
    if (!out->items || !out->remarks)
        return false;
    struct reading store = {.text = text, .line = 1, .out = out, .store = true};
    read_all(&store);
    for (size_t open = store.open; open;) {
        size_t around = out->items[open - 1].partner;
        out->items[open - 1].partner = open - 1;
        open = around;
    }
    out->items[n] = (struct token){TOKEN_END, {NULL, 0}, store.line, n};
    return true;
}

bool token_is(const struct tokens *t, size_t i, const char *text)
{
    return i < t->count && t->items[i].kind != TOKEN_TEXT && str_eq(t->items[i].text, str_of(text));
}
