/* Wanted states: registry, product, service, eventlog, file, certificate, ctl, all, any, when. */
#include "base/version.h"
#include "script/bind.h"
#include "script/load.h"
#include "script/value.h"

enum { WANT_CHILDREN = 1024 };

static struct want *new_want(lua_State *L, enum want_kind kind)
{
    struct want *w = SANDBOX_ARRAY(L, 1, struct want);
    w->kind = kind;
    w->args = (struct value){.kind = VALUE_MAP};
    w->line = sandbox_here(L).line;
    w->nodes = w->depth = 1;
    thing_new(L, THING_WANT, w);
    return w;
}

/* `first` arguments before what the options table gave. */
static struct value join(lua_State *L, const struct value_member *first, size_t count,
                         const struct value *options)
{
    struct value v = {.kind = VALUE_MAP};
    size_t more = options ? options->map.count : 0;
    v.map.members = SANDBOX_ARRAY(L, count + more, struct value_member);
    v.map.count = count + more;
    memcpy(v.map.members, first, count * sizeof *first);
    if (more)
        memcpy(v.map.members + count, options->map.members, more * sizeof *first);
    return v;
}

/* A predicate, or a plain value that means equals. */
static struct predicate read_predicate(lua_State *L, int index, const char *what)
{
    const struct thing *t = thing_test(L, index, THING_PREDICATE);
    if (t)
        return *(const struct predicate *)t->ptr;
    bool reference = thing_test(L, index, THING_INPUT_REF);
    int type = lua_type(L, index);
    if (!reference && type != LUA_TSTRING && type != LUA_TNUMBER)
        sandbox_fail(L, "%s: %s where a predicate such as at_least(...) or dword(...) is wanted",
                     what, thing_words(L, index));
    struct predicate p = {.kind = PRED_EQUALS};
    p.a = value_argument(L, index,
                         reference             ? FIELD_ANY
                         : type == LUA_TNUMBER ? FIELD_INT
                                               : FIELD_TEXT,
                         FIELD_INPUT | FIELD_EMPTY | FIELD_LINES, what);
    return p;
}

static void check_arguments(lua_State *L, int least, int most, const char *what, const char *form)
{
    if (lua_gettop(L) < least || lua_gettop(L) > most)
        sandbox_fail(L, "%s: want %s", what, form);
}

static int want_registry_value(lua_State *L)
{
    check_arguments(L, 3, 4, "registry.value", "(key, name, predicate [, options])");
    struct value options = {.kind = VALUE_MAP};
    if (!lua_isnoneornil(L, 4))
        options = value_fields(L, 4, &schema_registry_options);
    struct value_member first[2] = {
        {STR("key"), value_argument(L, 1, FIELD_KEY, 0, "registry.value: the key")},
        {STR("name"), value_argument(L, 2, FIELD_TEXT, FIELD_EMPTY, "registry.value: the name")}};
    struct predicate p = read_predicate(L, 3, "registry.value");
    struct want *w = new_want(L, WANT_REGISTRY_VALUE);
    w->predicate = p;
    w->args = join(L, first, 2, &options);
    return 1;
}

static int want_registry_absent(lua_State *L)
{
    check_arguments(L, 1, 3, "registry.absent", "(key [, name [, options]])");
    struct value options = {.kind = VALUE_MAP};
    if (!lua_isnoneornil(L, 3))
        options = value_fields(L, 3, &schema_registry_absent_options);
    struct value_member first[2] = {
        {STR("key"), value_argument(L, 1, FIELD_KEY, 0, "registry.absent: the key")}};
    size_t count = 1;
    if (!lua_isnoneornil(L, 2))
        first[count++] =
            (struct value_member){STR("name"), value_argument(L, 2, FIELD_TEXT, FIELD_EMPTY,
                                                              "registry.absent: the name")};
    struct value args = join(L, first, count, &options);
    new_want(L, WANT_REGISTRY_ABSENT)->args = args;
    return 1;
}

/* Versions compare by their numbers, so that every operand must be one. */
static void check_version(lua_State *L, const struct value *v)
{
    struct version parsed;
    if (value_input(v))
        load_use_input(L, *value_input(v), FIELD_VERSION, 0);
    if (v->kind == VALUE_LIST)
        for (size_t i = 0; i < v->list.count; i++)
            check_version(L, &v->list.items[i]);
    else if (v->kind != VALUE_NULL && !value_input(v) &&
             (v->kind != VALUE_TEXT || !version_parse(v->text, &parsed)))
        sandbox_fail(L, "product.version: want versions in quotes, as at_least \"8.8.0.975\"");
}

static int want_product_version(lua_State *L)
{
    check_arguments(L, 2, 2, "product.version", "(id, predicate)");
    struct value_member id = {STR("id"),
                              value_argument(L, 1, FIELD_DOTTED, 0, "product.version: the id")};
    struct predicate p = read_predicate(L, 2, "product.version");
    if (p.typed || p.kind == PRED_GLOB || p.kind == PRED_CONTAINS || p.kind == PRED_ABSENT)
        sandbox_fail(L, "product.version: want at_least, at_most, between, equals or one_of");
    check_version(L, &p.a);
    check_version(L, &p.b);
    struct want *w = new_want(L, WANT_PRODUCT_VERSION);
    w->predicate = p;
    w->args = join(L, &id, 1, NULL);
    return 1;
}

static int from_fields(lua_State *L, enum want_kind kind, const struct schema *schema)
{
    struct value fields = value_fields(L, 1, schema);
    new_want(L, kind)->args = fields;
    return 1;
}

static int want_service_enabled(lua_State *L)
{
    return from_fields(L, WANT_SERVICE, &schema_service_enabled);
}

