#include "actions/writer_offline.h"

#include <stdlib.h>

#include "actions/writer_offline_posix.h"
#include "base/utf16.h"
#include "host/fd.h"

enum { FILES_MAX = 256 };

struct offline_writer {
    struct host *host;
    char id[OFFLINE_ID + 1];
    uint64_t time;
    struct offline_file *files; /* in the order in which they were asked about */
    size_t count;
    bool failed; /* a commit failed half-way: what is on the disk must be read anew */
};

static bool blame(const struct offline_file *f, struct err *e)
{
    char path[160];
    snprintf(path, sizeof path, STR_FMT, STR_ARG(f->path));
    return err_prefix(e, path);
}

static void drop(struct offline_file *f)
{
    offline_file_close(f);
    free((char *)(uintptr_t)f->path.ptr);
    free(f);
}

static struct offline_file *known(const struct offline_writer *w, struct str path)
{
    for (struct offline_file *f = w->files; f; f = f->next)
        if (str_ieq(f->path, path))
            return f;
    return NULL;
}

static struct offline_file *load(struct offline_writer *w, const struct hive_place *p,
                                 struct err *e)
{
    struct str name;
    int folder;
    struct offline_file *f = calloc(1, sizeof *f), **end = &w->files;
    char *path = malloc(p->path.len + 1);
    if (!f || !path || w->count == FILES_MAX) {
        free(f);
        free(path);
        err_set(e, ERR_LIMIT, 0, "limit: too many hives to write to");
        return NULL;
    }
    memcpy(path, p->path.ptr, p->path.len);
    f->path = (struct str){path, p->path.len};
    if (!hive_place_folder(w->host, p, &folder, &name, e) ||
        !offline_file_open(f, folder, name, w->time, e)) {
        blame(f, e);
        drop(f);
        return NULL;
    }
    while (*end)
        end = &(*end)->next;
    *end = f;
    w->count++;
    return f;
}

/* The hive of a key, and what is left of the key below its root. */
static struct offline_file *find(struct offline_writer *w, struct str key, struct str *rest,
                                 struct err *e)
{
    struct hive_place p;
    if (w->failed) {
        err_set(e, ERR_IO, 0, "an earlier hive could not be put in place");
        return NULL;
    }
    if (!hive_place_find(w->host, key, &p, e))
        return NULL;
    *rest = p.rest;
    struct offline_file *f = known(w, p.path);
    return f ? f : load(w, &p, e);
}

/* How many components at the end of the key do not exist. */
static bool count_missing(const struct regf *r, struct str key, size_t *missing,
                          struct regf_key *out, struct err *e)
{
    struct regf_key k;
    *missing = 0;
    while (key.len) {
        enum regf_answer got = regf_path(r, key, &k, e);
        if (got == REGF_BAD)
            return false;
        if (got == REGF_FOUND) {
            if (*missing == 0)
                *out = k;
            return true;
        }
        ++*missing;
        while (key.len && key.ptr[key.len - 1] != '\\')
            key.len--;
        key.len -= key.len > 0;
    }
    return *missing > 0 || regf_root(r, out, e);
}

static bool offline_read(void *backend, struct str key, struct str name, struct arena *a,
                         struct reg_image *out, size_t *missing, struct err *e)
{
    struct str rest;
    struct regf_key k;
    struct regf_value v;
    struct span data;
    struct offline_file *f = find(backend, key, &rest, e);
    *out = (struct reg_image){0};
    if (!f)
        return false;
    const struct regf *r = &f->edit.hive;
    if (!count_missing(r, rest, missing, &k, e))
        return blame(f, e);
    if (*missing)
        return true;
    switch (regf_value(r, &k, name, &v, e)) {
    case REGF_ABSENT:
        return true;
    case REGF_BAD:
        return blame(f, e);
    case REGF_FOUND:
        break;
    }
    if (!regf_value_data(r, &v, a, &data, e))
        return blame(f, e);
    uint8_t *copy = arena_copy(a, data.ptr, data.len);
    *out = (struct reg_image){.present = true, .type = v.type, .data = span_of(copy, data.len)};
    return copy || err_set(e, ERR_NOMEM, 0, "no memory for a value");
}

static bool offline_write(void *backend, struct str key, struct str name,
                          const struct reg_image *image, struct err *e)
{
    struct str rest;
    struct offline_file *f = find(backend, key, &rest, e);
    if (!f)
        return false;
    bool ok = image->present ? regf_edit_set(&f->edit, rest, name, image->type, image->data, e)
                             : regf_edit_delete(&f->edit, rest, name, e);
    return ok || blame(f, e);
}

static bool offline_drop_key(void *backend, struct str key, struct err *e)
{
    struct str rest;
    struct offline_file *f = find(backend, key, &rest, e);
    if (!f)
        return false;
    return rest.len == 0 || regf_edit_drop_key(&f->edit, rest, e) || blame(f, e);
}

/* All hives are made and verified before the first is put in place.  Afterwards none is held: what
 * is asked next is read from the disk. */
static bool offline_commit(void *backend, struct err *e)
{
    struct offline_writer *w = backend;
    struct span bytes;
    if (w->failed)
        return err_set(e, ERR_IO, 0, "an earlier hive could not be put in place");
    for (struct offline_file *f = w->files; f; f = f->next)
        if (!regf_edit_finish(&f->edit, &bytes, e) || !offline_file_unchanged(f, e))
            return blame(f, e);
    for (struct offline_file *f = w->files, *next; f; f = next) {
        next = f->next;
        bool ok = regf_edit_finish(&f->edit, &bytes, e) &&
                  (f->edit.changed ? offline_place(f, bytes, w->id, e) : offline_tidy(f, w->id, e));
        if (!ok) {
            w->failed = true;
            return blame(f, e);
        }
        w->files = next;
        w->count--;
        drop(f);
    }
    return true;
}

static void offline_close(void *backend)
{
    struct offline_writer *w = backend;
    for (struct offline_file *f = w->files, *next; f; f = next) {
        next = f->next;
        drop(f);
    }
    free(w);
}

static const struct writer_ops offline_ops = {
    .read = offline_read,
    .write = offline_write,
    .drop_key = offline_drop_key,
    .commit = offline_commit,
    .close = offline_close,
};

bool writer_offline_allowed(struct err *e)
{
    (void)e;
    return true;
}

bool writer_offline_open(const struct writer_offline_options *o, const struct writer_ops **ops,
                         void **backend, struct err *e)
{
    if (!hive_place_writable(o->host, e))
        return false;
    if (strspn(o->id, "0123456789abcdef") != OFFLINE_ID || o->id[OFFLINE_ID])
        return err_set(e, ERR_USAGE, 0, "a journal's id is 16 hex digits");
    struct offline_writer *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    w->host = o->host;
    w->time = o->time;
    memcpy(w->id, o->id, sizeof w->id);
    *ops = &offline_ops;
    *backend = w;
    return true;
}
