/* A number that stands for all that a function can reach and change: its upvalues, their tables,
 * the functions in those, and the modules that `use` has loaded.
 *
 * Everything that was visited stays alive until fingerprint_release(), so that an address means the
 * same object in two fingerprints: equal numbers, nothing changed.  Bounded: FINGERPRINT_MOST. */
#pragma once

#include "script/sandbox.h"

enum { FINGERPRINT_MOST = 50000 };

/* Of the function at `index`.  False: it reaches too much to be told.  `a` is for the visit. */
bool fingerprint_take(lua_State *L, int index, struct arena *a, uint64_t *out);
void fingerprint_release(lua_State *L);
