/* The language itself: what every file may call.  lua/api/language.lua documents it. */
#include "script/bind.h"
#include "script/lib_table.h"
#include "script/module.h"
#include "script/thing.h"

static int base_assert(lua_State *L)
{
    luaL_checkany(L, 1);
    if (lua_toboolean(L, 1))
        return lua_gettop(L);
    if (lua_isnoneornil(L, 2))
        sandbox_fail(L, "assertion failed");
    thing_tostring(L, 2);
    sandbox_fail(L, "%s", lua_tostring(L, -1));
}

static int base_error(lua_State *L)
{
    int level = (int)luaL_optinteger(L, 2, 1);
    if (lua_type(L, 1) == LUA_TSTRING && level > 0) {
        luaL_where(L, level < 64 ? level : 1);
        lua_pushvalue(L, 1);
        lua_concat(L, 2);
    } else {
        lua_settop(L, 1);
    }
    if (lua_isnil(L, -1))
        sandbox_fail(L, "error value that is no text (a nil)");
    return lua_error(L);
}

static int base_type(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushstring(L, luaL_typename(L, 1));
    return 1;
}

static int base_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    thing_tostring(L, 1);
    return 1;
}

static int base_select(lua_State *L)
{
    int n = lua_gettop(L);
    if (lua_type(L, 1) == LUA_TSTRING && strcmp(lua_tostring(L, 1), "#") == 0) {
        lua_pushinteger(L, n - 1);
        return 1;
    }
    lua_Integer from = luaL_checkinteger(L, 1);
    if (from < 0)
        from = n + from;
    else if (from > n)
        from = n;
    luaL_argcheck(L, from >= 1, 1, "index out of range");
    return n - (int)from;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return 99;
}

/* Digits of `base` with an optional sign; false for anything else, also for what does not fit. */
static bool parse_integer(struct str s, int base, lua_Integer *out)
{
    bool negative = s.len && s.ptr[0] == '-';
    uint64_t n = 0;
    size_t i = negative ? 1 : 0;
    if (i >= s.len)
        return false;
    for (; i < s.len; i++) {
        int d = digit_value(s.ptr[i]);
        if (d >= base || n > (UINT64_MAX >> 1) / (uint64_t)base - 1)
            return false;
        n = n * (uint64_t)base + (uint64_t)d;
    }
    *out = negative ? -(lua_Integer)n : (lua_Integer)n;
    return true;
}

static int base_tonumber(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_Integer n;
    if (!lua_isnoneornil(L, 2)) {
        lua_Integer base = luaL_checkinteger(L, 2);
        luaL_argcheck(L, base >= 2 && base <= 36, 2, "base out of range");
        struct str s = sandbox_checkstr(L, 1, "tonumber: the value");
        if (parse_integer(s, (int)base, &n))
            lua_pushinteger(L, n);
        else
            lua_pushnil(L);
        return 1;
    }
    size_t len = 0;
    const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &len) : NULL;
    if (lua_type(L, 1) == LUA_TNUMBER)
        lua_settop(L, 1);
    else if (!text || lua_stringtonumber(L, text) != len + 1)
        lua_pushnil(L);
    return 1;
}

static void check_table(lua_State *L, const char *what)
{
    if (lua_type(L, 1) != LUA_TTABLE)
        sandbox_fail(L, "%s over %s, want a table", what, thing_words(L, 1));
}

static int ipairs_next(lua_State *L)
{
    lua_Integer i = luaL_checkinteger(L, 2) + 1;
    lua_pushinteger(L, i);
    return lua_rawgeti(L, 1, i) == LUA_TNIL ? 1 : 2;
}

static int base_ipairs(lua_State *L)
{
    check_table(L, "ipairs");
    lua_pushcfunction(L, ipairs_next);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

/* Upvalues: the table, its sorted keys, the position. */
static int pairs_next(lua_State *L)
{
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));
    for (;;) {
        i++;
        if (lua_rawgeti(L, lua_upvalueindex(2), i) == LUA_TNIL)
            return 1;
        lua_pushvalue(L, -1);
        lua_rawget(L, lua_upvalueindex(1));
        if (!lua_isnil(L, -1))
            break;
        lua_pop(L, 2); /* removed meanwhile */
        sandbox_charge(L, 1);
    }
    lua_pushinteger(L, i);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
}

static int key_rank(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        return 0;
    case LUA_TSTRING:
        return 1;
    case LUA_TBOOLEAN:
        return 2;
    default:
        return 3;
    }
}

static bool key_less(lua_State *L, int a, int b, int context)
{
    (void)context;
    int ra = key_rank(L, a), rb = key_rank(L, b);
    if (ra != rb)
        return ra < rb;
    if (ra == 0)
        return lua_compare(L, a, b, LUA_OPLT) != 0;
    if (ra == 2)
        return lua_toboolean(L, a) < lua_toboolean(L, b);
    struct str x, y;
    x.ptr = lua_tolstring(L, a, &x.len);
    y.ptr = lua_tolstring(L, b, &y.len);
    sandbox_charge(L, 1 + (x.len < y.len ? x.len : y.len) / 64);
    return str_cmp(x, y) < 0;
}

static int base_pairs(lua_State *L)
{
    check_table(L, "pairs");
    lua_settop(L, 1);
    lua_createtable(L, 0, 0);
    lua_Integer n = 0;
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pop(L, 1);
        if (key_rank(L, -1) == 3)
            sandbox_fail(L, "pairs: keys that are %s have no order", luaL_typename(L, -1));
        lua_pushvalue(L, -1);
        lua_rawseti(L, 2, ++n);
        sandbox_charge(L, 1);
    }
    table_sort(L, 2, n, key_less, 0);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, pairs_next, 3);
    return 1;
}

const struct binding bind_base[] = {
    {"", "assert", base_assert, PHASE_ALL},       {"", "error", base_error, PHASE_ALL},
    {"", "ipairs", base_ipairs, PHASE_ALL},       {"", "pairs", base_pairs, PHASE_ALL},
    {"", "select", base_select, PHASE_ALL},       {"", "tonumber", base_tonumber, PHASE_ALL},
    {"", "tostring", base_tostring, PHASE_ALL},   {"", "type", base_type, PHASE_ALL},
    {"", "use", module_use, PHASE_ALL},           {"math", "abs", bind_stock, PHASE_ALL},
    {"math", "ceil", bind_stock, PHASE_ALL},      {"math", "floor", bind_stock, PHASE_ALL},
    {"math", "max", bind_stock, PHASE_ALL},       {"math", "min", bind_stock, PHASE_ALL},
    {"math", "tointeger", bind_stock, PHASE_ALL}, {"math", "type", bind_stock, PHASE_ALL},
    {"math", "ult", bind_stock, PHASE_ALL},       {NULL, NULL, NULL, 0},
};
