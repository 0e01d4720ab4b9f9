/* string.*: Lua's own functions where they are bounded, ours where they are not. */
#include "base/utf16.h"
#include "script/bind.h"
#include "script/thing.h"

enum { REP_MAX = 1 << 20, GLOB_PATTERN_MAX = 256, GLOB_TEXT_MAX = 32768 };

/* ASCII only, whatever the locale. */
static int change_case(lua_State *L, char first, char last)
{
    struct str s = sandbox_checkstr(L, 1, "the text");
    luaL_Buffer b;
    char *out = luaL_buffinitsize(L, &b, s.len);
    for (size_t i = 0; i < s.len; i++)
        out[i] = s.ptr[i] >= first && s.ptr[i] <= last ? (char)(s.ptr[i] ^ 0x20) : s.ptr[i];
    luaL_pushresultsize(&b, s.len);
    return 1;
}

static int text_lower(lua_State *L)
{
    return change_case(L, 'A', 'Z');
}

static int text_upper(lua_State *L)
{
    return change_case(L, 'a', 'z');
}

static int text_rep(lua_State *L)
{
    struct str s = sandbox_checkstr(L, 1, "string.rep: the text");
    lua_Integer n = luaL_checkinteger(L, 2);
    size_t sep_len;
    const char *sep = luaL_optlstring(L, 3, "", &sep_len);
    if (n <= 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (s.len > REP_MAX || sep_len > REP_MAX || n > REP_MAX ||
        (uint64_t)n * (s.len + sep_len) > REP_MAX)
        sandbox_fail(L, "string.rep: the result is longer than %d bytes", REP_MAX);
    sandbox_charge(L, (uint64_t)n);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (lua_Integer i = 0; i < n; i++) {
        luaL_addlstring(&b, s.ptr, s.len);
        if (i + 1 < n)
            luaL_addlstring(&b, sep, sep_len);
    }
    luaL_pushresult(&b);
    return 1;
}

static int text_glob(lua_State *L)
{
    struct str text = sandbox_checkstr(L, 1, "glob: the text");
    struct str pattern = sandbox_checkstr(L, 2, "glob: the pattern");
    if (pattern.len > GLOB_PATTERN_MAX)
        sandbox_fail(L, "glob: pattern of %zu bytes, at most %d", pattern.len, GLOB_PATTERN_MAX);
    if (text.len > GLOB_TEXT_MAX)
        sandbox_fail(L, "glob: text of %zu bytes, at most %d", text.len, GLOB_TEXT_MAX);
    sandbox_charge(L, 1 + text.len * pattern.len / 64);
    lua_pushboolean(L, glob_imatch(pattern, text));
    return 1;
}

/* The conversion letter of the directive at `p` (after %), and its end; fails on anything that is
 * not in the list. */
static char directive(lua_State *L, const char *p, const char *end, const char **after)
{
    const char *start = p;
    while (p < end && p - start < 5 && strchr("-+ #0", *p))
        p++;
    for (int digits = 0; p < end && *p >= '0' && *p <= '9' && digits < 2; digits++)
        p++;
    if (p < end && *p == '.') {
        p++;
        for (int digits = 0; p < end && *p >= '0' && *p <= '9' && digits < 2; digits++)
            p++;
    }
    if (p >= end || !*p || !strchr("dsxfgq", *p))
        sandbox_fail(L, "string.format: \"%%%.8s\" is none of %%d %%s %%x %%f %%g %%q", start);
    *after = p + 1;
    return *p;
}

static int text_format(lua_State *L)
{
    struct str f = sandbox_checkstr(L, 1, "string.format: the format");
    int top = lua_gettop(L), arg = 1;
    const char *end = f.ptr + f.len;
    for (const char *p = f.ptr; p < end;) {
        if (*p++ != '%')
            continue;
        if (p < end && *p == '%') {
            p++;
            continue;
        }
        char letter = directive(L, p, end, &p);
        if (++arg > top)
            sandbox_fail(L, "string.format: more directives than values");
        if (letter == 's') {
            thing_tostring(L, arg);
            lua_replace(L, arg);
        }
    }
    bind_push_stock(L, "string", "format");
    lua_insert(L, 1);
    lua_call(L, top, 1);
    return 1;
}

const struct binding bind_string[] = {
    {"string", "byte", bind_stock, PHASE_ALL},
    {"string", "char", bind_stock, PHASE_ALL},
    {"string", "format", text_format, PHASE_ALL},
    {"string", "glob", text_glob, PHASE_ALL},
    {"string", "len", bind_stock, PHASE_ALL},
    {"string", "lower", text_lower, PHASE_ALL},
    {"string", "rep", text_rep, PHASE_ALL},
    {"string", "reverse", bind_stock, PHASE_ALL},
    {"string", "sub", bind_stock, PHASE_ALL},
    {"string", "upper", text_upper, PHASE_ALL},
    {NULL, NULL, NULL, 0},
};
