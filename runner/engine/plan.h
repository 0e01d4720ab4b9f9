/* From failed rules to a plan: wanted minus observed, predicted through the overlay host
 * (docs/design.md section 7).  Pure: nothing is written, and nothing is fetched unless
 * `roots.source` or another source is named.
 *
 * The same policies, options and target give the same plan and the same digest; `apply` relies on
 * it. */
#pragma once

#include "engine/engine.h"
#include "model/plan.h"

struct plan_options {
    struct str roots_source; /* --set roots.source, empty = none */
    X509 *const *list_roots; /* tests only */
    size_t list_root_count;
};

bool engine_plan(const struct catalogue *c, struct host *host, const struct plan_options *options,
                 engine_progress *progress, void *context, struct arena *a, struct plan *out,
                 struct err *e);

/* DESIGN section 8: 4 with at least one action, else as a check. */
int plan_exit_code(const struct plan *p);

/* What tells one Windows from another: computer name, MachineGuid, the machine's SID where it can
 * be read, Windows' build and time of installation. */
bool plan_target_id(struct host *host, struct arena *a, char out[65], struct err *e);
