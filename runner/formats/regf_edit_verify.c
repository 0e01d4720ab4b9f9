/* Both hives read side by side: what was not asked for must read the same, damage included. */
#include "formats/regf_edit_part.h"

#include "base/utf16.h"

enum { DEPTH_MAX = 512, PATH_MAX_BYTES = 1 << 20 };

bool regf_edit_touch(struct regf_edit *ed, const struct regf_touch *t, struct err *e)
{
    struct regf_touch *kept = NULL;
    for (struct regf_touch *old = ed->touched; old && !kept; old = old->next)
        if (old->dropped == t->dropped && str_ieq(old->key, t->key) && str_ieq(old->name, t->name))
            kept = old;
    if (!kept) {
        kept = ARENA_NEW(&ed->mem, struct regf_touch);
        if (!kept)
            return err_set(e, ERR_NOMEM, 0, "no memory to edit a hive");
        *kept = *t;
        kept->key = str_dup(&ed->mem, t->key);
        kept->name = str_dup(&ed->mem, t->name);
        kept->hash = str_ihash(t->key);
        kept->next = ed->touched;
        ed->touched = kept;
    }
    kept->present = t->present;
    kept->type = t->type;
    kept->data = (struct span){NULL, t->data.len};
    if (t->data.len)
        kept->data.ptr = arena_copy(&ed->mem, t->data.ptr, t->data.len);
    return (kept->key.ptr && kept->name.ptr && (kept->data.ptr || !kept->data.len)) ||
           err_set(e, ERR_NOMEM, 0, "no memory to edit a hive");
}

/* The walk: `path` is that of the key looked at, below the root key. */
struct walk {
    const struct regf *before, *after;
    const struct regf_touch *touched;
    struct sb path;
    struct arena a; /* one value or name at a time */
    size_t left;    /* keys that may still be looked at */
    bool asked;     /* some value of the key looked at was touched */
};

static struct str path_of(const struct walk *w)
{
    return (struct str){w->path.len ? w->path.ptr : "", w->path.len};
}

static bool differs(const struct walk *w, const char *what, struct err *e)
{
    return err_set(e, ERR_FORMAT, 0,
                   "cannot be edited safely: %s of key \"" STR_FMT "\" would read otherwise", what,
                   STR_ARG(path_of(w)));
}

static bool key_asked(const struct walk *w)
{
    uint32_t hash = str_ihash(path_of(w));
    for (const struct regf_touch *t = w->touched; t; t = t->next)
        if (t->hash == hash && !t->dropped && str_ieq(t->key, path_of(w)))
            return true;
    return false;
}

static bool value_touched(const struct walk *w, struct str name)
{
    for (const struct regf_touch *t = w->touched; w->asked && t; t = t->next)
        if (!t->dropped && str_ieq(t->key, path_of(w)) && str_ieq(t->name, name))
            return true;
    return false;
}

static bool key_dropped(const struct walk *w)
{
    for (const struct regf_touch *t = w->touched; t; t = t->next)
        if (t->dropped && str_ieq(t->key, path_of(w)))
            return true;
    return false;
}

/* The key, or one below it, was asked to have a value. */
static bool key_made(const struct walk *w)
{
    struct str path = path_of(w);
    for (const struct regf_touch *t = w->touched; t; t = t->next)
        if (!t->dropped && t->key.len >= path.len &&
            str_ieq((struct str){t->key.ptr, path.len}, path) &&
            (t->key.len == path.len || t->key.ptr[path.len] == '\\'))
            return true;
    return false;
}

/* ---- values --------------------------------------------------------------------------------- */

struct value_at {
    enum regf_answer answer;
    struct regf_value v;
    struct regf_name name;
    bool named;
};

static bool skip_value(struct walk *w, const struct value_at *v, bool *skip, struct err *e)
{
    struct str name;
    *skip = false;
    if (!w->asked || !v->named)
        return true;
    if (!regf_name_text(v->name, &w->a, &name, e))
        return false;
    *skip = value_touched(w, name);
    return true;
}

