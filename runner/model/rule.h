/* Policies as plain data: what loading gives (docs/design.md section 6). */
#pragma once

#include "model/value.h"

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

const char *severity_name(enum severity s);
bool severity_parse(struct str text, enum severity *out);

/* A wanted state: a tree of constructor calls, frozen.  `args` is a map by the constructor's field
 * table (model/schema.h); arguments may be input references, which evaluation replaces. */
enum want_kind {
    WANT_ALL,
    WANT_ANY,
    WANT_WHEN,
    WANT_REGISTRY_VALUE,  /* registry.value(key, name, predicate) */
    WANT_REGISTRY_ABSENT, /* registry.absent(key [, name]) */
    WANT_PRODUCT_VERSION, /* product.version(id, predicate) */
    WANT_SERVICE,         /* service.enabled{ name, when_product } */
    WANT_EVENTS_NONE,     /* eventlog.none{ channel, providers, ids, window_days, group_by } */
    WANT_LOG_CAPACITY,    /* eventlog.capacity{ channel, window_days } */
    WANT_KINDS
};

enum predicate_kind {
    PRED_NONE,
    PRED_EQUALS,
    PRED_AT_LEAST,
    PRED_AT_MOST,
    PRED_BETWEEN,
    PRED_ONE_OF,
    PRED_GLOB,
    PRED_CONTAINS,
    PRED_ABSENT
};

/* An argument that names an input is VALUE_MAP {"$input": name} until evaluation. */
struct predicate {
    enum predicate_kind kind;
    uint32_t reg_type; /* 0 = any; dword(5), sz "x" ... fix the type too */
    bool typed;
    struct value a, b; /* b: upper bound of between */
};

struct want {
    enum want_kind kind;
    struct value args; /* VALUE_MAP */
    struct predicate predicate;
    struct want **children;
    size_t child_count;
    int line; /* in the policy file */
};

enum remedy_kind { REMEDY_MANUAL, REMEDY_UPGRADE };

struct remedy {
    enum remedy_kind kind;
    struct str text;        /* manual: what a person does */
    struct str product, to; /* upgrade */
};

enum { NEED_REGISTRY = 1, NEED_PRODUCT = 2, NEED_SERVICE = 4, NEED_EVENTS = 8, NEED_FILE = 16 };

struct policy;

struct rule {
    struct policy *policy;
    struct str id;        /* "vse-fixed-patch" */
    struct str qualified; /* "kb71083.vse-fixed-patch" */
    struct str title, rationale;
    enum severity severity;
    struct str *references;
    size_t reference_count;
    struct want *want; /* NULL: `check` is a function */
    bool has_check;
    unsigned needs; /* NEED_* bits: what a check function may read */
    struct remedy *remedies;
    size_t remedy_count;
    size_t index; /* in the policy, also in the Lua file */
    int line;
};

enum input_type { INPUT_TEXT, INPUT_INT, INPUT_NUMBER, INPUT_BOOL, INPUT_VERSION, INPUT_LIST };

struct input {
    struct str name, title;
    enum input_type type;
    struct value value;            /* the default, or what --set gave */
    struct value minimum, maximum; /* VALUE_NULL = none */
    bool set;                      /* by the command line */
};

struct policy {
    struct str id, title, file;
    bool builtin;
    struct str source; /* the file's text: evaluation runs it again in a private state */
    struct str *references;
    size_t reference_count;
    struct input *inputs;
    size_t input_count;
    struct rule *rules;
    size_t rule_count;
};
