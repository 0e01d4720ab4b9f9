#include "host/node.h"

#include <stdlib.h>

#include "base/utf16.h"
#include "host/link.h"
#include "host/shortname.h"

void node_init(struct node_tree *t, const struct node_source *source, void *state)
{
    *t = (struct node_tree){.source = source, .state = state, .drive = 'C'};
    arena_init(&t->mem, ARENA_DEFAULT_CAP);
    t->volume = &t->root;
}

void node_done(struct node_tree *t)
{
    if (t->source)
        t->source->close(t);
    t->source = NULL;
    arena_done(&t->mem);
}

static int by_hash(const void *a, const void *b)
{
    const struct node_entry *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return str_cmp(x->name, y->name);
}

void node_set_entries(struct node_dir *d, struct node_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        entries[i].hash = str_ihash(entries[i].name);
    if (count)
        qsort(entries, count, sizeof *entries, by_hash);
    d->entries = entries;
    d->count = count;
    d->loaded = true;
}

bool node_load(struct node_tree *t, struct node_dir *d, struct err *e)
{
    if (d->loaded)
        return true;
    if (!d->failure) {
        struct err why = {0};
        if (t->source->load(t, d, &why))
            return true;
        d->failure = arena_copy(&t->mem, &why, sizeof why);
        if (!d->failure)
            return err_set(e, why.kind, 0, "%s", why.text);
    }
    return err_set(e, d->failure->kind, 0, "%s", d->failure->text);
}

struct node_dir *node_enter(struct node_tree *t, struct node_dir *d, struct node_entry *n,
                            struct err *e)
{
    if (!n->dir) {
        n->dir = ARENA_NEW(&t->mem, struct node_dir);
        if (!n->dir) {
            err_set(e, ERR_LIMIT, 0, "limit: too many folders");
            return NULL;
        }
        n->dir->parent = d;
        n->dir->name = n->name;
    }
    return n->dir;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

struct str node_unescape(struct arena *a, struct str name)
{
    if (!name.len || !memchr(name.ptr, '%', name.len))
        return name;
    char *out = arena_alloc(a, name.len + 1);
    size_t len = 0;
    for (size_t i = 0; out && i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '%' && name.len - i > 2 && hex_digit(name.ptr[i + 1]) >= 0 &&
            hex_digit(name.ptr[i + 2]) >= 0) {
            c = (char)(hex_digit(name.ptr[i + 1]) << 4 | hex_digit(name.ptr[i + 2]));
            i += 2;
        }
        if (c == '\0' || c == '/' || c == '\\')
            return name;
        out[len++] = c;
    }
    return out ? (struct str){out, len} : name;
}