/* The next value that was not touched, from `index` on. */
static bool next_value(struct walk *w, const struct regf *r, const struct regf_key *k,
                       uint32_t *index, struct value_at *out, struct err *e)
{
    for (bool skip = true; skip;) {
        *out = (struct value_at){.answer = REGF_ABSENT};
        if (!k || *index >= k->values)
            return true;
        out->answer = regf_value_at(r, k, (*index)++, &out->v, NULL);
        out->named = out->answer == REGF_FOUND && regf_name_of_value(r, &out->v, &out->name, NULL);
        if (!skip_value(w, out, &skip, e))
            return false;
    }
    return true;
}

static bool same_value_name(const struct value_at *x, const struct value_at *y)
{
    return !x->named ||
           (x->name.compressed == y->name.compressed && span_eq(x->name.bytes, y->name.bytes));
}

static bool same_data(struct walk *w, const struct regf_value *x, const struct regf_value *y)
{
    struct span have, want;
    struct err ignored = {0};
    bool first = regf_value_data(w->before, x, &w->a, &want, &ignored);
    bool second = regf_value_data(w->after, y, &w->a, &have, &ignored);
    if (ignored.kind == ERR_NOMEM || first != second)
        return false;
    return x->type == y->type && x->size == y->size && (!first || span_eq(have, want));
}

static bool same_values(struct walk *w, const struct regf_key *old, const struct regf_key *new,
                        struct err *e)
{
    uint32_t i = 0, j = 0;
    w->asked = key_asked(w);
    for (;;) {
        struct value_at x, y;
        arena_reset(&w->a);
        if (!next_value(w, w->before, old, &i, &x, e) || !next_value(w, w->after, new, &j, &y, e))
            return false;
        if (x.answer != y.answer || x.named != y.named)
            return differs(w, "values", e);
        if (x.answer == REGF_ABSENT)
            return true;
        if (x.answer == REGF_BAD)
            continue;
        if (!same_value_name(&x, &y) || !same_data(w, &x.v, &y.v))
            return differs(w, "a value", e);
    }
}

/* ---- keys ----------------------------------------------------------------------------------- */

struct side {
    const struct regf *r;
    struct regf_subkeys it;
    struct regf_key key;
    enum regf_answer answer;
    bool named;
    struct regf_name name;
    struct err why; /* of a walk that could not begin */
};

static void advance(struct side *s)
{
    s->answer = regf_subkeys_next(s->r, &s->it, &s->key, NULL);
    s->named = s->answer == REGF_FOUND && regf_name_of_key(s->r, s->key.cell, &s->name, NULL);
}

static void begin(struct side *s, const struct regf *r, const struct regf_key *k)
{
    *s = (struct side){.r = r, .answer = REGF_ABSENT};
    if (k && regf_subkeys_begin(r, k, &s->it, NULL))
        advance(s);
}

static bool same_name(const struct side *x, const struct side *y)
{
    return x->named && y->named && x->name.compressed == y->name.compressed &&
           span_eq(x->name.bytes, y->name.bytes);
}

static bool same_class(struct walk *w, const struct regf_key *old, const struct regf_key *new)
{
    struct str x = {NULL, 0}, y = {NULL, 0};
    arena_reset(&w->a);
    bool first = regf_key_class(w->before, old, &w->a, &x, NULL);
    bool second = regf_key_class(w->after, new, &w->a, &y, NULL);
    return first == second && str_eq(x, y);
}

static bool compare(struct walk *w, const struct regf_key *old, const struct regf_key *new,
                    int depth, struct err *e);

/* Steps into a subkey of either or both sides; the path grows for as long. */
static bool descend(struct walk *w, const struct side *x, const struct side *y, int depth,
                    struct err *e)
{
    size_t len = w->path.len;
    struct str name;
    const struct side *named = x ? x : y;
    arena_reset(&w->a);
    if (!named->named || !regf_name_text(named->name, &w->a, &name, e))
        return differs(w, "subkeys", e);
    if (len)
        sb_putc(&w->path, '\\');
    sb_str(&w->path, name);
    bool ok =
        !w->path.bad || err_set(e, ERR_LIMIT, 0, "limit: a path of over %d bytes", PATH_MAX_BYTES);
    if (ok && !x && !key_made(w))
        ok = differs(w, "existence", e);
    if (ok && !y && !key_dropped(w))
        ok = differs(w, "existence", e);
    if (ok)
        ok = compare(w, x ? &x->key : NULL, y ? &y->key : NULL, depth - 1, e);
    w->path.len = len;
    return ok;
}

