/* Wanted states: registry, product, certificate, ctl, all, any, none, when. */
#include "script/bind_want.h"

#include "base/version.h"
#include "script/bind_repair.h"
#include "script/load.h"

enum { WANT_CHILDREN = 1024 };

struct want *want_new(lua_State *L, enum want_kind kind)
{
    struct want *w = SANDBOX_ARRAY(L, 1, struct want);
    w->kind = kind;
    w->args = (struct value){.kind = VALUE_MAP};
    w->line = sandbox_here(L).line;
    w->nodes = w->depth = 1;
    thing_new(L, THING_WANT, w);
    return w;
}

struct value want_join(lua_State *L, const struct value_member *first, size_t count,
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

struct predicate want_predicate(lua_State *L, int index, const char *what)
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

void want_check_arguments(lua_State *L, int least, int most, const char *what, const char *form)
{
    if (lua_gettop(L) < least || lua_gettop(L) > most)
        sandbox_fail(L, "%s: want %s", what, form);
}

/* The options table is at 4, the want itself on top. */
static void take_set_to(lua_State *L, struct want *w)
{
    if (lua_isnoneornil(L, 4) || lua_type(L, 4) != LUA_TTABLE)
        return;
    if (lua_getfield(L, 4, "set_to") != LUA_TNIL) {
        struct predicate *p = SANDBOX_ARRAY(L, 1, struct predicate);
        *p = repair_typed(L, -1, "registry.value: option \"set_to\"");
        w->set_to = p;
    }
    lua_pop(L, 1);
}

static int want_registry_value(lua_State *L)
{
    want_check_arguments(L, 3, 4, "registry.value", "(key, name, predicate [, options])");
    struct value options = {.kind = VALUE_MAP};
    if (!lua_isnoneornil(L, 4))
        options = value_fields(L, 4, &schema_registry_options);
    struct value_member first[2] = {
        {STR("key"), value_argument(L, 1, FIELD_KEY, 0, "registry.value: the key")},
        {STR("name"), value_argument(L, 2, FIELD_TEXT, FIELD_EMPTY, "registry.value: the name")}};
    struct predicate p = want_predicate(L, 3, "registry.value");
    struct want *w = want_new(L, WANT_REGISTRY_VALUE);
    w->predicate = p;
    w->args = want_join(L, first, 2, &options);
    take_set_to(L, w);
    return 1;
}

static int want_registry_absent(lua_State *L)
{
    want_check_arguments(L, 1, 3, "registry.absent", "(key [, name [, options]])");
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
    struct value args = want_join(L, first, count, &options);
    want_new(L, WANT_REGISTRY_ABSENT)->args = args;
    return 1;
}

static int want_registry_key(lua_State *L)
{
    want_check_arguments(L, 1, 2, "registry.key", "(key [, options])");
    struct value options = {.kind = VALUE_MAP};
    if (!lua_isnoneornil(L, 2))
        options = value_fields(L, 2, &schema_registry_key);
    struct value_member key = {STR("key"),
                               value_argument(L, 1, FIELD_KEY, 0, "registry.key: the key")};
    struct value args = want_join(L, &key, 1, &options);
    want_new(L, WANT_REGISTRY_KEY)->args = args;
    return 1;
}

/* Versions compare by their numbers, so that every operand must be one. */
static void check_operand(lua_State *L, const struct value *v, const char *what)
{
    struct version parsed;
    if (value_input(v))
        load_use_input(L, *value_input(v), FIELD_VERSION, 0);
    if (v->kind == VALUE_LIST)
        for (size_t i = 0; i < v->list.count; i++)
            check_operand(L, &v->list.items[i], what);
    else if (v->kind != VALUE_NULL && !value_input(v) &&
             (v->kind != VALUE_TEXT || !version_parse(v->text, &parsed)))
        sandbox_fail(L, "%s: want versions in quotes, as at_least \"8.8.0.975\"", what);
}

struct predicate want_version(lua_State *L, int index, const char *what)
{
    struct predicate p = want_predicate(L, index, what);
    const struct predicate *last = &p;
    while (last->kind == PRED_NOT)
        last = last->inner;
    if (last->typed ||
        (last->kind != PRED_AT_LEAST && last->kind != PRED_AT_MOST && last->kind != PRED_BETWEEN &&
         last->kind != PRED_EQUALS && last->kind != PRED_ONE_OF && last->kind != PRED_NONE_OF))
        sandbox_fail(L, "%s: want at_least, at_most, between, equals, one_of or none_of", what);
    check_operand(L, &last->a, what);
    check_operand(L, &last->b, what);
    return p;
}

static int want_product_version(lua_State *L)
{
    want_check_arguments(L, 2, 2, "product.version", "(id, predicate)");
    struct value_member id = {STR("id"),
                              value_argument(L, 1, FIELD_DOTTED, 0, "product.version: the id")};
    struct predicate p = want_version(L, 2, "product.version");
    struct want *w = want_new(L, WANT_PRODUCT_VERSION);
    w->predicate = p;
    w->args = want_join(L, &id, 1, NULL);
    return 1;
}

static int product_there(lua_State *L, enum want_kind kind, const char *what)
{
    char label[64];
    snprintf(label, sizeof label, "%s: the id", what);
    want_check_arguments(L, 1, 1, what, "(id)");
    struct value_member id = {STR("id"), value_argument(L, 1, FIELD_DOTTED, 0, label)};
    want_new(L, kind)->args = want_join(L, &id, 1, NULL);
    return 1;
}

static int want_product_installed(lua_State *L)
{
    return product_there(L, WANT_PRODUCT_INSTALLED, "product.installed");
}

static int want_product_absent(lua_State *L)
{
    return product_there(L, WANT_PRODUCT_ABSENT, "product.absent");
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
    want_new(L, WANT_CERTIFICATE_PRESENT)->args = fields;
    return 1;
}

static int want_certificate_absent(lua_State *L)
{
    static const char what[] = "certificate.absent";
    struct value fields = value_fields(L, 1, &schema_certificate_absent);
    if (!value_get(&fields, "sha1") && !value_get(&fields, "sha256") &&
        !value_get(&fields, "subject"))
        sandbox_fail(L, "%s: want sha1, sha256 or subject", what);
    check_thumbprints(L, &fields, "sha1", what);
    want_check_sha256(L, value_get(&fields, "sha256"), what);
    want_new(L, WANT_CERTIFICATE_ABSENT)->args = fields;
    return 1;
}

static int want_certificate_stored(lua_State *L)
{
    static const char what[] = "certificate.stored";
    struct value fields = value_fields(L, 1, &schema_certificate_stored);
    if (!value_get(&fields, "sha1") && !value_get(&fields, "sha256") &&
        !value_get(&fields, "subject"))
        sandbox_fail(L, "%s: want sha1, sha256 or subject", what);
    check_thumbprints(L, &fields, "sha1", what);
    want_check_sha256(L, value_get(&fields, "sha256"), what);
    want_new(L, WANT_CERTIFICATE_STORED)->args = fields;
    return 1;
}

static int want_ctl_fresh(lua_State *L)
{
    return want_fields(L, WANT_CTL_FRESH, &schema_ctl_fresh);
}

static int want_ctl_present(lua_State *L)
{
    return want_fields(L, WANT_CTL_PRESENT, &schema_ctl_present);
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
    size_t n = (size_t)lua_rawlen(L, 1), keys = 0;
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
    adopt(L, want_new(L, kind), children, n);
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

static int want_none(lua_State *L)
{
    return combine(L, WANT_NONE, "none");
}

static int want_when(lua_State *L)
{
    want_check_arguments(L, 2, 2, "when", "(condition, wanted state)");
    struct want **children = SANDBOX_ARRAY(L, 2, struct want *);
    children[0] = check_want(L, 1, "when: the condition");
    children[1] = check_want(L, 2, "when");
    adopt(L, want_new(L, WANT_WHEN), children, 2);
    return 1;
}

enum { IN_POLICY = PHASE_POLICY | PHASE_CHECK };

const struct binding bind_want[] = {
    {"", "all", want_all, IN_POLICY},
    {"", "any", want_any, IN_POLICY},
    {"", "none", want_none, IN_POLICY},
    {"", "when", want_when, IN_POLICY},
    {"certificate", "absent", want_certificate_absent, IN_POLICY},
    {"certificate", "present", want_certificate_present, IN_POLICY},
    {"certificate", "stored", want_certificate_stored, IN_POLICY},
    {"ctl", "fresh", want_ctl_fresh, IN_POLICY},
    {"ctl", "present", want_ctl_present, IN_POLICY},
    {"product", "absent", want_product_absent, IN_POLICY},
    {"product", "installed", want_product_installed, IN_POLICY},
    {"product", "version", want_product_version, IN_POLICY},
    {"registry", "absent", want_registry_absent, IN_POLICY},
    {"registry", "key", want_registry_key, IN_POLICY},
    {"registry", "value", want_registry_value, IN_POLICY},
    {NULL, NULL, NULL, 0},
};
