#include "script/thing.h"

#include "script/fact.h"

/* Addresses of these are the registry keys of the metatables. */
static const char *const words[THING_KINDS] = {
    [THING_SPACE] = "a namespace",
    [THING_WANT] = "a wanted state",
    [THING_PREDICATE] = "a predicate",
    [THING_INPUT_REF] = "an input reference",
    [THING_INPUT_DEF] = "an input definition",
    [THING_RULE] = "a rule",
    [THING_POLICY] = "a policy",
    [THING_REMEDY] = "a remedy",
    [THING_CAUSE] = "a cause",
    [THING_DIAGNOSIS] = "a diagnosis",
    [THING_SOURCE] = "a product source",
    [THING_PRODUCT] = "a product",
    [THING_VERSION] = "a version",
    [THING_FACT] = "a fact",
    [THING_FINDINGS] = "findings",
    [THING_OUTCOME] = "an outcome",
    [THING_HOST] = "the host",
    [THING_REGISTRY] = "host.registry",
    [THING_STATE] = "the state of a fact",
    [THING_CASES] = "test cases",
    [THING_PROFILE] = "a profile",
};

struct thing *thing_any(lua_State *L, int index)
{
    return lua_type(L, index) == LUA_TUSERDATA ? lua_touserdata(L, index) : NULL;
}

struct thing *thing_test(lua_State *L, int index, enum thing_kind kind)
{
    struct thing *t = thing_any(L, index);
    return t && t->kind == kind ? t : NULL;
}

struct thing *thing_new(lua_State *L, enum thing_kind kind, void *ptr)
{
    struct thing *t = lua_newuserdatauv(L, sizeof *t, 0);
    *t = (struct thing){.kind = kind, .at = sandbox_here(L), .ptr = ptr};
    lua_rawgetp(L, LUA_REGISTRYINDEX, &words[kind]);
    lua_setmetatable(L, -2);
    return t;
}

const char *thing_words(lua_State *L, int index)
{
    const struct thing *t = thing_any(L, index);
    if (t)
        return words[t->kind];
    switch (lua_type(L, index)) {
    case LUA_TNONE:
    case LUA_TNIL:
        return "nothing (nil)";
    case LUA_TBOOLEAN:
        return lua_toboolean(L, index) ? "true" : "false";
    case LUA_TNUMBER:
        return "a number";
    case LUA_TSTRING:
        return "text";
    case LUA_TTABLE:
        return "a table";
    case LUA_TFUNCTION:
        return "a function";
    default:
        return "a value";
    }
}

static int no_field(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TSTRING)
        sandbox_fail(L, "%s has no field \"%.60s\"", thing_words(L, 1), lua_tostring(L, 2));
    sandbox_fail(L, "%s cannot be indexed by %s", thing_words(L, 1), thing_words(L, 2));
}

static int frozen(lua_State *L)
{
    sandbox_fail(L, "%s cannot be changed", thing_words(L, 1));
}

static void set_function(lua_State *L, const char *name, lua_CFunction fn)
{
    lua_pushcfunction(L, fn);
    lua_setfield(L, -2, name);
}

static void add_behaviour(lua_State *L, enum thing_kind kind)
{
    switch (kind) {
    case THING_VERSION:
        set_function(L, "__eq", fact_version_eq);
        set_function(L, "__lt", fact_version_lt);
        set_function(L, "__le", fact_version_le);
        set_function(L, "__concat", fact_version_concat);
        break;
    case THING_FACT:
        set_function(L, "__index", fact_index);
        break;
    case THING_FINDINGS:
        set_function(L, "__index", fact_findings_index);
        break;
    case THING_HOST:
        set_function(L, "__index", fact_host_index);
        break;
    case THING_REGISTRY:
        set_function(L, "__index", fact_registry_index);
        break;
    default:
        break;
    }
}

void thing_open(lua_State *L)
{
    for (size_t kind = 0; kind < THING_KINDS; kind++) {
        lua_createtable(L, 0, 5);
        set_function(L, "__index", no_field);
        set_function(L, "__newindex", frozen);
        add_behaviour(L, (enum thing_kind)kind);
        lua_pushstring(L, words[kind]);
        lua_setfield(L, -2, "__name");
        lua_rawsetp(L, LUA_REGISTRYINDEX, &words[kind]);
    }
}

void thing_tostring(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
        lua_pushvalue(L, index);
        return;
    case LUA_TNUMBER:
        lua_pushvalue(L, index);
        (void)lua_tostring(L, -1);
        return;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        return;
    case LUA_TNIL:
        lua_pushliteral(L, "nil");
        return;
    case LUA_TUSERDATA:
        fact_tostring(L, index);
        return;
    default:
        lua_pushstring(L, luaL_typename(L, index));
    }
}
