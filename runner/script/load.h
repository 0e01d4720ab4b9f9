/* What one file describes while it runs: the context of every sandbox (its first member). */
#pragma once

#include "model/product.h"
#include "model/schema.h"
#include "script/thing.h"

/* Every input reference; checked against the inputs when the policy is complete. */
struct input_use {
    struct input_use *next;
    struct str name;
    struct sandbox_place at;
    enum field_type type; /* of the field it stands in */
    unsigned flags;
};

struct loading {
    const struct script_source *source;
    struct policy *policy;       /* the last policy{} */
    struct product_def *product; /* the last product{} */
    struct input_use *uses;
};

struct loading *load_of(lua_State *L);

/* An input reference stands where a value of `type` is wanted. */
void load_use_input(lua_State *L, struct str name, enum field_type type, unsigned flags);

/* Runs the source and leaves what it returned at 1. */
void load_run(lua_State *L, const struct script_source *source);

/* The last line of the source: where a file that returns nothing is wrong. */
struct sandbox_place load_end(lua_State *L);

/* Pushes the check function of a rule of the loaded policy. */
void load_push_check(lua_State *L, const struct rule *rule);

enum { LOAD_DAYS_MAX = 1000000 }; /* of a window */
