/* product{} and source.*: files of lua/products/. */
#include "base/version.h"
#include "model/want_path.h"
#include "script/bind.h"
#include "script/embedded.h"
#include "script/load.h"
#include "script/value.h"

enum { PRODUCTS_MAX = 1024, PRODUCT_ITEMS = 1024 };

static enum product_role role_of(const struct value *fields)
{
    static const char *const names[] = {"primary", "corroborates", "trace", "hotfix"};
    struct str role = value_text_of(fields, "role");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(str_of(names[i]), role))
            return (enum product_role)i;
    return ROLE_CORROBORATES;
}

static unsigned version_parts(struct str text)
{
    unsigned n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '.' || text.ptr[i] == ',';
    return n;
}

static int make_source(lua_State *L, enum product_source_kind kind, const struct schema *schema)
{
    static const char *const labels[] = {"registry", "uninstall entry", "installer product",
                                         "file version", "service image"};
    struct value fields = value_fields(L, 1, schema);
    struct product_source *s = SANDBOX_ARRAY(L, 1, struct product_source);
    s->kind = kind;
    s->role = role_of(&fields);
    s->label = value_text_of(&fields, "label");
    if (s->label.len == 0)
        s->label = str_of(labels[kind]);
    s->key = value_text_of(&fields, "key");
    s->value = value_text_of(&fields, "value");
    s->code = value_text_of(&fields, "code");
    s->text = value_text_of(&fields, "text");
    s->path = value_text_of(&fields, "path");
    s->service = value_text_of(&fields, "name");
    const char *fault = kind == SOURCE_FILE ? want_path_fault(s->path) : NULL;
    if (fault)
        sandbox_fail(L, "source.file: \"%.80s\" is no path: %s", s->path.ptr, fault);
    struct str prefix = value_text_of(&fields, "prefix");
    if (prefix.len && version_parse(prefix, &s->prefix))
        s->prefix_parts = version_parts(prefix);
    if (kind == SOURCE_UNINSTALL && s->code.len == 0 && s->text.len == 0)
        sandbox_fail(L, "source.uninstall has neither code nor text");
    thing_new(L, THING_SOURCE, s);
    return 1;
}

static int source_registry(lua_State *L)
{
    return make_source(L, SOURCE_REGISTRY, &schema_source_registry);
}

static int source_uninstall(lua_State *L)
{
    return make_source(L, SOURCE_UNINSTALL, &schema_source_uninstall);
}

static int source_msi(lua_State *L)
{
    return make_source(L, SOURCE_MSI, &schema_source_msi);
}

static int source_file(lua_State *L)
{
    return make_source(L, SOURCE_FILE, &schema_source_file);
}

static int source_service(lua_State *L)
{
    return make_source(L, SOURCE_SERVICE, &schema_source_service);
}

/* The list in field `name` of the table at 1, pushed; its length. */
static size_t push_list(lua_State *L, const char *name)
{
    if (lua_getfield(L, 1, name) == LUA_TNIL)
        return 0;
    if (lua_type(L, -1) != LUA_TTABLE)
        sandbox_fail(L, "product: field \"%s\" is %s, want a list", name, thing_words(L, -1));
    size_t n = (size_t)lua_rawlen(L, -1), keys = 0;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
        keys++;
    if (n == 0 || keys != n || n > PRODUCT_ITEMS)
        sandbox_fail(L, "product: field \"%s\": want a plain list of 1 to %d elements", name,
                     PRODUCT_ITEMS);
    return n;
}

