#include "host/find.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/utf16.h"

enum { DEPTH = 4, VISITS = 4096, FOUND = 8, SHOWN = 6 };

struct candidate {
    struct node_dir *dir;
    struct str windows;
    char drive;
};

struct visit {
    struct node_dir *dir;
    unsigned depth;
    char drive; /* the folder stands for this drive; 0 = an ordinary folder */
};

struct finder {
    struct node_tree *t;
    struct visit queue[VISITS];
    size_t queued;
    bool cut; /* more folders than VISITS */
    struct candidate found[FOUND];
    size_t found_count;
    struct node_dir *elsewhere; /* has a Windows folder, but stands for no drive */
    struct err problem;         /* the first folder that could not be read */
    size_t unread;
};

/* "C", "C:", "C%3A", "C_", "\\.\C:", escaped or not: its letter, else 0. */
static char drive_of(struct str name)
{
    char buffer[32];
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        static const char *const codes[] = {"%3A:", "%5C\\", "%2E.", "%3F?"};
        char c = name.ptr[i];
        for (size_t k = 0; c == '%' && k < 4; k++)
            if (name.len - i >= 3 &&
                str_ieq((struct str){name.ptr + i, 3}, (struct str){codes[k], 3})) {
                c = codes[k][3];
                i += 2;
            }
        if (len == sizeof buffer)
            return 0;
        buffer[len++] = c;
    }
    const char *p = buffer;
    if (len > 4 && (!memcmp(p, "\\\\.\\", 4) || !memcmp(p, "\\\\?\\", 4)))
        p += 4, len -= 4;
    bool letter = len && ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'));
    if (!letter || len > 2 || (len == 2 && p[1] != ':' && p[1] != '_'))
        return 0;
    return (char)(*p & ~0x20);
}

static void note_problem(struct finder *f, struct node_dir *d, struct err *why)
{
    struct str path = node_dir_path(f->t, d);
    if (f->unread++ == 0) {
        f->problem = (struct err){0};
        err_set(&f->problem, why->kind, 0, STR_FMT ": %s",
                STR_ARG(path.len ? path : STR("the folder itself")), why->text);
    }
}

/* Is `d`\`name` a Windows folder?  Its name as stored, or nothing. */
static bool has_windows(struct finder *f, struct node_dir *d, const char *name, struct str *windows)
{
    struct err why = {0};
    struct node_entry *n = NULL;
    enum fact_state state = node_lookup(f->t, d, str_of(name), &n, &why);
    struct node_place place = {0};
    if (state == FACT_FOUND) {
        struct arena scratch;
        arena_init(&scratch, 1 << 16);
        struct str path = str_fmt(&scratch, "%s/System32", name);
        state = node_walk(f->t, d, path, &place, &why);
        arena_done(&scratch);
    }
    if (state == FACT_UNREADABLE)
        note_problem(f, d, &why);
    if (state != FACT_FOUND || !place.entry || place.entry->kind != NODE_DIR)
        return false;
    *windows = n->name;
    return true;
}

static bool has_hives(struct finder *f, struct node_dir *d, struct str windows)
{
    struct arena scratch;
    arena_init(&scratch, 1 << 16);
    struct str path = str_fmt(&scratch, STR_FMT "/System32/config/SYSTEM", STR_ARG(windows));
    struct node_place place;
    bool found = node_walk(f->t, d, path, &place, NULL) == FACT_FOUND;
    arena_done(&scratch);
    return found;
}

/* An upgrade from Windows 2000 may leave both folders: the one with a SYSTEM hive is in use. */
static bool windows_in(struct finder *f, struct node_dir *d, struct str *windows)
{
    struct str names[2];
    bool have[2] = {has_windows(f, d, "Windows", &names[0]), has_windows(f, d, "WINNT", &names[1])};
    if (!have[0] && !have[1])
        return false;
    bool second = !have[0] || (have[1] && !has_hives(f, d, names[0]) && has_hives(f, d, names[1]));
    *windows = names[second ? 1 : 0];
    return true;
}

static bool is_shadow_copy(struct str name)
{
    return glob_imatch(STR("VSS*"), name) || glob_imatch(STR("*HarddiskVolumeShadowCopy*"), name);
}

/* Below the first two folders (<out>/<host>) only folders of known collectors are entered. */
static bool worth_entering(const struct visit *at, struct str child)
{
    if (at->drive || at->depth + 1 >= DEPTH || is_shadow_copy(child))
        return false;
    return at->depth < 2 || str_ieq(at->dir->name, STR("uploads")) || str_ieq(child, STR("fs"));
}

