#include "script/api.h"

#include <stdlib.h>

#include "model/schemas.h"
#include "script/bind.h"
#include "script/embedded.h"
#include "script/script.h"
#include "script/stubs.h"

enum { ENTRIES_MAX = 2048, FOLDER = sizeof "lua/api/" - 1 };

static struct span text_of(const struct embedded_file *f)
{
    return span_of(f->bytes, f->len);
}

bool script_stubs(struct arena *a, struct api_stub **out, size_t *count, struct err *e)
{
    *out = ARENA_ARRAY(a, embedded_stub_count + 1, struct api_stub);
    if (!*out)
        return err_set(e, ERR_NOMEM, 0, "no memory for the stubs");
    for (*count = 0; *count < embedded_stub_count; ++*count)
        (*out)[*count] = (struct api_stub){str_of(embedded_stubs[*count].path + FOLDER),
                                           text_of(&embedded_stubs[*count])};
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct api_entry *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

static struct str full_name(struct arena *a, const struct binding *b)
{
    if (strcmp(b->name, "()") == 0)
        return str_of(b->space);
    return b->space[0] ? str_fmt(a, "%s.%s", b->space, b->name) : str_of(b->name);
}

static const struct api_entry *documented(const struct stub_list *l, struct str name)
{
    for (size_t i = 0; i < l->count; i++)
        if (str_eq(l->items[i].name, name))
            return &l->items[i];
    return NULL;
}

/* host.events is documented, and called, as Host.events. */
static void take_schemas(struct api_entry *e, struct arena *a)
{
    struct str name = e->name;
    size_t count = 0;
    if (name.len > 5 && memcmp(name.ptr, "Host.", 5) == 0)
        name = str_fmt(a, "host." STR_FMT, (int)(name.len - 5), name.ptr + 5);
    for (size_t i = 0; schemas[i] && count < API_SCHEMAS; i++)
        if (str_eq(str_of(schemas[i]->name), name))
            e->schema[count++] = schemas[i];
}

static void add_binding(struct api *api, const struct binding *b, const struct stub_list *stubs,
                        struct arena *a)
{
    struct str name = full_name(a, b);
    for (size_t i = 0; i < api->count; i++)
        if (str_eq(api->entries[i].name, name)) {
            api->entries[i].phases |= b->phases;
            return;
        }
    const struct api_entry *told = documented(stubs, name);
    struct api_entry *e = &api->entries[api->count++];
    *e = told ? *told : (struct api_entry){.kind = b->fn ? API_FUNCTION : API_CONSTANT};
    e->name = name;
    e->phases = b->phases;
    take_schemas(e, a);
}

bool script_api(struct arena *a, struct api *out, struct err *e)
{
    struct stub_list stubs = {.mem = a};
    *out = (struct api){.language = str_of(script_lua_release())};
    for (size_t i = 0; i < embedded_stub_count; i++)
        stubs_read(&stubs, str_of(embedded_stubs[i].path), text_of(&embedded_stubs[i]));
    out->entries = ARENA_ARRAY(a, ENTRIES_MAX, struct api_entry);
    if (!out->entries || stubs.full)
        return err_set(e, ERR_NOMEM, 0, "no memory for the catalogue of the API");
    for (size_t i = 0; bind_tables[i]; i++)
        for (const struct binding *b = bind_tables[i]; b->name && out->count < ENTRIES_MAX; b++)
            add_binding(out, b, &stubs, a);
    qsort(out->entries, out->count, sizeof *out->entries, by_name);
    return !a->full || err_set(e, ERR_NOMEM, 0, "no memory for the catalogue of the API");
}
