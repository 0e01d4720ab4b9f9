/* Sorting for scripts: stable, the same on every run, with every comparison charged. */
#pragma once

#include "script/sandbox.h"

enum { TABLE_SORT_MAX = 65536, TABLE_UNPACK_MAX = 4096 };

/* Whether the value at `a` comes before the one at `b`; may fail. */
typedef bool table_less(lua_State *L, int a, int b, int context);

/* Sorts elements 1..n of the table at `index` (raw). */
void table_sort(lua_State *L, int index, lua_Integer n, table_less *less, int context);
