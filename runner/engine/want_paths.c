/* From the paths of a want to files: views, folders that the registry names, globs. */
#include "base/utf16.h"
#include "engine/evaluate.h"
#include "model/want_path.h"

struct naming {
    const struct evaluation *v;
    struct named_files *out;
    size_t folders, folder_count; /* <KEY:value> references: asked for, and those that name one */
};

static void weaken(struct named_files *out, enum fact_state state, struct str reason)
{
    if (state == FACT_FOUND || state == FACT_ABSENT || out->state == FACT_UNREADABLE)
        return;
    out->state = state;
    out->reason = reason;
}

static void add(struct naming *n, struct str path, enum reg_view view, bool from_glob)
{
    struct named_files *out = n->out;
    for (size_t i = 0; i < out->count; i++)
        if (out->items[i].view == view && str_ieq(out->items[i].path, path))
            return;
    if (out->count == NAMED_FILES || !path.ptr)
        weaken(out, FACT_UNREADABLE,
               str_fmt(n->v->mem, "more than %d files are named", NAMED_FILES));
    else
        out->items[out->count++] = (struct named_file){path, view, from_glob};
}

static bool has_glob(struct str s)
{
    return s.len && (memchr(s.ptr, '*', s.len) || memchr(s.ptr, '?', s.len));
}

/* Where the last part of a path begins. */
static size_t last_part(struct str path)
{
    size_t at = path.len;
    while (at && path.ptr[at - 1] != '\\')
        at--;
    return at;
}

static void add_glob(struct naming *n, struct str path, enum reg_view view)
{
    struct arena *a = n->v->mem;
    size_t at = last_part(path);
    struct str folder = {path.ptr, at ? at - 1 : 0}, glob = {path.ptr + at, path.len - at};
    struct str expanded;
    struct err e = {0};
    struct host_listing listing = {0};
    if (!host_expand(n->v->host, folder, view, a, &expanded, &e)) {
        weaken(n->out, FACT_UNREADABLE, str_dup(a, str_of(e.text)));
        return;
    }
    host_list(n->v->host, expanded, glob, a, &listing);
    struct str where = str_fmt(a, STR_FMT " is " STR_FMT, STR_ARG(folder),
                               STR_ARG(state_text(a, listing.state, listing.reason)));
    weaken(n->out, listing.state, where);
    if (listing.list.refused)
        weaken(n->out, FACT_UNREADABLE,
               str_fmt(a, STR_FMT " has %zu entries that lead out of the volume", STR_ARG(folder),
                       listing.list.refused));
    for (size_t i = 0; listing.state == FACT_FOUND && i < listing.list.count; i++)
        if (!listing.list.entries[i].directory)
            add(n,
                str_fmt(a, STR_FMT "\\" STR_FMT, STR_ARG(expanded),
                        STR_ARG(listing.list.entries[i].name)),
                view, true);
}

static void add_path(struct naming *n, struct str path, enum reg_view view)
{
    size_t at = last_part(path);
    if (has_glob((struct str){path.ptr + at, path.len - at}))
        add_glob(n, path, view);
    else
        add(n, path, view, false);
}

struct reference {
    struct str key, value, rest; /* <key:value>rest */
};

static bool parse_reference(struct str path, struct reference *out)
{
    const char *close = path.len && path.ptr[0] == '<' ? memchr(path.ptr, '>', path.len) : NULL;
    if (!close)
        return false;
    struct str inside = {path.ptr + 1, (size_t)(close - path.ptr) - 1};
    const char *colon = memchr(inside.ptr, ':', inside.len);
    if (!colon)
        return false;
    out->key = (struct str){inside.ptr, (size_t)(colon - inside.ptr)};
    out->value = (struct str){colon + 1, inside.len - out->key.len - 1};
    out->rest = (struct str){close + 1, path.len - inside.len - 2};
    while (out->rest.len && out->rest.ptr[0] == '\\')
        out->rest = (struct str){out->rest.ptr + 1, out->rest.len - 1};
    return true;
}

/* Both views are asked, because products of the time are 32-bit programs, later ones are not. */
static void add_referenced(struct naming *n, const struct reference *ref)
{
    static const enum reg_view views[] = {VIEW_NATIVE, VIEW_32};
    struct arena *a = n->v->mem;
    size_t most = host_is_64bit(n->v->host) ? 2 : 1;
    n->folders++;
    for (size_t i = 0; i < most; i++) {
        struct reg_value value = {0};
        host_reg_value(n->v->host, ref->key, ref->value, views[i], a, &value);
        weaken(n->out, value.state,
               str_fmt(a, STR_FMT " " STR_FMT " is " STR_FMT, STR_ARG(ref->key),
                       STR_ARG(ref->value), STR_ARG(state_text(a, value.state, value.reason))));
        struct str folder = value.text;
        while (folder.len && folder.ptr[folder.len - 1] == '\\')
            folder.len--;
        if (value.state != FACT_FOUND || !folder.len)
            continue;
        evidence_add(n->out->evidence, &value.evidence);
        n->folder_count++;
        add_path(n, str_fmt(a, STR_FMT "\\" STR_FMT, STR_ARG(folder), STR_ARG(ref->rest)),
                 VIEW_NATIVE);
    }
}

void want_paths(const struct evaluation *v, struct texts paths, struct str view,
                struct named_files *out)
{
    struct naming n = {v, out, 0, 0};
    bool is64 = host_is_64bit(v->host), only32 = str_eq(view, STR("32"));
    out->items = ARENA_ARRAY(v->mem, NAMED_FILES, struct named_file);
    if (!out->items) {
        weaken(out, FACT_UNREADABLE, STR("out of memory"));
        return;
    }
    for (size_t i = 0; i < paths.count; i++) {
        struct reference ref;
        struct str path = paths.items[i].kind == VALUE_TEXT ? paths.items[i].text : STR("");
        const char *fault = want_path_fault(path);
        if (fault) {
            weaken(out, FACT_UNREADABLE,
                   str_fmt(v->mem, "\"" STR_FMT "\" is no path: %s", STR_ARG(path), fault));
            continue;
        }
        if (parse_reference(path, &ref)) {
            add_referenced(&n, &ref);
            continue;
        }
        if (!only32 || !is64)
            add_path(&n, path, VIEW_NATIVE);
        if (is64 && (only32 || str_eq(view, STR("both"))))
            add_path(&n, path, VIEW_32);
    }
    out->homeless = n.folders && !n.folder_count;
}
