/* Repairs: what puts a failure right, as data; nothing here does anything. */
#include "script/bind_repair.h"

#include "base/version.h"
#include "formats/cert_pem.h"
#include "script/load.h"
#include "script/value.h"

struct remedy *repair_new(lua_State *L, enum remedy_kind kind)
{
    struct remedy *r = SANDBOX_ARRAY(L, 1, struct remedy);
    r->kind = kind;
    r->args = (struct value){.kind = VALUE_MAP};
    r->line = sandbox_here(L).line;
    return r;
}

static int push(lua_State *L, struct remedy *r)
{
    thing_new(L, THING_REMEDY, r);
    return 1;
}

static struct remedy *from_fields(lua_State *L, enum remedy_kind kind, const struct schema *schema)
{
    struct value fields = value_fields(L, lua_gettop(L), schema);
    struct remedy *r = repair_new(L, kind);
    r->args = fields;
    return r;
}

/* One table, behind the space itself where that was called. */
static void one_table(lua_State *L, int at, const char *what)
{
    if (lua_gettop(L) != at)
        sandbox_fail(L, "%s: want one table {...}", what);
}

static int remedy_manual(lua_State *L)
{
    if (lua_gettop(L) != 1)
        sandbox_fail(L, "manual takes 1 value, not %d", lua_gettop(L));
    struct remedy *r = repair_new(L, REMEDY_MANUAL);
    r->text = value_argument(L, 1, FIELD_TEXT, FIELD_LINES, "manual").text;
    return push(L, r);
}

/* ---- upgrades ------------------------------------------------------------------------------ */

static int upgrade_call(lua_State *L)
{
    one_table(L, 2, "upgrade");
    struct remedy *r = from_fields(L, REMEDY_UPGRADE, &schema_upgrade);
    r->product = value_text_of(&r->args, "product");
    r->to = *value_get(&r->args, "to");
    return push(L, r);
}

static void check_package(lua_State *L, struct str name)
{
    bool plain = name.len && name.ptr[0] != '.';
    for (size_t i = 0; i < name.len; i++)
        plain = plain && name.ptr[i] != '/' && name.ptr[i] != '\\' && name.ptr[i] != ':';
    if (!plain)
        sandbox_fail(L, "upgrade.stage: package \"%.60s\": want the name of a file, no path",
                     name.ptr);
}

static bool hex_digits(struct str s, size_t count)
{
    for (size_t i = 0; i < s.len; i++)
        if (!strchr("0123456789abcdefABCDEF", s.ptr[i]) || s.ptr[i] == 0)
            return false;
    return s.len == count;
}

static int upgrade_stage(lua_State *L)
{
    one_table(L, 1, "upgrade.stage");
    struct remedy *r = from_fields(L, REMEDY_UPGRADE_STAGE, &schema_upgrade_stage);
    r->product = value_text_of(&r->args, "product");
    r->to = *value_get(&r->args, "to");
    const struct value *package = value_get(&r->args, "package");
    const struct value *sha256 = value_get(&r->args, "sha256");
    if (package->kind == VALUE_TEXT)
        check_package(L, package->text);
    if (sha256->kind == VALUE_TEXT && !hex_digits(sha256->text, 64))
        sandbox_fail(L, "upgrade.stage: \"%.70s\" is no SHA-256 digest (64 hexadecimal digits)",
                     sha256->text.ptr);
    return push(L, r);
}

/* ---- registry ------------------------------------------------------------------------------ */

struct predicate repair_typed(lua_State *L, int index, const char *what)
{
    const struct thing *t = thing_test(L, index, THING_PREDICATE);
    const struct predicate *p = t ? t->ptr : NULL;
    if (!p || p->kind != PRED_EQUALS || !p->typed)
        sandbox_fail(L, "%s: %s where a typed value is wanted: dword(5), sz \"x\" or the like",
                     what, p ? "a predicate" : thing_words(L, index));
    return *p;
}

static int registry_set(lua_State *L)
{
    one_table(L, 1, "registry.set");
    struct remedy *r = from_fields(L, REMEDY_REGISTRY_SET, &schema_registry_set);
    lua_getfield(L, 1, "value");
    r->value = repair_typed(L, -1, "registry.set: field \"value\"");
    return push(L, r);
}

static int registry_delete_value(lua_State *L)
{
    one_table(L, 1, "registry.delete_value");
    return push(L, from_fields(L, REMEDY_REGISTRY_DELETE, &schema_registry_delete_value));
}

/* ---- certificates -------------------------------------------------------------------------- */

void repair_check_store(lua_State *L, struct str store, const char *what)
{
    bool plain = store.len > 0 && store.len <= 64;
    for (size_t i = 0; i < store.len; i++)
        plain = plain && store.ptr[i] != '\\' && store.ptr[i] != '/';
    if (!plain)
        sandbox_fail(L, "%s: \"%.60s\" is no name of a store, want \"ROOT\", \"CA\" or the like",
                     what, store.ptr);
}

static int certificate_add(lua_State *L)
{
    static const char what[] = "certificate.add";
    one_table(L, 1, what);
    struct remedy *r = from_fields(L, REMEDY_CERTIFICATE_ADD, &schema_certificate_add);
    struct err e = {0};
    repair_check_store(L, value_text_of(&r->args, "store"), what);
    if (!cert_pem(value_text_of(&r->args, "pem"), sandbox_of(L)->mem, &r->der, &e))
        sandbox_fail(L, "%s: pem: %s", what, e.text);
    return push(L, r);
}

static int certificate_remove(lua_State *L)
{
    static const char what[] = "certificate.remove";
    one_table(L, 1, what);
    struct remedy *r = from_fields(L, REMEDY_CERTIFICATE_REMOVE, &schema_certificate_remove);
    const struct value *store = value_get(&r->args, "store"), *sha1 = value_get(&r->args, "sha1");
    char digits[THUMBPRINT];
    struct str name;
    if (store)
        repair_check_store(L, store->text, what);
    for (size_t i = 0; sha1->kind == VALUE_LIST && i < sha1->list.count; i++)
        if (!rule_thumbprint(sha1->list.items[i].text, digits, &name))
            sandbox_fail(L, "%s: \"%.60s\" does not begin with a thumbprint (40 hex digits)", what,
                         sha1->list.items[i].text.ptr);
    return push(L, r);
}

static int roots_refresh(lua_State *L)
{
    one_table(L, 1, "roots.refresh");
    return push(L, from_fields(L, REMEDY_ROOTS_REFRESH, &schema_roots_refresh));
}

/* ---- enforce ------------------------------------------------------------------------------- */

static int enforce(lua_State *L)
{
    if (lua_gettop(L) != 0)
        sandbox_fail(L, "enforce takes nothing: it makes the rule's own want true");
    return push(L, repair_new(L, REMEDY_ENFORCE));
}

enum { IN_POLICY = PHASE_POLICY | PHASE_CHECK };

const struct binding bind_repair[] = {
    {"", "enforce", enforce, IN_POLICY},
    {"", "manual", remedy_manual, IN_POLICY},
    {"certificate", "add", certificate_add, IN_POLICY},
    {"certificate", "remove", certificate_remove, IN_POLICY},
    {"registry", "delete_value", registry_delete_value, IN_POLICY},
    {"registry", "set", registry_set, IN_POLICY},
    {"roots", "refresh", roots_refresh, IN_POLICY},
    {"upgrade", "()", upgrade_call, IN_POLICY},
    {"upgrade", "stage", upgrade_stage, IN_POLICY},
    {NULL, NULL, NULL, 0},
};
