/* A target in memory that can be written: a table of values, a backend that changes a copy of it
 * until commit (or, `live`, the table itself), and ways to go wrong. */
#pragma once

#include "check.h"

#include "actions/gate.h"
#include "base/utf16.h"
#include "base/wtime.h"
#include "engine/apply.h"
#include "host/host_memory.h"

enum { MEMORY_VALUES = 32, MEMORY_DATA = 64 };

struct memory_value {
    char key[160], name[64];
    uint32_t type;
    uint8_t data[MEMORY_DATA];
    size_t len;
    bool there;
};

struct memory_table {
    struct memory_value v[MEMORY_VALUES];
};

struct memory_target {
    struct memory_table now, copy;
    bool live;
    size_t opened, committed; /* how often */
    size_t writes;
    size_t fail_write; /* the N-th write fails, 0 = none */
    bool fail_open, fail_commit;
    void (*at_commit)(struct memory_target *t); /* somebody else is at work */
    size_t stop_after;                          /* writes, 0 = never */
};

static inline struct memory_value *memory_find(struct memory_table *t, struct str key,
                                               struct str name)
{
    for (size_t i = 0; i < MEMORY_VALUES; i++)
        if (t->v[i].there && str_ieq(str_of(t->v[i].key), key) &&
            str_ieq(str_of(t->v[i].name), name))
            return &t->v[i];
    return NULL;
}

static inline void memory_put(struct memory_table *t, struct str key, struct str name,
                              const struct reg_image *image)
{
    struct memory_value *v = memory_find(t, key, name);
    for (size_t i = 0; !v && i < MEMORY_VALUES; i++)
        if (!t->v[i].there)
            v = &t->v[i];
    CHECK(v && image->data.len <= MEMORY_DATA);
    *v =
        (struct memory_value){.type = image->type, .len = image->data.len, .there = image->present};
    snprintf(v->key, sizeof v->key, STR_FMT, STR_ARG(key));
    snprintf(v->name, sizeof v->name, STR_FMT, STR_ARG(name));
    if (image->data.len)
        memcpy(v->data, image->data.ptr, image->data.len);
}

static inline void memory_dword(struct memory_table *t, const char *key, const char *name,
                                uint8_t n)
{
    const uint8_t bytes[4] = {n};
    memory_put(t, str_of(key), str_of(name),
               &(struct reg_image){true, REGF_DWORD, span_of(bytes, 4)});
}

/* -1: not there. */
static inline int memory_number(struct memory_table *t, const char *key, const char *name)
{
    const struct memory_value *v = memory_find(t, str_of(key), str_of(name));
    return v ? v->data[0] : -1;
}

static inline bool memory_equal(const struct memory_table *x, const struct memory_table *y)
{
    for (size_t i = 0; i < MEMORY_VALUES; i++)
        for (int side = 0; side < 2; side++) {
            struct memory_table *a = (struct memory_table *)(side ? y : x);
            struct memory_table *b = (struct memory_table *)(side ? x : y);
            const struct memory_value *v = &a->v[i], *w;
            if (!v->there)
                continue;
            w = memory_find(b, str_of(v->key), str_of(v->name));
            if (!w || w->type != v->type || w->len != v->len || memcmp(w->data, v->data, v->len))
                return false;
        }
    return true;
}

/* ---- backend -------------------------------------------------------------------------------- */

static inline struct memory_table *memory_table(struct memory_target *t)
{
    return t->live ? &t->now : &t->copy;
}

static inline bool memory_read(void *backend, struct str key, struct str name, struct arena *a,
                               struct reg_image *out, size_t *missing, struct err *e)
{
    const struct memory_value *v = memory_find(memory_table(backend), key, name);
    (void)e;
    *missing = 0;
    *out = (struct reg_image){0};
    if (v)
        *out = (struct reg_image){true, v->type, span_of(arena_copy(a, v->data, v->len), v->len)};
    return true;
}

static inline bool memory_write(void *backend, struct str key, struct str name,
                                const struct reg_image *image, struct err *e)
{
    struct memory_target *t = backend;
    if (++t->writes == t->fail_write)
        return err_set(e, ERR_IO, 0, "the disk is broken");
    memory_put(memory_table(t), key, name, image);
    return true;
}

/* Keys are there while values are. */
static inline bool memory_drop_key(void *backend, struct str key, struct err *e)
{
    (void)backend;
    (void)key;
    (void)e;
    return true;
}

static inline bool memory_commit(void *backend, struct err *e)
{
    struct memory_target *t = backend;
    if (t->fail_commit)
        return err_set(e, ERR_IO, 0, "cannot put in place: the disk is full");
    if (!t->live)
        t->now = t->copy;
    t->committed++;
    if (t->at_commit)
        t->at_commit(t);
    return true;
}

static inline void memory_close(void *backend)
{
    (void)backend;
}

static const struct writer_ops memory_ops = {memory_read, memory_write, memory_drop_key,
                                             memory_commit, memory_close};

static inline bool memory_open_writer(void *context, const char *id, uint64_t time,
                                      const struct writer_ops **ops, void **backend, struct err *e)
{
    struct memory_target *t = context;
    CHECK(strlen(id) == 16 && time != 0);
    t->opened++;
    if (t->fail_open)
        return err_set(e, ERR_DENIED, 0, "read-only");
    t->copy = t->now;
    *ops = &memory_ops;
    *backend = t;
    return true;
}

/* ---- the host ------------------------------------------------------------------------------- */

static inline bool memory_open_host(void *context, const char *location, uint64_t at,
                                    struct host **out, struct err *e)
{
    struct memory_target *t = context;
    struct host_options options = {.jobs = 1, .at = at};
    (void)location;
    CHECK(wtime_parse(STR("2023-03-20T09:00:00Z"), &options.now));
    if (!options.at)
        options.at = options.now;
    if (!host_memory(&options, out, e))
        return false;
    for (size_t i = 0; i < MEMORY_VALUES; i++)
        if (t->now.v[i].there)
            memory_set_value(*out, t->now.v[i].key, t->now.v[i].name, t->now.v[i].type,
                             span_of(t->now.v[i].data, t->now.v[i].len));
    return true;
}

static inline bool memory_stop(void *context)
{
    const struct memory_target *t = context;
    return t->stop_after && t->writes >= t->stop_after;
}
