/* A folder of lists and certificates for hosts that reach no network. */
#include "actions/folder.h"
#include "actions/roots_part.h"
#include "host/cabinet.h"

struct mirror {
    struct roots_source *source;
    const char *path;
    struct disk_dir *dir;
    struct arena *a;
    struct roots_mirror *out;
};

/* One arena a file, so that a thousand of them need the memory of one. */
static bool is_present(const struct mirror *m, const char *name, const struct ctl_entry *entry)
{
    struct arena a;
    struct span file, der;
    struct err ignored = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool yes = folder_read(m->path, name, ROOTS_CERTIFICATE_BYTES, &a, &file, &ignored) &&
               roots_der_of(file, &a, &der) && roots_matches(entry, der);
    arena_done(&a);
    return yes;
}

static bool fetch_one(struct mirror *m, const char *name, const struct ctl_entry *entry,
                      struct err *e)
{
    struct arena a;
    struct span der;
    struct err why = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = roots_certificate(m->source, entry, &a, &der, &why);
    bool absent = !ok && why.kind == ERR_NOT_FOUND;
    if (ok)
        ok = folder_place(m->dir, name, der, e);
    else if (absent)
        m->out->missing[m->out->missing_count++] = roots_name(entry, m->a);
    else
        (void)err_set(e, why.kind, why.at, "%s", why.text);
    m->out->fetched += ok;
    arena_done(&a);
    return ok || absent;
}

static bool mirror_certificates(struct mirror *m, void (*progress)(void *, size_t, size_t),
                                void *context, struct err *e)
{
    const struct list_file *list = m->source->roots.file;
    size_t count = list_file_count(list);
    m->out->missing = ARENA_ARRAY(m->a, count + 1, struct str);
    if (!m->out->missing)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    for (size_t i = 0; i < count; i++) {
        const struct ctl_entry *entry = list_file_entry(list, i);
        char name[ROOTS_HEX + 4];
        roots_hex(entry->id, name, false);
        memcpy(name + strlen(name), ".crt", sizeof ".crt");
        if (progress)
            progress(context, i, count);
        if (is_present(m, name, entry))
            m->out->present++;
        else if (!fetch_one(m, name, entry, e))
            return false;
    }
    return true;
}

/* ---- lists -------------------------------------------------------------------------------------
 */

/* Is the list in the folder newer than the source's? */
static bool is_newer(const struct mirror *m, const char *name, enum list_kind kind,
                     const struct list_file *ours)
{
    struct arena a;
    struct span raw;
    struct list_file *theirs = NULL;
    struct err ignored = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool newer = folder_read(m->path, name, ROOTS_LIST_BYTES, &a, &raw, &ignored) &&
                 roots_read_list(m->source, raw, kind, &a, &theirs, &ignored) &&
                 list_file_cmp(theirs, ours) > 0;
    list_file_close(theirs);
    arena_done(&a);
    return newer;
}

static bool same_bytes(const struct mirror *m, const char *name, struct span bytes)
{
    struct arena a;
    struct span raw;
    struct err ignored = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool same =
        folder_read(m->path, name, ROOTS_LIST_BYTES, &a, &raw, &ignored) && span_eq(raw, bytes);
    arena_done(&a);
    return same;
}

struct list_names {
    const char *cabinet, *list;
};
static const struct list_names names_of[] = {
    [LIST_ROOTS] = {ROOTS_CAB, "authroot.stl"},
    [LIST_DISALLOWED] = {ROOTS_DISALLOWED_CAB, "disallowedcert.stl"},
};

static bool refuse_newer(const struct mirror *m, enum list_kind kind, struct err *e)
{
    const struct roots_list *l = kind == LIST_ROOTS ? &m->source->roots : &m->source->disallowed;
    const struct list_names *n = &names_of[kind];
    if (l->file && (is_newer(m, n->cabinet, kind, l->file) || is_newer(m, n->list, kind, l->file)))
        return err_set(e, ERR_DENIED, 0, "%.100s: the folder holds a newer list", l->from.ptr);
    return true;
}

static bool mirror_list(struct mirror *m, enum list_kind kind, struct str *age, struct err *e)
{
    const struct roots_list *l = kind == LIST_ROOTS ? &m->source->roots : &m->source->disallowed;
    if (!l->file)
        return true;
    *age = roots_age(l->file, m->a);
    const char *name = cabinet_is(l->raw) ? names_of[kind].cabinet : names_of[kind].list;
    if (same_bytes(m, name, l->raw))
        return true;
    return folder_place(m->dir, name, l->raw, e);
}

bool roots_mirror(struct roots_source *s, const char *dir,
                  void (*progress)(void *context, size_t done, size_t total), void *context,
                  struct arena *a, struct roots_mirror *out, struct err *e)
{
    struct roots_mirror got = {.notes = s->notes, .note_count = s->note_count};
    struct mirror m = {.source = s, .path = dir, .a = a, .out = &got};
    if (!folder_make(dir, e) || !disk_dir_open(dir, &m.dir, e))
        return false;
    /* Lists come last: a folder with a list has what the list names. */
    bool ok = refuse_newer(&m, LIST_ROOTS, e) && refuse_newer(&m, LIST_DISALLOWED, e) &&
              mirror_certificates(&m, progress, context, e) &&
              mirror_list(&m, LIST_DISALLOWED, &got.disallowed, e) &&
              mirror_list(&m, LIST_ROOTS, &got.roots, e);
    disk_dir_close(m.dir);
    if (ok)
        *out = got;
    return ok;
}
