/* What policy files can name, documented: bindings, field tables and the stubs of lua/api as one
 * catalogue. */
#pragma once

#include "model/schema.h"

enum api_kind { API_FUNCTION, API_CONSTANT, API_FIELD, API_METHOD };

struct api_parameter {
    struct str name, type, text;
    bool optional;
};

enum { API_SCHEMAS = 2 };

struct api_entry {
    struct str name; /* "registry.value", "RegistryFact.data" */
    enum api_kind kind;
    struct str file; /* "lua/api/policy.lua" */
    unsigned phases; /* 1 policy, 2 product, 4 check, 8 test, 16 profile; 0: of an object */
    struct str text; /* what it does, units and errors; lines joined by '\n' */
    struct str type; /* of a field or constant */
    struct api_parameter *parameters;
    size_t parameter_count;
    struct str returns;
    const struct schema *schema[API_SCHEMAS]; /* field tables of its table argument, else NULL */
};

struct api {
    struct str language;       /* "Lua 5.4.6" */
    struct api_entry *entries; /* sorted by name */
    size_t count;
};

/* A stub file as it is shipped. */
struct api_stub {
    struct str name; /* "policy.lua" */
    struct span text;
};
