/* Policy tests: a file that returns cases "policy.id" { ... }, read into model/policy_test.h.
 *
 * Runs in the same sandbox as policies, with constructors of given facts only: no facts, clock or
 * I/O.  What does not fit the tables of fields is an error with file, line and a suggestion. */
#pragma once

#include "model/policy_test.h"
#include "script/script.h"

/* Everything lives in `a`. */
bool script_load_cases(const struct script_source *source, const struct script_modules *modules,
                       const struct script_limits *limits, struct arena *a,
                       struct policy_cases **out, struct err *e);
