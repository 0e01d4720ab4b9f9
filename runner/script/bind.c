#include "script/bind.h"

#include "script/thing.h"
#include "script/value.h"

const struct binding *const bind_tables[] = {
    bind_cases, bind_given,   bind_base,   bind_string,  bind_table, bind_policy,
    bind_want,  bind_value,   bind_check,  bind_facts,   bind_trust, bind_state,
    bind_text,  bind_product, bind_repair, bind_profile, NULL};

static const char environment_key, stock_key;

int bind_stock(lua_State *L)
{
    sandbox_fail(L, "internal: a stock function was not replaced");
}

const char *bind_suggestion(const struct nearest *n, char out[96])
{
    out[0] = 0;
    if (nearest_found(n) && n->best.len < 64)
        snprintf(out, 96, " (did you mean \"" STR_FMT "\"?)", STR_ARG(n->best));
    return out;
}

/* The string keys of the table at `index` as candidates. */
static void suggest_keys(lua_State *L, int index, struct nearest *n)
{
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING)
            nearest_try(n, str_of(lua_tostring(L, -1)));
    }
}

/* Functions of Lua's that match patterns, which can take for ever. */
static bool is_pattern_function(struct str name)
{
    return str_eq(name, STR("match")) || str_eq(name, STR("gmatch")) || str_eq(name, STR("find")) ||
           str_eq(name, STR("gsub"));
}

/* A file given to the wrong option. */
static void fail_in_wrong_file(lua_State *L, struct str name)
{
    enum sandbox_phase phase = sandbox_of(L)->phase;
    if (phase == PHASE_PROFILE && str_eq(name, STR("policy")))
        sandbox_fail(L, "this is a policy, want a profile: give it to --policy");
    if (phase == PHASE_POLICY && str_eq(name, STR("profile")))
        sandbox_fail(L, "this is a profile, want a policy: give it to --profile");
    if (phase == PHASE_POLICY && str_eq(name, STR("cases")))
        sandbox_fail(L, "these are tests, want a policy: run them with rectify policy test");
}

/* __index of the table behind a space: the name does not exist.  Upvalue: what the space is. */
static int missing(lua_State *L)
{
    const char *what = lua_tostring(L, lua_upvalueindex(1));
    if (lua_type(L, 2) != LUA_TSTRING)
        sandbox_fail(L, "%s cannot be indexed by %s", what, thing_words(L, 2));
    struct nearest n = nearest_of(str_of(lua_tostring(L, 2)));
    suggest_keys(L, 1, &n);
    char near[96];
    bind_suggestion(&n, near);
    if (strcmp(what, "string") == 0 && is_pattern_function(n.word))
        sandbox_fail(L,
                     "string has no \"%.60s\": regular expressions are text.matches and "
                     "text.capture",
                     n.word.ptr);
    if (what[0] == 0)
        fail_in_wrong_file(L, n.word);
    if (what[0] == 0)
        sandbox_fail(L, "unknown name \"%.60s\"%s", lua_tostring(L, 2), near);
    sandbox_fail(L, "%s has no \"%.60s\"%s", what, lua_tostring(L, 2), near);
}

static int no_assignment(lua_State *L)
{
    const char *what = lua_tostring(L, lua_upvalueindex(1));
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    if (what[0] == 0)
        sandbox_fail(L, "global variable \"%.60s\" cannot be made: write local %.60s", name, name);
    sandbox_fail(L, "%s.%.60s cannot be changed", what, name);
}

void bind_freeze(lua_State *L, const char *what, lua_CFunction call)
{
    int table = lua_gettop(L);
    lua_createtable(L, 0, 1);
    lua_pushstring(L, what);
    lua_pushcclosure(L, missing, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, table);

    struct thing *t = lua_newuserdatauv(L, sizeof *t, 0);
    *t = (struct thing){.kind = THING_SPACE};
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, table);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, what);
    lua_pushcclosure(L, no_assignment, 1);
    lua_setfield(L, -2, "__newindex");
    if (call) {
        lua_pushcfunction(L, call);
        lua_setfield(L, -2, "__call");
    }
    lua_setmetatable(L, -2);
    lua_replace(L, table);
}

