/* Inside the engine: one case of a policy test. */
#pragma once

#include "engine/engine.h"
#include "host/host.h"
#include "model/policy_test.h"

/* A host in memory that is as the case says. */
bool policy_case_host(const struct catalogue *c, const struct policy_case *k, struct host **out,
                      struct err *e);

/* The bytes of an event log (.evt) with the records of the case; `out` is initialised by the
 * caller. */
bool policy_case_log(const struct given_log *log, struct sb *out, struct err *e);

enum case_part { PART_NONE, PART_WANT, PART_APPLIES, PART_POLICY_APPLIES };

/* What is other than in the policy, and what is to be recorded. */
struct case_change {
    enum case_part part; /* `want` stands in its place */
    const struct want *want;
    const struct input *input; /* in place of the one of that name, before the case sets any */
    struct str source;         /* the policy's own Lua text; empty = as it is */
    const struct script_replacement *replace; /* of a module */
    struct script_coverage *coverage;
    want_seen *saw;
    void *saw_context;
};

/* A catalogue of this rule alone, with the inputs of the case; what is in it is borrowed from `c`
 * and lives in `a`: it is not to be freed.  `change` may be NULL. */
bool policy_case_catalogue(const struct catalogue *c, const struct rule *rule,
                           const struct policy_case *k, const struct case_change *change,
                           struct arena *a, struct catalogue *out, struct err *e);

/* Does the rule's repair make it pass, so that there is nothing left to do?  False: `e` says what
 * is wrong. */
bool policy_case_repairs(const struct catalogue *c, const struct rule *rule,
                         const struct policy_case *k, struct host *h, struct arena *a,
                         struct err *e);

/* The rule evaluated on the host with the inputs of the case: one result in `run`.  `change` may be
 * NULL. */
bool policy_case_run(const struct catalogue *c, const struct rule *rule,
                     const struct policy_case *k, const struct case_change *change, struct host *h,
                     struct arena *a, struct run_report *run, struct err *e);
