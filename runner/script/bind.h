/* What scripts can name: binding tables, one array a C file, and nothing else.
 *
 * The environment of a chunk is a frozen userdata: unknown names are errors with a suggestion, and
 * nothing can be assigned to it. */
#pragma once

#include "model/schema.h"
#include "script/sandbox.h"

struct binding {
    const char *space; /* "" = global; "registry" = registry.NAME; phases 0: a class, see below */
    const char *name;  /* "()" = the space itself can be called; NULL ends a table */
    lua_CFunction fn; /* bind_stock: Lua's own function of that name; NULL: the constant `absent` */
    unsigned phases;  /* where it exists; 0: a field or method of the class `space`, whose `fn`
                         gets the object at 1 and pushes the value */
};

extern const struct binding bind_base[], bind_string[], bind_table[]; /* language */
extern const struct binding bind_text[];
extern const struct binding bind_policy[], bind_want[], bind_value[]; /* policy files */
extern const struct binding bind_state[], bind_profile[];
extern const struct binding bind_repair[];                            /* repairs */
extern const struct binding bind_product[];                           /* product files */
extern const struct binding bind_check[], bind_facts[], bind_trust[]; /* check functions */
extern const struct binding bind_cases[], bind_given[];               /* policy tests */

/* All of them; the last entry is NULL. */
extern const struct binding *const bind_tables[];

int bind_stock(lua_State *L);

/* Builds the environment of the sandbox's phase. */
void bind_open(lua_State *L);
void bind_push_environment(lua_State *L);

/* Replaces the table on top by a frozen view of it: unknown fields are errors that say
 * "WHAT has no NAME"; `call` may be NULL. */
void bind_freeze(lua_State *L, const char *what, lua_CFunction call);

/* The __index of objects of a class: runs the field's function, or fails with a suggestion. */
int bind_class_index(lua_State *L, const struct binding *table, const char *class_name);

/* ` (did you mean "x"?)` or "". */
const char *bind_suggestion(const struct nearest *n, char out[96]);

/* Pushes Lua's own function, which scripts cannot reach: bind_push_stock(L, "string", "format"). */
void bind_push_stock(lua_State *L, const char *library, const char *name);
