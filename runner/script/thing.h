/* What constructors return: opaque, immutable objects.
 *
 * Every full userdata that a script can hold begins with a struct thing (scripts cannot make
 * userdata), so its kind can be trusted.  What it points to lives in the sandbox's arena, so there
 * is nothing to collect. */
#pragma once

#include "script/sandbox.h"

enum thing_kind {
    THING_SPACE,
    THING_WANT,
    THING_PREDICATE,
    THING_INPUT_REF,
    THING_INPUT_DEF,
    THING_RULE,
    THING_POLICY,
    THING_REMEDY,
    THING_CAUSE,
    THING_DIAGNOSIS,
    THING_SOURCE,
    THING_PRODUCT,
    THING_VERSION,
    THING_FACT,
    THING_FINDINGS,
    THING_OUTCOME,
    THING_HOST,
    THING_REGISTRY,
    THING_STATE,
    THING_CASES,
    THING_PROFILE,
    THING_KINDS
};

struct thing {
    enum thing_kind kind;
    struct sandbox_place at; /* where it was constructed */
    void *ptr;
};

/* Pushes one. */
struct thing *thing_new(lua_State *L, enum thing_kind kind, void *ptr);

/* The object at `index` when it is of that kind, else NULL. */
struct thing *thing_test(lua_State *L, int index, enum thing_kind kind);
struct thing *thing_any(lua_State *L, int index);

/* "a number", "text", "nothing", "a rule": what is at `index`, for messages. */
const char *thing_words(lua_State *L, int index);

/* Makes the metatables; called once a state. */
void thing_open(lua_State *L);

/* Text of a value that never shows an address; pushes it. */
void thing_tostring(lua_State *L, int index);
