#include "host/volume.h"

#include <stdlib.h>

#include "base/utf16.h"
#include "host/archive_source.h"
#include "host/fd.h"
#include "host/find.h"
#include "host/node.h"
#include "host/tree.h"

struct volume {
    struct node_tree tree;
    struct target_info info;
    struct str windows;
};

/* ---- opening ------------------------------------------------------------------------------- */

static bool in_system32(struct volume *v, const char *name, struct err *e)
{
    struct arena scratch;
    arena_init(&scratch, 1 << 16);
    struct str path = str_fmt(&scratch, STR_FMT "/System32/%s", STR_ARG(v->windows), name);
    struct node_place place = {0};
    enum fact_state state = node_walk(&v->tree, v->tree.volume, path, &place, e);
    arena_done(&scratch);
    return state == FACT_FOUND && place.entry && place.entry->kind == NODE_FILE;
}

/* docs/design.md section 5: a full volume has both, anything else is a collection. */
static void decide_complete(struct volume *v, enum complete_choice choice)
{
    struct arena *a = &v->tree.mem;
    struct err why = {0};
    bool kernel = in_system32(v, "ntoskrnl.exe", &why), ntdll = in_system32(v, "ntdll.dll", &why);
    v->info.collection = choice == COMPLETE_DETECT ? !(kernel && ntdll) : choice == COMPLETE_NO;
    if (choice != COMPLETE_DETECT)
        v->info.collection_why = choice == COMPLETE_YES ? STR("--complete") : STR("--collection");
    else if (kernel && ntdll)
        v->info.collection_why = STR("has System32\\ntoskrnl.exe and ntdll.dll");
    else if (why.kind)
        v->info.collection_why = str_fmt(a, "System32 could not be read: %s", why.text);
    else
        v->info.collection_why = str_fmt(a, "no %s in System32",
                                         kernel  ? "ntdll.dll"
                                         : ntdll ? "ntoskrnl.exe"
                                                 : "ntoskrnl.exe and no ntdll.dll");
    v->tree.sparse = v->info.collection;
}

static void add_note(struct volume *v, size_t refused)
{
    v->info.notes = ARENA_ARRAY(&v->tree.mem, 1, struct str);
    if (!v->info.notes)
        return;
    v->info.notes[0] = str_fmt(&v->tree.mem,
                               "%zu members of the archive left out: their names are "
                               "no paths of a volume",
                               refused);
    v->info.note_count = 1;
}

static struct volume *new_volume(struct err *e)
{
    struct volume *v = calloc(1, sizeof *v);
    if (!v)
        err_set(e, ERR_NOMEM, 0, "out of memory");
    return v;
}

/* The source is open: find the volume in it, or close it. */
static bool finish(struct volume *v, enum target_kind kind, const char *location,
                   enum complete_choice complete, struct volume **out, struct err *e)
{
    v->info.kind = kind;
    if (!find_volume(&v->tree, &v->windows, e)) {
        volume_close(v);
        return false;
    }
    v->info.location = str_dup(&v->tree.mem, str_of(location));
    v->info.volume = node_dir_path(&v->tree, v->tree.volume);
    decide_complete(v, complete);
    *out = v;
    return true;
}

bool volume_open_tree(const char *dir, enum complete_choice complete, struct volume **out,
                      struct err *e)
{
    struct volume *v = new_volume(e);
    if (!v)
        return false;
    if (!tree_open(dir, &v->tree, e)) {
        free(v);
        return false;
    }
    return finish(v, TARGET_TREE, dir, complete, out, e);
}

bool volume_open_drive(const char *dir, struct str windows, struct volume **out, struct err *e)
{
    struct volume *v = new_volume(e);
    if (!v)
        return false;
    if (!tree_open(dir, &v->tree, e)) {
        free(v);
        return false;
    }
    v->info.kind = TARGET_LIVE;
    v->info.location = str_dup(&v->tree.mem, str_of(dir));
    v->windows = str_dup(&v->tree.mem, windows);
    v->tree.drive = dir[0];
    *out = v;
    return true;
}

bool volume_open_archive(const char *path, enum complete_choice complete,
                         const struct archive_limits *limits, struct volume **out, struct err *e)
{
    struct volume *v = new_volume(e);
    if (!v)
        return false;
    size_t refused = 0;
    if (!archive_open(path, limits, &v->tree, &refused, e)) {
        free(v);
        return false;
    }
    if (!finish(v, TARGET_ARCHIVE, path, complete, out, e))
        return false;
    if (refused)
        add_note(v, refused);
    return true;
}