static void take_sources(lua_State *L, struct product_def *d)
{
    size_t n = push_list(L, "sources");
    d->sources = SANDBOX_ARRAY(L, n, struct product_source);
    for (; d->source_count < n; d->source_count++) {
        lua_rawgeti(L, -1, (lua_Integer)d->source_count + 1);
        const struct thing *t = thing_test(L, -1, THING_SOURCE);
        if (!t)
            sandbox_fail(L,
                         "product: sources: element %zu is %s, want source.registry{...} or the "
                         "like",
                         d->source_count + 1, thing_words(L, -1));
        d->sources[d->source_count] = *(const struct product_source *)t->ptr;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* {"8.8.0.777", "RTM"} as {from = , name = }: pushes the table to read instead. */
static void name_build_fields(lua_State *L)
{
    static const char *const names[] = {"from", "name"};
    int from = lua_gettop(L);
    if (lua_type(L, from) != LUA_TTABLE || lua_rawlen(L, from) == 0)
        return;
    lua_createtable(L, 0, 3);
    for (lua_pushnil(L); lua_next(L, from);) {
        lua_Integer k = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
        if (k == 1 || k == 2)
            lua_pushstring(L, names[k - 1]);
        else
            lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, from + 1);
    }
    lua_replace(L, from);
}

static void take_builds(lua_State *L, struct product_def *d)
{
    size_t n = push_list(L, "builds");
    d->builds = SANDBOX_ARRAY(L, n, struct product_build);
    for (; d->build_count < n; d->build_count++) {
        lua_rawgeti(L, -1, (lua_Integer)d->build_count + 1);
        name_build_fields(L);
        struct value fields = value_fields(L, -1, &schema_build);
        struct product_build *b = &d->builds[d->build_count];
        (void)version_parse(value_text_of(&fields, "from"), &b->from);
        b->name = value_text_of(&fields, "name");
        const struct value *exact = value_get(&fields, "exact");
        b->exact = exact && exact->boolean;
        if (d->build_count && version_cmp(b[-1].from, b->from) >= 0)
            sandbox_fail(L, "product: builds: element %zu (" STR_FMT ") does not ascend",
                         d->build_count + 1, STR_ARG(b->name));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static int make_product(lua_State *L)
{
    struct value fields = value_fields(L, 1, &schema_product);
    struct product_def *d = SANDBOX_ARRAY(L, 1, struct product_def);
    d->id = value_text_of(&fields, "id");
    d->name = value_text_of(&fields, "name");
    d->successor = value_text_of(&fields, "successor");
    take_sources(L, d);
    take_builds(L, d);
    thing_new(L, THING_PRODUCT, d);
    return 1;
}

static int run_product(lua_State *L)
{
    struct loading *load = load_of(L);
    load_run(L, load->source);
    const struct thing *t = thing_test(L, 1, THING_PRODUCT);
    if (!t) {
        sandbox_fail_at(L, load_end(L), "returned %s, want: return product { ... }",
                        thing_words(L, 1));
    }
    load->product = t->ptr;
    return 0;
}

static bool load_one(const struct script_source *source, const struct script_limits *limits,
                     struct arena *a, struct product_def *defs, size_t *count, struct err *e)
{
    struct loading load = {.source = source};
    struct sandbox s = {.phase = PHASE_PRODUCT, .mem = a};
    if (!sandbox_run(&s, limits, run_product, &load, e))
        return false;
    for (size_t i = 0; i < *count; i++)
        if (str_eq(defs[i].id, load.product->id))
            return err_set(e, ERR_USAGE, 0, STR_FMT ": product \"" STR_FMT "\" is defined already",
                           STR_ARG(source->path), STR_ARG(load.product->id));
    defs[(*count)++] = *load.product;
    return true;
}

static bool is_product_file(const char *path)
{
    return strncmp(path, "lua/products/", 13) == 0;
}

bool script_load_products(const struct script_source *extra, size_t extra_count,
                          const struct script_limits *limits, struct arena *a,
                          struct product_def **out, size_t *count, struct err *e)
{
    size_t most = extra_count, n = 0;
    for (size_t i = 0; i < embedded_file_count; i++)
        most += is_product_file(embedded_files[i].path);
    if (most > PRODUCTS_MAX)
        return err_set(e, ERR_LIMIT, 0, "more than %d product definitions", PRODUCTS_MAX);
    struct product_def *defs = ARENA_ARRAY(a, most ? most : 1, struct product_def);
    if (!defs)
        return err_set(e, ERR_NOMEM, 0, "no memory for product definitions");
    for (size_t i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *f = &embedded_files[i];
        struct script_source source = {str_of(f->path), span_of(f->bytes, f->len), true};
        if (is_product_file(f->path) && !load_one(&source, limits, a, defs, &n, e))
            return false;
    }
    for (size_t i = 0; i < extra_count; i++)
        if (!load_one(&extra[i], limits, a, defs, &n, e))
            return false;
    *out = defs;
    *count = n;
    return true;
}

const struct binding bind_product[] = {
    {"", "product", make_product, PHASE_PRODUCT},
    {"source", "file", source_file, PHASE_PRODUCT},
    {"source", "msi", source_msi, PHASE_PRODUCT},
    {"source", "registry", source_registry, PHASE_PRODUCT},
    {"source", "service", source_service, PHASE_PRODUCT},
    {"source", "uninstall", source_uninstall, PHASE_PRODUCT},
    {NULL, NULL, NULL, 0},
};