/* Does the name on the left come first?  Lists are in order where keys come or go. */
static bool comes_first(struct walk *w, const struct side *x, const struct side *y)
{
    struct str other;
    arena_reset(&w->a);
    return regf_name_text(y->name, &w->a, &other, NULL) && regf_name_cmp(x->name, other) < 0;
}

static bool same_subkeys(struct walk *w, const struct regf_key *old, const struct regf_key *new,
                         int depth, struct err *e)
{
    struct side x, y;
    begin(&x, w->before, old);
    begin(&y, w->after, new);
    while (x.answer != REGF_ABSENT || y.answer != REGF_ABSENT) {
        bool left = true, right = true;
        if (x.answer == REGF_BAD || y.answer == REGF_BAD) {
            if (x.answer != y.answer)
                return differs(w, "subkeys", e);
        } else if (x.answer == REGF_ABSENT) {
            left = false;
        } else if (y.answer == REGF_ABSENT) {
            right = false;
        } else if (x.named && y.named && !same_name(&x, &y)) {
            left = comes_first(w, &x, &y);
            right = !left;
        }
        bool damaged = x.answer == REGF_BAD || (left && right && !x.named && !y.named);
        if (!damaged && !descend(w, left ? &x : NULL, right ? &y : NULL, depth, e))
            return false;
        if (left)
            advance(&x);
        if (right)
            advance(&y);
    }
    return true;
}

static bool compare(struct walk *w, const struct regf_key *old, const struct regf_key *new,
                    int depth, struct err *e)
{
    if (depth == 0 || w->left-- == 0)
        return err_set(e, ERR_LIMIT, 0,
                       "cannot be edited safely: keys are deeper or more than a hive can hold");
    if (old && new && !same_class(w, old, new) && !key_dropped(w))
        return differs(w, "the class", e);
    return same_values(w, old, new, e) && same_subkeys(w, old, new, depth, e);
}

/* ---- what was asked for --------------------------------------------------------------------- */

static bool as_asked(struct walk *w, const struct regf_touch *t, struct err *e)
{
    struct regf_key k;
    struct regf_value v;
    struct span data;
    arena_reset(&w->a);
    enum regf_answer got = regf_path(w->after, t->key, &k, e);
    if (t->dropped)
        return got != REGF_BAD;
    if (got == REGF_FOUND)
        got = regf_value(w->after, &k, t->name, &v, e);
    if (got == REGF_BAD)
        return false;
    bool ok = (got == REGF_FOUND) == t->present;
    if (ok && t->present)
        ok = regf_value_data(w->after, &v, &w->a, &data, e) && v.type == t->type &&
             span_eq(data, t->data);
    return ok || err_set(e, ERR_FORMAT, 0,
                         "cannot be edited: value \"" STR_FMT "\" of key \"" STR_FMT
                         "\" does not read as it was written",
                         STR_ARG(t->name), STR_ARG(t->key));
}

bool regf_edit_verify(const struct regf *before, const struct regf *after,
                      const struct regf_touch *touched, struct err *e)
{
    struct regf_key old, new;
    struct walk w = {.before = before, .after = after, .touched = touched};
    w.left = after->bins.len / REGF_NK_SIZE + 1;
    sb_init(&w.path, PATH_MAX_BYTES);
    arena_init(&w.a, (size_t)1 << 30);
    bool ok = regf_root(before, &old, e) && regf_root(after, &new, e) &&
              compare(&w, &old, &new, DEPTH_MAX, e);
    for (const struct regf_touch *t = touched; ok && t; t = t->next)
        ok = as_asked(&w, t, e);
    arena_done(&w.a);
    sb_done(&w.path);
    return ok;
}