void volume_close(struct volume *v)
{
    if (!v)
        return;
    node_done(&v->tree);
    free(v);
}

const struct target_info *volume_info(const struct volume *v)
{
    return &v->info;
}

struct str volume_windows(const struct volume *v)
{
    return v->windows;
}

char volume_drive(const struct volume *v)
{
    return v->tree.drive;
}

void volume_set_drive(struct volume *v, char drive)
{
    if ((drive >= 'A' && drive <= 'Z') || (drive >= 'a' && drive <= 'z'))
        v->tree.drive = (char)(drive & ~0x20);
}

/* ---- paths --------------------------------------------------------------------------------- */

static struct str first_component(struct str path)
{
    const char *end = path.len ? memchr(path.ptr, '\\', path.len) : NULL;
    return (struct str){path.ptr, end ? (size_t)(end - path.ptr) : path.len};
}

/* "\SystemRoot\x" is the kernel's name of Windows' folder; "C:\SystemRoot\x" is not. */
static struct str resolve_system_root(struct volume *v, struct str given, struct str path,
                                      struct arena *a)
{
    struct str first = first_component(path);
    size_t i = 0;
    while (i < given.len && (given.ptr[i] == ' ' || given.ptr[i] == '"'))
        i++;
    if (i == given.len || (given.ptr[i] != '\\' && given.ptr[i] != '/') ||
        !str_ieq(first, STR("SystemRoot")) || memchr(given.ptr, ':', given.len))
        return path;
    struct str rest = {path.ptr + first.len, path.len - first.len};
    return str_fmt(a, STR_FMT STR_FMT, STR_ARG(v->windows), STR_ARG(rest));
}

static enum fact_state missing(const struct volume *v)
{
    return v->info.collection ? FACT_NOT_COLLECTED : FACT_ABSENT;
}

static enum fact_state locate(struct volume *v, struct str winpath, struct node_place *out,
                              struct err *e)
{
    struct arena scratch;
    arena_init(&scratch, 1 << 20);
    struct str path = {NULL, 0};
    struct err why = {0};
    enum fact_state state = FACT_UNREADABLE;
    if (!winpath_normalise(winpath, v->tree.drive, &scratch, &path, &why)) {
        /* Another drive is not part of the target. */
        state = why.kind == ERR_NOT_FOUND ? FACT_NOT_COLLECTED : FACT_UNREADABLE;
        err_set(e, why.kind, 0, "%s", why.text);
    } else {
        path = resolve_system_root(v, winpath, path, &scratch);
        state = node_walk(&v->tree, v->tree.volume, path, out, e);
        if (state == FACT_ABSENT)
            state = missing(v);
    }
    arena_done(&scratch);
    return state;
}

/* ---- files --------------------------------------------------------------------------------- */

enum fact_state volume_open(struct volume *v, struct str winpath, struct volume_file *out,
                            struct err *e)
{
    *out = (struct volume_file){.map = {.slot = -1}, .fd = -1};
    struct node_place place = {0};
    enum fact_state state = locate(v, winpath, &place, e);
    if (state != FACT_FOUND)
        return state;
    if (!place.entry || place.entry->kind == NODE_DIR) {
        err_set(e, ERR_DENIED, 0, "a folder, not a file");
        return FACT_UNREADABLE;
    }
    out->path = node_path(&v->tree, place.dir, place.entry);
    if (!out->path.ptr) {
        err_set(e, ERR_LIMIT, 0, "limit: too many names");
        return FACT_UNREADABLE;
    }
    return v->tree.source->open(&v->tree, place.dir, place.entry, out, e) ? FACT_FOUND
                                                                          : FACT_UNREADABLE;
}

bool volume_folder(struct volume *v, struct str winpath, int *fd, struct str *name, struct err *e)
{
    struct node_place place = {0};
    if (!v->tree.source->folder)
        return err_set(e, ERR_DENIED, 0, "files of this kind of target cannot be replaced");
    if (locate(v, winpath, &place, e) != FACT_FOUND || !place.entry ||
        place.entry->kind != NODE_FILE)
        return err_set(e, ERR_NOT_FOUND, 0, "no such file");
    *name = place.entry->name;
    return v->tree.source->folder(&v->tree, place.dir, fd, e);
}

