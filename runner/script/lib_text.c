/* text.*: regular expressions over texts of the host, by PCRE2 under a step limit (base/regex.h).
 */
#include "base/regex.h"
#include "script/bind.h"

enum { PATTERNS_MAX = 64, STEPS_A_CHARGE = 4 };

static const char patterns_key;

/* The pattern at 2, compiled once a run; the table of them is keyed by the pattern. */
static const struct regex *compiled(lua_State *L, const char *what)
{
    struct sandbox *s = sandbox_of(L);
    struct str pattern = sandbox_checkstr(L, 2, what);
    struct err e = {0};
    const struct regex *regex = NULL;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &patterns_key) != LUA_TTABLE || s->pattern_count == 0) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 4);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &patterns_key);
    }
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) == LUA_TLIGHTUSERDATA) {
        regex = lua_touserdata(L, -1);
        lua_pop(L, 2);
        return regex;
    }
    lua_pop(L, 1);
    if (s->pattern_count == PATTERNS_MAX)
        sandbox_fail(L, "%s: more than %d different patterns", what, PATTERNS_MAX);
    sandbox_charge(L, 100);
    if (!regex_compile(pattern, &s->patterns, &regex, &e))
        sandbox_fail(L, "%s: %s", what, e.text);
    s->pattern_count++;
    lua_pushvalue(L, 2);
    lua_pushlightuserdata(L, (void *)(uintptr_t)regex);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return regex;
}

static bool match(lua_State *L, const char *what, struct regex_groups *groups)
{
    struct str text = sandbox_checkstr(L, 1, "the text");
    struct err e = {0};
    if (lua_gettop(L) != 2)
        sandbox_fail(L, "%s: want (text, pattern)", what);
    const struct regex *regex = compiled(L, what);
    enum regex_answer answer = regex_match(regex, text, groups, &e);
    sandbox_charge(L, 1 + groups->steps / STEPS_A_CHARGE);
    if (answer == REGEX_LIMIT)
        sandbox_fail(L, "%s: %s", what, e.text);
    return answer == REGEX_YES;
}

static int text_matches(lua_State *L)
{
    struct regex_groups groups;
    lua_pushboolean(L, match(L, "text.matches", &groups));
    return 1;
}

/* The groups' texts, or of a pattern without any the whole match; false for a group that took no
 * part, nothing when the text does not match. */
static int text_capture(lua_State *L)
{
    struct regex_groups groups;
    if (!match(L, "text.capture", &groups)) {
        lua_pushnil(L);
        return 1;
    }
    size_t first = groups.count > 1 ? 1 : 0;
    lua_createtable(L, (int)groups.count, 0);
    for (size_t i = first; i < groups.count; i++) {
        if (groups.group[i].ptr)
            lua_pushlstring(L, groups.group[i].ptr, groups.group[i].len);
        else
            lua_pushboolean(L, 0);
        lua_rawseti(L, -2, (lua_Integer)(i - first) + 1);
    }
    return 1;
}

const struct binding bind_text[] = {
    {"text", "capture", text_capture, PHASE_ALL},
    {"text", "matches", text_matches, PHASE_ALL},
    {NULL, NULL, NULL, 0},
};
