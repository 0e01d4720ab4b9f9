#include <lua.h>

#include "script/script.h"

const char *script_lua_release(void)
{
    return LUA_RELEASE;
}
