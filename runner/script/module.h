/* `use "name"`: modules of lua/, read once a state. */
#pragma once

#include "script/sandbox.h"

int module_use(lua_State *L);

/* Pushes the table of loaded modules, or nil. */
void module_push_loaded(lua_State *L);