void bind_push_stock(lua_State *L, const char *library, const char *name)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &stock_key);
    lua_getfield(L, -1, library);
    lua_getfield(L, -1, name);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* Pushes the value of a binding. */
static void push_binding(lua_State *L, const struct binding *b)
{
    if (b->fn == bind_stock) {
        bind_push_stock(L, b->space, b->name);
    } else if (b->fn) {
        lua_pushcfunction(L, b->fn);
    } else {
        value_push_absent(L);
    }
}

/* Adds a binding to the table of globals at 1; spaces are still plain tables. */
static void add_binding(lua_State *L, const struct binding *b)
{
    if (!b->space[0]) {
        push_binding(L, b);
        lua_setfield(L, 1, b->name);
        return;
    }
    if (lua_getfield(L, 1, b->space) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 8);
        lua_pushvalue(L, -1);
        lua_setfield(L, 1, b->space);
    }
    if (strcmp(b->name, "()") != 0) {
        push_binding(L, b);
        lua_setfield(L, -2, b->name);
    }
    lua_pop(L, 1);
}

static lua_CFunction call_of(const char *space, unsigned phase)
{
    for (size_t i = 0; bind_tables[i]; i++)
        for (const struct binding *b = bind_tables[i]; b->name; b++)
            if ((b->phases & phase) && strcmp(b->space, space) == 0 && strcmp(b->name, "()") == 0)
                return b->fn;
    return NULL;
}

static void freeze_space(lua_State *L, const struct binding *b, unsigned phase)
{
    if (!b->space[0])
        return;
    if (lua_getfield(L, 1, b->space) == LUA_TTABLE) {
        bind_freeze(L, b->space, call_of(b->space, phase));
        lua_setfield(L, 1, b->space);
    } else {
        lua_pop(L, 1);
    }
}

/* Strings find their methods in our list, and have no arithmetic. */
static void set_string_methods(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 1);
    lua_getfield(L, 1, "string");
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

static void open_stock(lua_State *L, lua_CFunction open, const char *name)
{
    lua_pushcfunction(L, open);
    lua_call(L, 0, 1);
    lua_setfield(L, -2, name);
}

void bind_open(lua_State *L)
{
    unsigned phase = sandbox_of(L)->phase;
    lua_settop(L, 0);
    lua_createtable(L, 0, 2);
    open_stock(L, luaopen_string, "string");
    open_stock(L, luaopen_math, "math");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &stock_key);
    thing_open(L);
    lua_createtable(L, 0, 64);
    for (size_t i = 0; bind_tables[i]; i++)
        for (const struct binding *b = bind_tables[i]; b->name; b++)
            if (b->phases & phase)
                add_binding(L, b);
    set_string_methods(L);
    for (size_t i = 0; bind_tables[i]; i++)
        for (const struct binding *b = bind_tables[i]; b->name; b++)
            if (b->phases & phase)
                freeze_space(L, b, phase);
    bind_freeze(L, "", NULL);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &environment_key);
}

void bind_push_environment(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &environment_key);
}

int bind_class_index(lua_State *L, const struct binding *table, const char *class_name)
{
    if (lua_type(L, 2) != LUA_TSTRING)
        sandbox_fail(L, "%s cannot be indexed by %s", thing_words(L, 1), thing_words(L, 2));
    struct str name = str_of(lua_tostring(L, 2));
    for (const struct binding *b = table; b->name; b++)
        if (strcmp(b->space, class_name) == 0 && str_eq(str_of(b->name), name))
            return b->fn(L);
    struct nearest n = nearest_of(name);
    for (const struct binding *b = table; b->name; b++)
        if (strcmp(b->space, class_name) == 0)
            nearest_try(&n, str_of(b->name));
    char near[96];
    sandbox_fail(L, "%s has no field \"%.60s\"%s", thing_words(L, 1), name.ptr,
                 bind_suggestion(&n, near));
}
