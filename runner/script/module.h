/* `use "name"`: modules of lua/, read once a state. */
#pragma once

#include "script/sandbox.h"

int module_use(lua_State *L);
