#include "trust/list_file.h"

#include "trust/part.h"

struct list_file {
    struct trust bare; /* pool and arena only: no host, no stores */
    struct list list;
    struct span der;
    struct str sequence;
};

static bool begin(struct list_file *l, X509 *const *roots, size_t root_count, struct err *e)
{
    arena_init(&l->bare.mem, ARENA_DEFAULT_CAP);
    l->bare.options.list_roots = roots;
    l->bare.options.list_root_count = root_count;
    return pool_init(&l->bare.pool, e);
}

static bool read(struct list_file *l, struct span der, enum list_kind kind, struct err *e)
{
    struct arena *a = &l->bare.mem;
    void *copy = arena_copy(a, der.ptr ? (const void *)der.ptr : "", der.len);
    if (!copy)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    l->der = span_of(copy, der.len);
    bool ok = kind == LIST_ROOTS
                  ? list_verify(&l->bare, l->der, LIST_USAGE_ROOTS, USAGE_LIST, &l->list, e)
                  : list_verify(&l->bare, l->der, LIST_USAGE_DISALLOWED,
                                USAGE_LIST | USAGE_DISALLOWED_LIST, &l->list, e);
    if (!ok)
        return false;
    size_t extra = cms_extra(l->list.message);
    l->der.len -= extra < l->der.len ? extra : 0;
    l->list.usable = true;
    struct span s = l->list.ctl.sequence;
    struct sb hex;
    sb_init(&hex, 4096);
    sb_hex(&hex, s.ptr, s.len > 64 ? 64 : s.len);
    l->sequence = str_dup(a, (struct str){hex.ptr, hex.len});
    sb_done(&hex);
    return l->sequence.ptr || err_set(e, ERR_NOMEM, 0, "out of memory");
}

bool list_file_open(struct span der, enum list_kind kind, X509 *const *roots, size_t root_count,
                    struct list_file **out, struct err *e)
{
    struct list_file *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (!begin(l, roots, root_count, e) || !read(l, der, kind, e)) {
        list_file_close(l);
        return false;
    }
    *out = l;
    return true;
}

void list_file_close(struct list_file *l)
{
    if (!l)
        return;
    cms_close(l->list.message);
    pool_done(&l->bare.pool);
    arena_done(&l->bare.mem);
    free(l);
}

const struct ctl *list_file_ctl(const struct list_file *l)
{
    return &l->list.ctl;
}

struct span list_file_der(const struct list_file *l)
{
    return l->der;
}

struct str list_file_sequence(const struct list_file *l)
{
    return l->sequence;
}

int list_file_cmp(const struct list_file *a, const struct list_file *b)
{
    const struct ctl *x = &a->list.ctl, *y = &b->list.ctl;
    int order = x->sequence.len && y->sequence.len ? ctl_sequence_cmp(x, y) : 0;
    if (order)
        return order;
    return x->this_update < y->this_update ? -1 : x->this_update > y->this_update;
}

size_t list_file_count(const struct list_file *l)
{
    return l->list.count;
}

const struct ctl_entry *list_file_entry(const struct list_file *l, size_t i)
{
    return i < l->list.count ? &l->list.entries[i].entry : NULL;
}

const struct ctl_entry *list_file_find(const struct list_file *l, struct span id)
{
    return list_find(&l->list, id);
}

bool list_file_names(const struct list_file *l, X509 *x)
{
    uint8_t sha1[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    return X509_digest(x, EVP_sha1(), sha1, &len) == 1 && list_names(&l->list, x, sha1) != NULL;
}