static int want_eventlog_none(lua_State *L)
{
    return from_fields(L, WANT_EVENTS_NONE, &schema_eventlog_none);
}

static int want_eventlog_capacity(lua_State *L)
{
    return from_fields(L, WANT_LOG_CAPACITY, &schema_eventlog_capacity);
}

static int want_file_signed(lua_State *L)
{
    struct value fields = value_fields(L, 1, &schema_file_signed);
    if (!value_get(&fields, "path") == !value_get(&fields, "paths"))
        sandbox_fail(L, "file.signed: want one of path and paths");
    if (value_get(&fields, "pin") && !value_get(&fields, "roots"))
        sandbox_fail(L, "file.signed: pin without roots");
    new_want(L, WANT_FILE_SIGNED)->args = fields;
    return 1;
}

/* Thumbprints that are written down are looked at now; those of inputs when they are used. */
static void check_thumbprints(lua_State *L, const struct value *fields, const char *name,
                              const char *what)
{
    char sha1[THUMBPRINT];
    struct str called;
    const struct value *v = value_get(fields, name);
    for (size_t i = 0; v && v->kind == VALUE_LIST && i < v->list.count; i++)
        if (!rule_thumbprint(v->list.items[i].text, sha1, &called))
            sandbox_fail(L, "%s: \"%.60s\" does not begin with a thumbprint (40 hex digits)", what,
                         v->list.items[i].text.ptr);
}

static int want_certificate_present(lua_State *L)
{
    static const char what[] = "certificate.present";
    struct value fields = value_fields(L, 1, &schema_certificate_present);
    if (!value_get(&fields, "sha1") && !value_get(&fields, "needed_by"))
        sandbox_fail(L, "%s: want sha1, needed_by or both", what);
    if (value_get(&fields, "otherwise") && !value_get(&fields, "needed_by"))
        sandbox_fail(L, "%s: otherwise goes with needed_by", what);
    check_thumbprints(L, &fields, "sha1", what);
    check_thumbprints(L, &fields, "otherwise", what);
    new_want(L, WANT_CERTIFICATE_PRESENT)->args = fields;
    return 1;
}

static int want_certificate_absent(lua_State *L)
{
    struct value fields = value_fields(L, 1, &schema_certificate_absent);
    check_thumbprints(L, &fields, "sha1", "certificate.absent");
    new_want(L, WANT_CERTIFICATE_ABSENT)->args = fields;
    return 1;
}

static int want_ctl_fresh(lua_State *L)
{
    return from_fields(L, WANT_CTL_FRESH, &schema_ctl_fresh);
}

static struct want *check_want(lua_State *L, int index, const char *what)
{
    const struct thing *t = thing_test(L, index, THING_WANT);
    if (!t)
        sandbox_fail(L, "%s: %s where a wanted state is wanted", what, thing_words(L, index));
    return t->ptr;
}

/* A subtree may be shared, so that a few lines could stand for billions of wants. */
static void adopt(lua_State *L, struct want *w, struct want **children, size_t count)
{
    w->children = children;
    w->child_count = count;
    for (size_t i = 0; i < count; i++) {
        w->nodes += children[i]->nodes;
        if (w->depth <= children[i]->depth)
            w->depth = children[i]->depth + 1;
        if (w->nodes > WANT_NODES || w->depth > WANT_DEPTH)
            sandbox_fail(L, "more than %d wanted states in one rule, or more than %d deep",
                         WANT_NODES, WANT_DEPTH);
    }
}

static int combine(lua_State *L, enum want_kind kind, const char *what)
{
    if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TTABLE)
        sandbox_fail(L, "%s: want a list of wanted states in braces", what);
    size_t n = lua_rawlen(L, 1), keys = 0;
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
        keys++;
    if (n == 0 || n > WANT_CHILDREN || keys != n)
        sandbox_fail(L, "%s: want a plain list of 1 to %d wanted states", what, WANT_CHILDREN);
    struct want **children = SANDBOX_ARRAY(L, n, struct want *);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        children[i] = check_want(L, 2, what);
        lua_pop(L, 1);
    }
    adopt(L, new_want(L, kind), children, n);
    return 1;
}

static int want_all(lua_State *L)
{
    return combine(L, WANT_ALL, "all");
}

static int want_any(lua_State *L)
{
    return combine(L, WANT_ANY, "any");
}

static int want_when(lua_State *L)
{
    check_arguments(L, 2, 2, "when", "(condition, wanted state)");
    struct want **children = SANDBOX_ARRAY(L, 2, struct want *);
    children[0] = check_want(L, 1, "when: the condition");
    children[1] = check_want(L, 2, "when");
    adopt(L, new_want(L, WANT_WHEN), children, 2);
    return 1;
}

enum { IN_POLICY = PHASE_POLICY | PHASE_CHECK };

const struct binding bind_want[] = {
    {"", "all", want_all, IN_POLICY},
    {"", "any", want_any, IN_POLICY},
    {"", "when", want_when, IN_POLICY},
    {"certificate", "absent", want_certificate_absent, IN_POLICY},
    {"certificate", "present", want_certificate_present, IN_POLICY},
    {"ctl", "fresh", want_ctl_fresh, IN_POLICY},
    {"eventlog", "capacity", want_eventlog_capacity, IN_POLICY},
    {"eventlog", "none", want_eventlog_none, IN_POLICY},
    {"file", "signed", want_file_signed, IN_POLICY},
    {"product", "version", want_product_version, IN_POLICY},
    {"registry", "absent", want_registry_absent, IN_POLICY},
    {"registry", "value", want_registry_value, IN_POLICY},
    {"service", "enabled", want_service_enabled, IN_POLICY},
    {NULL, NULL, NULL, 0},
};
