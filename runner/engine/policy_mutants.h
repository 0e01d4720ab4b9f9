/* Inside the engine: policies with one small mistake each, which their tests should notice. */
#pragma once

#include "engine/policy_case.h"
#include "engine/policy_test.h"

enum { MUTANTS_MAX = 16384 };

struct mutant {
    struct str file;
    int line;
    struct str text;         /* "at_least 8.8.0.975 becomes at_least 8.8.0.976" */
    const struct rule *rule; /* whose cases it concerns; NULL: all */
    bool checks;             /* only rules with a check function */
    struct case_change change;
};

struct mutants {
    struct mutant *items;
    size_t count;
    size_t elsewhere; /* places in Lua on lines that never ran */
    struct arena *mem;
    bool full;
};

/* The next one, zeroed but for file, line and text; NULL: no memory. */
struct mutant *mutants_add(struct mutants *m, struct str file, int line, struct str text);

/* Of the wants and conditions of a rule. */
void mutants_of_want(struct mutants *m, const struct rule *rule, enum case_part part,
                     const struct want *root);
/* A value a little different from `v`: as many as there are ways, at most `most`. */
size_t mutants_of_value(struct mutants *m, const struct value *v, struct value *out, size_t most);

/* The rule of that name, or NULL. */
const struct rule *policy_case_rule(const struct policy *p, struct str id);

/* Is anything wrong with the case when the policy is changed so?  `faults`: also look whether facts
 * that cannot be read show. */
bool policy_case_notices(const struct test_suite *suite, const struct rule *rule,
                         const struct policy_case *k, const struct case_change *change,
                         bool faults);

/* What the cases of a suite ran, and which clauses said what; appends to the report. */
bool policy_coverage(const struct test_suite *suite, struct script_coverage *coverage,
                     struct arena *a, struct test_report *out, struct err *e);

/* As reports name a constructor: "registry.value". */
const char *mutants_want_name(enum want_kind kind);

/* "5", "\"x\"", a list of 3 */
struct str mutants_value_text(struct arena *a, const struct value *v);
