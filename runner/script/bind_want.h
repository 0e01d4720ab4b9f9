/* What the constructors of wanted states share. */
#pragma once

#include "script/bind.h"
#include "script/value.h"

/* Pushes one; its place is the line that is running. */
struct want *want_new(lua_State *L, enum want_kind kind);

/* `first` arguments before what the options table gave. */
struct value want_join(lua_State *L, const struct value_member *first, size_t count,
                       const struct value *options);

/* A predicate, or a plain value that means equals. */
struct predicate want_predicate(lua_State *L, int index, const char *what);

/* The same for versions: every operand is one. */
struct predicate want_version(lua_State *L, int index, const char *what);

/* Fails unless between `least` and `most` arguments are there. */
void want_check_arguments(lua_State *L, int least, int most, const char *what, const char *form);

/* A constructor whose only argument is an option table. */
int want_fields(lua_State *L, enum want_kind kind, const struct schema *schema);

/* Digests that are written down (NULL: none) are 64 hexadecimal digits. */
void want_check_sha256(lua_State *L, const struct value *v, const char *what);
