/* Lua values <-> struct value, and option tables by their schema.  Whatever does not fit stops the
 * script with the place and a suggestion. */
#pragma once

#include "base/wtime.h"
#include "model/schema.h"
#include "script/thing.h"

/* The fields of the table at `index` that the schema knows and this file can read, in schema order
 * (VALUE_MAP).  Structural fields (wants, functions, ...) are only checked to be there. */
struct value value_fields(lua_State *L, int index, const struct schema *s);

/* One argument of a constructor, as `type` with FIELD_* flags; `what` names it in messages. */
struct value value_argument(lua_State *L, int index, enum field_type type, unsigned flags,
                            const char *what);

/* Any plain value (text, number, boolean, list, map, version), for observed and expected. */
struct value value_any(lua_State *L, int index);

void value_push(lua_State *L, const struct value *v);

/* The text of a field in a map, or an empty one. */
struct str value_text_of(const struct value *map, const char *name);

/* Pushes the constant `absent`. */
void value_push_absent(lua_State *L);