static void enqueue_children(struct finder *f, const struct visit *at)
{
    for (size_t i = 0; i < at->dir->count; i++) {
        struct node_entry *n = &at->dir->entries[i];
        char drive = n->kind == NODE_DIR ? drive_of(n->name) : 0;
        if (n->kind != NODE_DIR || (!drive && !worth_entering(at, n->name)))
            continue;
        if (f->queued == VISITS) {
            f->cut = true;
            return;
        }
        struct node_dir *d = node_enter(f->t, at->dir, n, NULL);
        if (d)
            f->queue[f->queued++] = (struct visit){d, at->depth + 1, drive};
    }
}

static void visit(struct finder *f, struct visit at)
{
    struct err why = {0};
    struct str windows;
    if (!node_load(f->t, at.dir, &why)) {
        note_problem(f, at.dir, &why);
        return;
    }
    if (windows_in(f, at.dir, &windows)) {
        if (at.depth && !at.drive)
            f->elsewhere = f->elsewhere ? f->elsewhere : at.dir;
        else if (f->found_count < FOUND)
            f->found[f->found_count++] = (struct candidate){at.dir, windows, at.drive};
        return;
    }
    if (at.depth < DEPTH && !at.drive)
        enqueue_children(f, &at);
}

static void put_name(struct sb *b, bool first, struct str name)
{
    enum { LONGEST = 40 };
    if (!first)
        sb_puts(b, ", ");
    sb_terminal(b, (struct str){name.ptr, name.len > LONGEST ? LONGEST : name.len});
    if (name.len > LONGEST)
        sb_puts(b, "...");
}

static int by_name(const void *a, const void *b)
{
    const struct str *x = a, *y = b;
    int c = str_icmp(*x, *y);
    return c ? c : str_cmp(*x, *y);
}

/* The alphabetically first names at the top. */
static void put_seen(struct sb *b, const struct node_dir *d)
{
    struct str *names = calloc(d->count, sizeof *names);
    if (!names)
        return;
    for (size_t i = 0; i < d->count; i++)
        names[i] = d->entries[i].name;
    qsort(names, d->count, sizeof *names, by_name);
    size_t shown = d->count < SHOWN ? d->count : SHOWN;
    for (size_t i = 0; i < shown && b->len < 150; i++)
        put_name(b, i == 0, names[i]);
    if (d->count > shown)
        sb_printf(b, " and %zu more", d->count - shown);
    free(names);
}

static bool fail_none(struct finder *f, struct err *e)
{
    struct sb seen;
    sb_init(&seen, 4096);
    if (f->unread) {
        err_set(e, f->problem.kind, 0, "no Windows volume could be read: %s", f->problem.text);
    } else if (f->t->root.count == 0) {
        err_set(e, ERR_NOT_FOUND, 0, "no Windows volume: there is nothing in it");
    } else if (f->elsewhere) {
        put_name(&seen, true, node_dir_path(f->t, f->elsewhere));
        err_set(e, ERR_NOT_FOUND, 0, "no Windows volume here, but there is one in %s",
                seen.ptr ? seen.ptr : "");
    } else if (f->cut) {
        err_set(e, ERR_LIMIT, 0, "no Windows volume in the first %d folders", VISITS);
    } else {
        put_seen(&seen, &f->t->root);
        err_set(e, ERR_NOT_FOUND, 0,
                "no Windows volume: no Windows or WINNT folder with System32, at the top or as a "
                "collector lays it out; seen: %s",
                seen.ptr ? seen.ptr : "");
    }
    sb_done(&seen);
    return false;
}

static bool fail_several(struct finder *f, struct err *e)
{
    struct sb seen;
    sb_init(&seen, 4096);
    struct str paths[FOUND];
    for (size_t i = 0; i < f->found_count; i++)
        paths[i] = node_dir_path(f->t, f->found[i].dir);
    qsort(paths, f->found_count, sizeof *paths, by_name);
    for (size_t i = 0; i < f->found_count; i++)
        put_name(&seen, i == 0, paths[i]);
    err_set(e, ERR_NOT_FOUND, 0, "several Windows volumes, choose one: %s",
            seen.ptr ? seen.ptr : "");
    sb_done(&seen);
    return false;
}

static bool is_escaped(struct node_dir *d)
{
    for (; d->parent; d = d->parent)
        if (memchr(d->name.ptr, '%', d->name.len) || str_ieq(d->name, STR("uploads")))
            return true;
    return false;
}

bool find_volume(struct node_tree *t, struct str *windows, struct err *e)
{
    struct finder *f = calloc(1, sizeof *f);
    if (!f)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    f->t = t;
    f->queue[f->queued++] = (struct visit){.dir = &t->root};
    for (size_t i = 0; i < f->queued; i++)
        visit(f, f->queue[i]);
    bool ok = f->found_count == 1;
    if (ok) {
        *windows = f->found[0].windows;
        t->volume = f->found[0].dir;
        t->drive = f->found[0].drive ? f->found[0].drive : 'C';
        t->escaped = is_escaped(t->volume);
    } else {
        ok = f->found_count ? fail_several(f, e) : fail_none(f, e);
    }
    free(f);
    return ok;
}