/* The first entry with this hash or a greater one. */
static size_t first_with_hash(const struct node_dir *d, uint32_t hash)
{
    size_t lo = 0, hi = d->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (d->entries[mid].hash < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static size_t match_plain(struct node_dir *d, struct str name, struct node_entry **out)
{
    uint32_t hash = str_ihash(name);
    size_t found = 0;
    for (size_t i = first_with_hash(d, hash); i < d->count && d->entries[i].hash == hash; i++)
        if (str_ieq(d->entries[i].name, name)) {
            *out = &d->entries[i];
            if (++found > 1)
                break;
        }
    return found;
}

/* Velociraptor stores "{x}" as "%7Bx%7D". */
static size_t match_escaped(struct node_dir *d, struct str name, struct node_entry **out)
{
    struct arena scratch;
    arena_init(&scratch, 1 << 20);
    size_t found = 0;
    for (size_t i = 0; i < d->count && found < 2; i++) {
        struct str have = d->entries[i].name;
        if (!have.len || !memchr(have.ptr, '%', have.len))
            continue;
        arena_reset(&scratch);
        if (str_ieq(node_unescape(&scratch, have), name)) {
            *out = &d->entries[i];
            found++;
        }
    }
    arena_done(&scratch);
    return found;
}

/* Short names are not stored where we look: one that fits several entries may be any of them, and
 * in a collection the right one may be missing.  2 and more: not known. */
static size_t match_short(struct node_tree *t, struct node_dir *d, struct str name,
                          struct node_entry **out)
{
    size_t found = 0;
    for (size_t i = 0; i < d->count; i++)
        if (shortname_fits(name, d->entries[i].name)) {
            found++;
            *out = &d->entries[i];
            if (shortname_known(name, d->entries[i].name))
                return 1;
        }
    return found == 1 && (t->sparse || !shortname_is_first(name)) ? 2 : found;
}

enum fact_state node_lookup(struct node_tree *t, struct node_dir *d, struct str name,
                            struct node_entry **out, struct err *e)
{
    if (!node_load(t, d, e))
        return FACT_UNREADABLE;
    struct node_entry *hit = NULL;
    size_t found = match_plain(d, name, &hit);
    if (!found && t->escaped)
        found = match_escaped(d, name, &hit);
    if (found > 1) {
        err_set(e, ERR_DENIED, 0, "ambiguous: more than one entry is called \"" STR_FMT "\"",
                STR_ARG(name));
        return FACT_UNREADABLE;
    }
    if (!found && shortname_is(name))
        found = match_short(t, d, name, &hit);
    if (found > 1) {
        err_set(e, ERR_UNSUPPORTED, 0, "8.3 name \"" STR_FMT "\" is not known here", STR_ARG(name));
        return FACT_UNREADABLE;
    }
    if (!found)
        return FACT_ABSENT;
    *out = hit;
    return FACT_FOUND;
}

/* ---- walking ------------------------------------------------------------------------------- */

struct walk {
    struct node_tree *t;
    struct node_dir *at;
    struct node_entry *last; /* the entry that `at` is, or the final one */
    struct str rest;
    struct arena scratch;
    unsigned links;
};

static struct str next_component(struct str *rest)
{
    size_t i = 0;
    while (i < rest->len && (rest->ptr[i] == '\\' || rest->ptr[i] == '/'))
        i++;
    size_t start = i;
    while (i < rest->len && rest->ptr[i] != '\\' && rest->ptr[i] != '/')
        i++;
    struct str part = {rest->ptr + start, i - start};
    *rest = (struct str){rest->ptr + i, rest->len - i};
    return part;
}

static bool only_slashes(struct str s)
{
    return next_component(&s).len == 0;
}

static bool follow(struct walk *w, struct node_entry *n, struct err *e)
{
    if (++w->links > NODE_LINKS)
        return err_set(e, ERR_DENIED, 0, "link: more than %d links on the way", NODE_LINKS);
    struct sb text;
    sb_init(&text, NODE_LINK_TEXT);
    bool rooted = false;
    struct str target = {NULL, 0};
    bool ok = w->t->source->link(w->t, w->at, n, &text, e) &&
              link_parse((struct str){text.ptr, text.len}, w->t->drive, &rooted, &target, e);
    if (ok) {
        w->rest = str_fmt(&w->scratch, STR_FMT "/" STR_FMT, STR_ARG(target), STR_ARG(w->rest));
        ok = w->rest.ptr || err_set(e, ERR_LIMIT, 0, "link: target too long");
        if (rooted)
            w->at = w->t->volume;
    }
    sb_done(&text);
    return ok;
}

static bool step_up(struct walk *w, struct err *e)
{
    if (w->at == w->t->volume || !w->at->parent)
        return err_set(e, ERR_DENIED, 0, "link: leads out of the volume");
    w->at = w->at->parent;
    w->last = NULL;
    return true;
}

/* One component; ABSENT and UNREADABLE end the walk. */
static enum fact_state step(struct walk *w, struct str name, struct err *e)
{
    if (str_eq(name, STR(".")))
        return FACT_FOUND;
    if (str_eq(name, STR("..")))
        return step_up(w, e) ? FACT_FOUND : FACT_UNREADABLE;
    struct node_entry *n = NULL;
    enum fact_state state = node_lookup(w->t, w->at, name, &n, e);
    if (state != FACT_FOUND)
        return state;
    if (n->kind == NODE_LINK) {
        w->last = NULL;
        return follow(w, n, e) ? FACT_FOUND : FACT_UNREADABLE;
    }
    if (n->kind == NODE_UNKNOWN) {
        err_set(e, ERR_DENIED, 0, "denied: cannot tell what \"" STR_FMT "\" is", STR_ARG(name));
        return FACT_UNREADABLE;
    }
    w->last = n;
    if (n->kind != NODE_DIR)
        return only_slashes(w->rest) ? FACT_FOUND : FACT_ABSENT;
    struct node_dir *d = node_enter(w->t, w->at, n, e);
    if (!d)
        return FACT_UNREADABLE;
    w->at = d;
    return FACT_FOUND;
}

/* The entry of a folder in its parent, for walks that ended on "..". */
static struct node_entry *entry_of(struct node_tree *t, struct node_dir *d)
{
    if (d == t->volume || !d->parent)
        return NULL;
    for (size_t i = 0; i < d->parent->count; i++)
        if (d->parent->entries[i].dir == d)
            return &d->parent->entries[i];
    return NULL;
}

enum fact_state node_walk(struct node_tree *t, struct node_dir *from, struct str path,
                          struct node_place *out, struct err *e)
{
    struct walk w = {.t = t, .at = from, .rest = path};
    arena_init(&w.scratch, 4 << 20);
    enum fact_state state = FACT_FOUND;
    for (;;) {
        struct str name = next_component(&w.rest);
        if (!name.len)
            break;
        state = step(&w, name, e);
        if (state != FACT_FOUND)
            break;
    }
    arena_done(&w.scratch);
    if (state != FACT_FOUND)
        return state;
    if (!w.last || w.last->kind == NODE_DIR) {
        w.last = entry_of(t, w.at);
        w.at = w.last ? w.at->parent : w.at;
    }
    *out = (struct node_place){w.at, w.last};
    return FACT_FOUND;
}

struct str node_dir_path(struct node_tree *t, const struct node_dir *d)
{
    size_t len = 0;
    for (const struct node_dir *up = d; up->parent; up = up->parent)
        len += up->name.len + 1;
    if (!len)
        return (struct str){"", 0};
    char *out = arena_alloc(&t->mem, len);
    if (!out)
        return (struct str){NULL, 0};
    size_t end = len - 1;
    for (const struct node_dir *up = d; up->parent; up = up->parent) {
        end -= up->name.len;
        memcpy(out + end, up->name.ptr, up->name.len);
        if (end)
            out[--end] = '/';
    }
    return (struct str){out, len - 1};
}

struct str node_path(struct node_tree *t, struct node_dir *d, struct node_entry *n)
{
    if (n->path.ptr)
        return n->path;
    struct str dir = node_dir_path(t, d);
    if (dir.ptr)
        n->path = dir.len ? str_fmt(&t->mem, STR_FMT "/" STR_FMT, STR_ARG(dir), STR_ARG(n->name))
                          : str_dup(&t->mem, n->name);
    return n->path;
}
