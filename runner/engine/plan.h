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
    struct str upgrade_source, upgrade_stage; /* --set upgrade.source, upgrade.stage */
    /* Packages that count as not staged although they are: an apply that is resumed, or done again
     * after an undo, has staged them itself, and its plan says so. */
    const struct str *unstaged;
    size_t unstaged_count;
    struct value inputs; /* taken over into plan.inputs; in the digest */
};

/* Actions are planned for rules that fail.  Rules whose verdict is unknown, conflict or error get a
 * manual step.  `a` must outlive the plan, and so must the catalogue and the host. */
bool engine_plan(const struct catalogue *c, struct host *host, const struct plan_options *options,
                 engine_progress *progress, void *context, struct arena *a, struct plan *out,
                 struct err *e);

/* DESIGN section 8: 4 with at least one action, else as a check. */
int plan_exit_code(const struct plan *p);

/* What tells one Windows from another: computer name, MachineGuid, the machine's SID where it can
 * be read, Windows' build and time of installation. */
bool plan_target_id(struct host *host, struct arena *a, char out[65], struct err *e);

/* SHA-256 of what a reviewer consents to, each field with its kind and length: target id; inputs;
 * id and SHA-256 of each policy; actions in order with their kind, rules, title, note, every change
 * (key, name, both images whole, new_keys, drop_key) and details; rule, verdicts now and then of
 * each prediction; manual steps; files whose trust changes.  Not in it: where policies and target
 * lie, times, run ids, messages, the version of the tool. */
bool plan_digest(const struct plan *p, char out[65], struct err *e);
