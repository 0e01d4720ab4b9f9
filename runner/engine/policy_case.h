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

/* The rule evaluated on the host with the inputs of the case: one result in `run`. */
bool policy_case_run(const struct catalogue *c, const struct rule *rule,
                     const struct policy_case *k, struct host *h, struct arena *a,
                     struct run_report *run, struct err *e);