void volume_close_file(struct volume_file *f)
{
    if (!f)
        return;
    if (f->map.mapped || f->map.copy)
        file_unmap(&f->map);
    fd_close(f->fd);
    *f = (struct volume_file){.map = {.slot = -1}, .fd = -1};
}

bool volume_make_private(struct volume_file *f, uint64_t size, struct err *e)
{
    return file_make_private(f->fd, &f->map, size, e);
}

/* ---- listing ------------------------------------------------------------------------------- */

struct selection {
    struct node_entry **nodes;
    uint64_t *sizes;
    struct volume_entry *entries;
    size_t count;
};

static bool start_selection(struct selection *s, size_t count, struct arena *a, struct err *e)
{
    count = count ? count : 1;
    s->nodes = calloc(count, sizeof(struct node_entry *));
    s->sizes = calloc(count, sizeof *s->sizes);
    s->entries = ARENA_ARRAY(a, count, struct volume_entry);
    return (s->nodes && s->sizes && s->entries) ||
           err_set(e, ERR_NOMEM, 0, "out of memory for a folder of %zu entries", count);
}

/* What an entry is once links are followed; false for what lies outside and for no file at all.
 * A size is known for what is not a link. */
static bool classify(struct volume *v, struct node_dir *d, struct node_entry *n, bool *directory)
{
    if (memchr(n->name.ptr, '\\', n->name.len))
        return false;
    struct node_place place = {d, n};
    if (n->kind == NODE_LINK && node_walk(&v->tree, d, n->name, &place, NULL) != FACT_FOUND)
        return false;
    *directory = !place.entry || place.entry->kind == NODE_DIR;
    return *directory || place.entry->kind == NODE_FILE;
}

static bool select_matching(struct volume *v, struct node_dir *d, struct str glob, struct arena *a,
                            struct selection *s, struct volume_list *out)
{
    for (size_t i = 0; i < d->count; i++) {
        struct node_entry *n = &d->entries[i];
        struct str name = v->tree.escaped ? node_unescape(a, n->name) : n->name;
        if (glob.len && !glob_imatch(glob, name) && !glob_imatch(glob, n->name))
            continue;
        bool directory = false;
        if (!classify(v, d, n, &directory)) {
            out->refused++;
            continue;
        }
        struct str copy = str_dup(a, name);
        if (!copy.ptr)
            return false;
        s->nodes[s->count] = n;
        s->entries[s->count++] = (struct volume_entry){
            .name = copy, .directory = directory, .link = n->kind == NODE_LINK};
    }
    return true;
}

static int by_upcased_name(const void *a, const void *b)
{
    const struct volume_entry *x = a, *y = b;
    int c = str_icmp(x->name, y->name);
    return c ? c : str_cmp(x->name, y->name);
}

static bool list_dir(struct volume *v, struct node_dir *d, struct str glob, struct arena *a,
                     struct volume_list *out, struct err *e)
{
    if (!node_load(&v->tree, d, e))
        return false;
    struct selection s = {0};
    struct volume_list list = {0};
    bool ok = start_selection(&s, d->count, a, e);
    if (ok && !select_matching(v, d, glob, a, &s, &list))
        ok = err_set(e, ERR_LIMIT, 0, "limit: too many names");
    if (ok && s.count)
        ok = v->tree.source->sizes(&v->tree, d, s.nodes, s.sizes, s.count, e);
    for (size_t i = 0; ok && i < s.count; i++)
        s.entries[i].size = s.sizes[i];
    if (ok && s.count)
        qsort(s.entries, s.count, sizeof *s.entries, by_upcased_name);
    free(s.nodes);
    free(s.sizes);
    if (!ok)
        return false;
    list.entries = s.entries;
    list.count = s.count;
    *out = list;
    return true;
}

enum fact_state volume_list(struct volume *v, struct str windir, struct str glob, struct arena *a,
                            struct volume_list *out, struct err *e)
{
    *out = (struct volume_list){0};
    struct node_place place = {0};
    enum fact_state state = locate(v, windir, &place, e);
    if (state != FACT_FOUND)
        return state;
    struct node_dir *d = place.dir;
    if (place.entry) {
        if (place.entry->kind != NODE_DIR) {
            err_set(e, ERR_DENIED, 0, "a file, not a folder");
            return FACT_UNREADABLE;
        }
        d = node_enter(&v->tree, place.dir, place.entry, e);
    }
    return d && list_dir(v, d, glob, a, out, e) ? FACT_FOUND : FACT_UNREADABLE;
}
