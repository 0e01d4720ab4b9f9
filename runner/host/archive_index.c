#include "host/archive_index.h"

#include <stdlib.h>

#include "base/utf16.h"

struct record {
    struct node_dir *parent;
    struct node_entry entry;
};

struct archive_index {
    struct node_tree *t;
    struct record *records;
    size_t count, cap;
    uint32_t *slots; /* open addressing over the records that are folders: index + 1 */
    size_t slot_count, dirs;
    uint64_t limit;
};

enum { FIRST_SLOTS = 1024 };

struct archive_index *archive_index_new(struct node_tree *t, uint64_t limit, struct err *e)
{
    struct archive_index *x = calloc(1, sizeof *x);
    if (x) {
        *x = (struct archive_index){.t = t, .limit = limit, .slot_count = FIRST_SLOTS};
        x->slots = calloc(x->slot_count, sizeof *x->slots);
    }
    if (!x || !x->slots) {
        free(x);
        err_set(e, ERR_NOMEM, 0, "out of memory");
        return NULL;
    }
    return x;
}

void archive_index_free(struct archive_index *x)
{
    if (!x)
        return;
    free(x->records);
    free(x->slots);
    free(x);
}

static size_t slot_of(const struct archive_index *x, const struct node_dir *parent, uint32_t hash)
{
    uint64_t mixed = ((uintptr_t)parent ^ hash) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 32) & (x->slot_count - 1);
}

static bool grow_slots(struct archive_index *x)
{
    size_t count = x->slot_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    free(x->slots);
    x->slots = slots;
    x->slot_count = count;
    for (size_t i = 0; i < x->count; i++) {
        const struct record *r = &x->records[i];
        if (r->entry.kind != NODE_DIR)
            continue;
        size_t at = slot_of(x, r->parent, r->entry.hash);
        while (x->slots[at])
            at = (at + 1) & (count - 1);
        x->slots[at] = (uint32_t)(i + 1);
    }
    return true;
}

static bool append(struct archive_index *x, struct node_dir *parent, struct node_entry entry,
                   struct err *e)
{
    if (x->count == x->cap) {
        size_t cap = x->cap ? x->cap * 2 : 256;
        struct record *more = realloc(x->records, cap * sizeof *more);
        if (!more)
            return err_set(e, ERR_NOMEM, 0, "out of memory");
        x->records = more;
        x->cap = cap;
    }
    entry.name = str_dup(&x->t->mem, entry.name);
    if (!entry.name.ptr)
        return err_set(e, ERR_LIMIT, 0, "limit: the names of the archive need too much memory");
    x->records[x->count++] = (struct record){parent, entry};
    parent->count++;
    return true;
}

static struct node_dir *add_dir(struct archive_index *x, struct node_dir *parent, struct str name,
                                uint32_t hash, struct err *e)
{
    if (++x->dirs > x->limit) {
        err_set(e, ERR_LIMIT, 0, "limit: more than %llu folders", (unsigned long long)x->limit);
        return NULL;
    }
    if (x->dirs * 2 > x->slot_count && !grow_slots(x)) {
        err_set(e, ERR_NOMEM, 0, "out of memory");
        return NULL;
    }
    struct node_dir *d = ARENA_NEW(&x->t->mem, struct node_dir);
    struct node_entry entry = {.name = name, .dir = d, .hash = hash, .kind = NODE_DIR};
    if (!d) {
        err_set(e, ERR_LIMIT, 0, "limit: the names of the archive need too much memory");
        return NULL;
    }
    if (!append(x, parent, entry, e))
        return NULL;
    d->parent = parent;
    d->name = x->records[x->count - 1].entry.name;
    size_t at = slot_of(x, parent, hash);
    while (x->slots[at])
        at = (at + 1) & (x->slot_count - 1);
    x->slots[at] = (uint32_t)x->count;
    return d;
}

static struct node_dir *enter_dir(struct archive_index *x, struct node_dir *parent, struct str name,
                                  struct err *e)
{
    uint32_t hash = str_ihash(name);
    for (size_t at = slot_of(x, parent, hash); x->slots[at]; at = (at + 1) & (x->slot_count - 1)) {
        const struct record *r = &x->records[x->slots[at] - 1];
        if (r->parent == parent && r->entry.hash == hash && str_ieq(r->entry.name, name))
            return r->entry.dir;
    }
    return add_dir(x, parent, name, hash, e);
}

bool archive_index_add(struct archive_index *x, struct str path, enum node_kind kind,
                       uint32_t member, struct err *e)
{
    struct node_dir *d = &x->t->root;
    for (;;) {
        const char *slash = memchr(path.ptr, '/', path.len);
        struct str part = {path.ptr, slash ? (size_t)(slash - path.ptr) : path.len};
        if (!slash && kind != NODE_DIR)
            return append(x, d, (struct node_entry){.name = part, .kind = kind, .member = member},
                          e);
        d = enter_dir(x, d, part, e);
        if (!d)
            return false;
        if (!slash)
            return true;
        path = (struct str){slash + 1, path.len - part.len - 1};
    }
}

/* `count` of a folder is its number of records until its array is there, then what is filled. */
static bool place(struct archive_index *x, const struct record *r, struct err *e)
{
    struct node_dir *d = r->parent;
    if (!d->entries) {
        d->entries = ARENA_ARRAY(&x->t->mem, d->count, struct node_entry);
        if (!d->entries)
            return err_set(e, ERR_LIMIT, 0, "limit: the names of the archive need too much memory");
        d->count = 0;
    }
    d->entries[d->count++] = r->entry;
    return true;
}

bool archive_index_finish(struct archive_index *x, struct err *e)
{
    bool ok = true;
    for (size_t i = 0; ok && i < x->count; i++)
        ok = place(x, &x->records[i], e);
    struct node_dir *root = &x->t->root;
    if (ok)
        node_set_entries(root, root->entries, root->count);
    for (size_t i = 0; ok && i < x->count; i++) {
        struct node_dir *d = x->records[i].entry.dir;
        if (d)
            node_set_entries(d, d->entries, d->count);
    }
    archive_index_free(x);
    return ok;
}
