/* Inside the loader of policy tests: what a case says of its host. */
#pragma once

#include "model/policy_test.h"
#include "model/schema.h"
#include "script/thing.h"

extern const struct schema schema_given;

/* Reads the table at `index` into `out`. */
void given_read(lua_State *L, int index, struct given *out);

/* ---- shared by given*.c ---------------------------------------------------------------------- */

/* The names of the table at `index` (strings only), sorted: the order of Lua's own traversal
 * changes from run to run.  `what` names the table in messages. */
struct given_names {
    struct str *items;
    size_t count;
};
struct given_names given_names(lua_State *L, int index, const char *what);

/* Pushes the member. */
void given_push(lua_State *L, int index, struct str name);

/* denied(), damaged(), not_collected() or absent at `index`. */
bool given_state(lua_State *L, int index, struct given_state *out);

/* The time that the text of a field means; 0 where the field is not there. */
uint64_t given_time(lua_State *L, const struct value *fields, const char *name);

/* Appends one value; `list` grows. */
void given_add_value(lua_State *L, struct given *out, const struct given_value *v);
void given_add_text(lua_State *L, struct given *out, struct str key, const char *name,
                    struct str text);
void given_add_dword(lua_State *L, struct given *out, struct str key, const char *name,
                     uint32_t number);
struct str given_text(lua_State *L, const char *fmt, ...) PRINTF_LIKE(2, 3);

void given_registry(lua_State *L, int index, struct given *out);
void given_os(lua_State *L, struct str text, struct given *out);
void given_services(lua_State *L, int index, struct given *out);
void given_products(lua_State *L, int index, struct given *out);
void given_files(lua_State *L, int index, struct given *out);
void given_events(lua_State *L, int index, struct given *out);
void given_certificates(lua_State *L, int index, struct given *out);
void given_modules(lua_State *L, int index, struct given *out);
void given_lists(lua_State *L, int index, struct given *out);
