/* A rule as people want to see it before it is ever evaluated: what it wants, what it reads for
 * that, how it repairs.  Made by engine/describe.c; reports see only this. */
#pragma once

#include "model/rule.h"

/* A line of the wanted state: "registry.value HKLM\..., CurrentBuild: at least 19045". */
struct want_line {
    unsigned depth;
    struct str text;
};

/* One thing that is read. */
struct rule_read {
    const char *space; /* "registry", "product", ... as in `needs` */
    struct str what;   /* empty: a check function, which names it when it runs */
};

struct rule_view {
    const struct rule *rule;
    struct want_line *wants; /* none for a check function */
    size_t want_count;
    struct want_line *applies; /* conditions of the policy and of the rule */
    size_t applies_count;
    struct rule_read *reads;
    size_t read_count;
    const struct input **inputs; /* those that it refers to; a check function may read them all */
    size_t input_count;
    struct str *repairs;
    size_t repair_count;
};
