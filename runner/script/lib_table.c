#include "script/lib_table.h"

#include "script/bind.h"
#include "script/thing.h"

/* Merges [lo,mid) and [mid,hi) of table `from` into table `to` (0-based bounds). */
static void merge(lua_State *L, int from, int to, lua_Integer lo, lua_Integer mid, lua_Integer hi,
                  table_less *less, int context)
{
    lua_Integer i = lo, j = mid;
    for (lua_Integer k = lo; k < hi; k++) {
        bool right = i >= mid;
        if (i < mid && j < hi) {
            lua_rawgeti(L, from, j + 1);
            lua_rawgeti(L, from, i + 1);
            int top = lua_gettop(L);
            right = less(L, top - 1, top, context);
            lua_settop(L, top - 2);
        }
        lua_rawgeti(L, from, right ? ++j : ++i);
        lua_rawseti(L, to, k + 1);
        sandbox_charge(L, 1);
    }
}

static lua_Integer least(lua_Integer a, lua_Integer b)
{
    return a < b ? a : b;
}

static void copy(lua_State *L, int from, int to, lua_Integer n)
{
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, from, i);
        lua_rawseti(L, to, i);
    }
    sandbox_charge(L, (uint64_t)n);
}

void table_sort(lua_State *L, int index, lua_Integer n, table_less *less, int context)
{
    if (n > TABLE_SORT_MAX)
        sandbox_fail(L, "%lld elements to sort, at most %d", (long long)n, TABLE_SORT_MAX);
    luaL_checkstack(L, 8, "sort");
    int top = lua_gettop(L);
    lua_createtable(L, (int)n, 0);
    lua_createtable(L, (int)n, 0);
    int from = top + 1, to = top + 2;
    copy(L, index, from, n); /* a private copy: the comparison cannot change it */
    for (lua_Integer width = 1; width < n; width *= 2) {
        for (lua_Integer lo = 0; lo < n; lo += 2 * width)
            merge(L, from, to, lo, least(lo + width, n), least(lo + 2 * width, n), less, context);
        int swap = from;
        from = to;
        to = swap;
    }
    copy(L, from, index, n);
    lua_settop(L, top);
}

static bool default_less(lua_State *L, int a, int b, int context)
{
    (void)context;
    if (lua_type(L, a) == LUA_TSTRING && lua_type(L, b) == LUA_TSTRING) {
        struct str x, y;
        x.ptr = lua_tolstring(L, a, &x.len);
        y.ptr = lua_tolstring(L, b, &y.len);
        sandbox_charge(L, (x.len < y.len ? x.len : y.len) / 64);
        return str_cmp(x, y) < 0;
    }
    if (lua_type(L, a) != lua_type(L, b))
        sandbox_fail(L, "sort: %s beside %s", thing_words(L, a), thing_words(L, b));
    return lua_compare(L, a, b, LUA_OPLT) != 0;
}

static bool script_less(lua_State *L, int a, int b, int function)
{
    lua_pushvalue(L, function);
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_call(L, 2, 1);
    bool less = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return less;
}

static lua_Integer check_list(lua_State *L, const char *function)
{
    if (lua_type(L, 1) != LUA_TTABLE)
        sandbox_fail(L, "table.%s: %s, want a table", function, thing_words(L, 1));
    return (lua_Integer)lua_rawlen(L, 1);
}

static int list_sort(lua_State *L)
{
    lua_Integer n = check_list(L, "sort");
    bool own = !lua_isnoneornil(L, 2);
    if (own)
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    table_sort(L, 1, n, own ? script_less : default_less, 2);
    return 0;
}

static int list_insert(lua_State *L)
{
    lua_Integer n = check_list(L, "insert") + 1, at = n;
    if (lua_gettop(L) == 3) {
        at = luaL_checkinteger(L, 2);
        luaL_argcheck(L, at >= 1 && at <= n, 2, "position out of bounds");
    } else if (lua_gettop(L) != 2) {
        sandbox_fail(L, "table.insert: want (list, value) or (list, position, value)");
    }
    sandbox_charge(L, (uint64_t)(n - at) / 4);
    for (lua_Integer i = n; i > at; i--) {
        lua_rawgeti(L, 1, i - 1);
        lua_rawseti(L, 1, i);
    }
    lua_rawseti(L, 1, at); /* the value is the last argument */
    return 0;
}

static int list_remove(lua_State *L)
{
    lua_Integer n = check_list(L, "remove"), at = luaL_optinteger(L, 2, n);
    if (!lua_isnoneornil(L, 2))
        luaL_argcheck(L, at >= 1 && at <= n + 1, 2, "position out of bounds");
    lua_rawgeti(L, 1, at);
    if (at < n)
        sandbox_charge(L, (uint64_t)(n - at) / 4);
    for (; at < n; at++) {
        lua_rawgeti(L, 1, at + 1);
        lua_rawseti(L, 1, at);
    }
    if (at >= 1 && at <= n) {
        lua_pushnil(L);
        lua_rawseti(L, 1, at);
    }
    return 1;
}

/* Bounds of concat and unpack, within the list. */
static void check_range(lua_State *L, int arg, lua_Integer n, lua_Integer *from, lua_Integer *to)
{
    *from = luaL_optinteger(L, arg, 1);
    *to = luaL_optinteger(L, arg + 1, n);
    luaL_argcheck(L, *from >= 1, arg, "range begins before the list");
    luaL_argcheck(L, *to <= n, arg + 1, "range ends after the list");
}

static int list_concat(lua_State *L)
{
    lua_Integer n = check_list(L, "concat"), from, to;
    size_t separator_len;
    const char *separator = luaL_optlstring(L, 2, "", &separator_len);
    check_range(L, 3, n, &from, &to);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (lua_Integer i = from; i <= to; i++) {
        int type = lua_rawgeti(L, 1, i);
        if (type != LUA_TSTRING && type != LUA_TNUMBER)
            sandbox_fail(L, "table.concat: element %lld is %s, want text", (long long)i,
                         thing_words(L, -1));
        sandbox_charge(L, 1 + lua_rawlen(L, -1) / 64);
        luaL_addvalue(&b);
        if (i < to)
            luaL_addlstring(&b, separator, separator_len);
    }
    luaL_pushresult(&b);
    return 1;
}

static int list_unpack(lua_State *L)
{
    lua_Integer n = check_list(L, "unpack"), from, to;
    check_range(L, 2, n, &from, &to);
    if (from > to)
        return 0;
    if (to - from >= TABLE_UNPACK_MAX)
        sandbox_fail(L, "table.unpack: more than %d elements", TABLE_UNPACK_MAX);
    luaL_checkstack(L, (int)(to - from + 1), "unpack");
    for (lua_Integer i = from; i <= to; i++)
        lua_rawgeti(L, 1, i);
    return (int)(to - from + 1);
}

const struct binding bind_table[] = {
    {"table", "concat", list_concat, PHASE_ALL}, {"table", "insert", list_insert, PHASE_ALL},
    {"table", "remove", list_remove, PHASE_ALL}, {"table", "sort", list_sort, PHASE_ALL},
    {"table", "unpack", list_unpack, PHASE_ALL}, {NULL, NULL, NULL, 0},
};
