#include "script/module.h"

#include "model/schema.h"
#include "script/bind.h"
#include "script/embedded.h"
#include "script/thing.h"

static const char modules_key;

enum { NAME_MAX_LEN = 100 };

/* [a-z0-9_]+ joined by dots, so that a name can never leave lua/. */
static bool name_ok(struct str name)
{
    bool start = true;
    if (name.len > NAME_MAX_LEN)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (!letter && (c != '.' || start))
            return false;
        start = c == '.';
    }
    return !start;
}

static bool find_builtin(const char *path, struct span *text)
{
    for (size_t i = 0; i < embedded_file_count; i++)
        if (strcmp(embedded_files[i].path, path) == 0) {
            *text = span_of(embedded_files[i].bytes, embedded_files[i].len);
            return true;
        }
    return false;
}

/* "lua/mcafee/builds.lua" back to "mcafee.builds", for suggestions. */
static void suggest_builtin(struct nearest *n, char names[][NAME_MAX_LEN], size_t most)
{
    for (size_t i = 0, used = 0; i < embedded_file_count && used < most; i++) {
        struct str path = str_of(embedded_files[i].path);
        if (path.len < 9 || path.len >= NAME_MAX_LEN || memcmp(path.ptr, "lua/", 4) != 0)
            continue;
        char *name = names[used++];
        size_t len = path.len - 8;
        for (size_t k = 0; k < len; k++)
            name[k] = path.ptr[4 + k] == '/' ? '.' : path.ptr[4 + k];
        nearest_try(n, (struct str){name, len});
    }
}

_Noreturn static void not_found(lua_State *L, struct str name)
{
    char names[64][NAME_MAX_LEN], near[96];
    struct nearest n = nearest_of(name);
    suggest_builtin(&n, names, sizeof names / sizeof *names);
    sandbox_fail(L, "there is no module \"" STR_FMT "\"%s", STR_ARG(name),
                 bind_suggestion(&n, near));
}

/* Pushes the module's chunk. */
static void load_module(lua_State *L, struct str name)
{
    struct sandbox *s = sandbox_of(L);
    char path[NAME_MAX_LEN + 16] = "lua/";
    size_t len = 4;
    for (size_t i = 0; i < name.len; i++)
        path[len++] = name.ptr[i] == '.' ? '/' : name.ptr[i];
    memcpy(path + len, ".lua", 5);
    struct span text;
    if (s->replace && str_eq(s->replace->path, str_of(path)))
        text = s->replace->text;
    else if (!find_builtin(path, &text) && !(s->modules && s->modules->find &&
                                             s->modules->find(s->modules->context, name, &text)))
        not_found(L, name);
    sandbox_load(L, sandbox_str(L, str_of(path)), text);
}

static void push_modules(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &modules_key);
}

void module_push_loaded(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key);
}

int module_use(lua_State *L)
{
    struct str name = sandbox_checkstr(L, 1, "use: the module's name");
    if (!name_ok(name))
        sandbox_fail(L, "use: \"%.60s\" is no module name such as \"mcafee.builds\"", name.ptr);
    lua_settop(L, 1);
    push_modules(L);
    lua_pushvalue(L, 1);
    int type = lua_rawget(L, 2);
    if (type == LUA_TBOOLEAN)
        sandbox_fail(L, "module \"" STR_FMT "\" uses itself, directly or through others",
                     STR_ARG(name));
    if (type != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    lua_pushvalue(L, 1);
    lua_pushboolean(L, 0); /* being loaded */
    lua_rawset(L, 2);
    load_module(L, name);
    lua_call(L, 0, 1);
    if (lua_type(L, -1) != LUA_TTABLE && lua_type(L, -1) != LUA_TFUNCTION && !thing_any(L, -1))
        sandbox_fail(L, "module \"" STR_FMT "\" returned %s, want a table", STR_ARG(name),
                     thing_words(L, -1));
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, 2);
    return 1;
}
