#include "cli/host_glob.h"

#include "base/utf16.h"

struct walk {
    struct host *host;
    struct host_glob *out;
    struct str part[HOST_GLOB_DEPTH];
    size_t parts;
    bool executables_only;
    struct err *e;
};

static bool has_wildcard(struct str s)
{
    return s.len && (memchr(s.ptr, '*', s.len) || memchr(s.ptr, '?', s.len));
}

static bool is_any_depth(struct str s)
{
    return str_eq(s, STR("**"));
}

static bool looks_executable(struct str name)
{
    static const char *const endings[] = {".dll", ".exe", ".sys", ".ocx", ".cpl", ".drv", ".scr",
                                          ".ax",  ".acm", ".ime", ".tsp", ".efi", ".mui", ".com"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        struct str s = str_of(endings[i]);
        if (name.len > s.len && str_ieq((struct str){name.ptr + name.len - s.len, s.len}, s))
            return true;
    }
    return false;
}

static struct str below(struct walk *w, struct str folder, struct str name)
{
    bool separated =
        folder.len && (folder.ptr[folder.len - 1] == '\\' || folder.ptr[folder.len - 1] == '/');
    return str_fmt(w->out->mem, STR_FMT "%s" STR_FMT, STR_ARG(folder), separated ? "" : "\\",
                   STR_ARG(name));
}

static bool add(struct walk *w, struct str folder, struct str name)
{
    struct host_glob *g = w->out;
    if (g->count == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 256;
        struct str *p = cap > HOST_GLOB_FILES ? NULL : ARENA_ARRAY(g->mem, cap, struct str);
        if (!p)
            return err_set(w->e, ERR_LIMIT, 0, "more than %d files", HOST_GLOB_FILES);
        if (g->count)
            memcpy(p, g->paths, g->count * sizeof *p);
        g->paths = p;
        g->cap = cap;
    }
    struct str path = below(w, folder, name);
    if (!path.ptr)
        return err_set(w->e, ERR_NOMEM, 0, "out of memory");
    g->paths[g->count++] = path;
    return true;
}

static bool walk(struct walk *w, struct str folder, size_t at, unsigned depth);

/* An entry of `folder` that matches the part at `at`, or with `deeper` any folder below `**`. */
static bool entry(struct walk *w, struct str folder, const struct volume_entry *n, size_t at,
                  bool deeper, unsigned depth)
{
    bool last = at + 1 == w->parts;
    if (deeper)
        return !n->directory || n->link || walk(w, below(w, folder, n->name), at, depth + 1);
    if (n->directory)
        return last || walk(w, below(w, folder, n->name), at + 1, depth + 1);
    if (!last || (w->executables_only && !looks_executable(n->name)))
        return true;
    return add(w, folder, n->name);
}

static bool cannot_list(struct walk *w, struct str folder, const struct host_listing *l,
                        unsigned depth)
{
    if (l->state == FACT_ABSENT && depth)
        return true;
    if (depth == 0)
        return err_set(w->e, ERR_NOT_FOUND, 0, STR_FMT ": %s%s" STR_FMT, STR_ARG(folder),
                       fact_state_name(l->state), l->reason.len ? ": " : "", STR_ARG(l->reason));
    if (w->out->unread++ == 0)
        w->out->unread_why = str_fmt(w->out->mem, STR_FMT ": %s: " STR_FMT, STR_ARG(folder),
                                     fact_state_name(l->state), STR_ARG(l->reason));
    return true;
}

static bool list(struct walk *w, struct str folder, struct str glob, size_t at, bool deeper,
                 unsigned depth)
{
    struct host_listing l;
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    host_list(w->host, folder, glob, &a, &l);
    bool ok = l.state == FACT_FOUND || cannot_list(w, folder, &l, depth);
    for (size_t i = 0; l.state == FACT_FOUND && ok && i < l.list.count; i++)
        ok = entry(w, folder, &l.list.entries[i], at, deeper, depth);
    arena_done(&a);
    return ok;
}

/* Everything below `folder` that matches the parts from `at` on. */
static bool walk(struct walk *w, struct str folder, size_t at, unsigned depth)
{
    if (w->out->mem->full || !folder.ptr)
        return err_set(w->e, ERR_NOMEM, 0, "out of memory");
    if (depth > HOST_GLOB_DEPTH)
        return err_set(w->e, ERR_LIMIT, 0, "folders nested deeper than %d", HOST_GLOB_DEPTH);
    if (++w->out->folders > HOST_GLOB_FOLDERS)
        return err_set(w->e, ERR_LIMIT, 0, "more than %d folders", HOST_GLOB_FOLDERS);
    struct str part = w->part[at];
    if (is_any_depth(part))
        return list(w, folder, w->part[at + 1], at + 1, false, depth) &&
               list(w, folder, STR("*"), at, true, depth);
    if (at + 1 < w->parts && !has_wildcard(part))
        return walk(w, below(w, folder, part), at + 1, depth + 1);
    return list(w, folder, part, at, false, depth);
}

/* The drive and the parts before the first wildcard are one folder, taken as it is written. */
static bool split(struct walk *w, struct str pattern, struct str *fixed)
{
    size_t from = 0, fixed_len = 0;
    bool wild = false;
    for (size_t i = 0; i <= pattern.len; i++) {
        if (i < pattern.len && pattern.ptr[i] != '\\' && pattern.ptr[i] != '/')
            continue;
        struct str part = {pattern.ptr + from, i - from};
        bool last = i == pattern.len;
        wild = wild || last || has_wildcard(part);
        if (!wild)
            fixed_len = i;
        bool again = w->parts && is_any_depth(part) && is_any_depth(w->part[w->parts - 1]);
        if (wild && part.len && !again) {
            if (w->parts + 2 > HOST_GLOB_DEPTH)
                return err_set(w->e, ERR_USAGE, 0, "the pattern has too many parts");
            w->part[w->parts++] = part;
        }
        from = i + 1;
    }
    *fixed = (struct str){pattern.ptr, fixed_len};
    if (w->parts == 0)
        return err_set(w->e, ERR_USAGE, 0, "the pattern names no file");
    if (is_any_depth(w->part[w->parts - 1]))
        w->part[w->parts++] = STR("*");
    return true;
}

bool host_glob(struct host *h, struct str pattern, bool all, struct arena *mem,
               struct host_glob *out, struct err *e)
{
    struct walk w = {.host = h, .out = out, .e = e};
    struct str expanded, fixed;
    *out = (struct host_glob){.mem = mem};
    if (!host_expand(h, pattern, VIEW_NATIVE, mem, &expanded, e) || !split(&w, expanded, &fixed))
        return false;
    w.executables_only = !all && str_eq(w.part[w.parts - 1], STR("*"));
    if (!fixed.len)
        fixed = STR("\\");
    else if (fixed.ptr[fixed.len - 1] == ':' && fixed.len < expanded.len)
        fixed.len++; /* the root of the drive, not its current folder */
    return walk(&w, fixed, 0, 0);
}
