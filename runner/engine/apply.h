/* From a plan file to a changed target and back (docs/design.md section 7).
 *
 * engine_apply() recomputes the plan from policies and target and goes on only if it is the one
 * that was consented to; writes the journal; compares and sets every value; commits; opens the
 * target again and asks the same rules: each verdict must be as predicted, else all is taken back.
 * engine_undo() takes back what a journal says, in reverse.  engine_preview() is the dry run: what
 * it is given holds no backend, so that it cannot write.
 *
 * False with `e`: refused or could not run, and the target is as it was.  True: `out` tells how it
 * ended, which may be a failure too. */
#pragma once

#include "actions/gate.h"
#include "engine/plan.h"
#include "model/apply.h"

/* What the plan file says.  Values come from the plan computed again; `gate` and `shows` refuse;
 * the rest tells why a plan is another one now, and which packages may be there already because
 * this plan staged them. */
struct consent {
    struct gate_consent gate;
    struct plan_policy *policies;
    size_t policy_count;
    struct change *changes;
    size_t change_count;
    struct str *packages; /* of upgrade.stage */
    size_t package_count;
    /* Does the file show this plan, which has its digest?  NULL: there is no file. */
    bool (*shows)(void *file, const struct plan *plan, struct arena *a, struct err *e);
    void *file;
};

/* The target, opened as often as needed: before, and again after writing. */
struct apply_target {
    /* `location` is the journal's (undo); NULL where the plan names it.  `at` 0: as the plan
     * does; else the reference time. */
    bool (*open)(void *context, const char *location, uint64_t at, struct host **out,
                 struct err *e);
    /* Asked between writes: an interrupt; may be NULL. */
    bool (*stop)(void *context);
    void *context;
};

struct preview_request {
    const struct catalogue *catalogue;
    const struct plan_options *options;
    const struct consent *consent;
    const struct apply_target *target;
    struct str location;       /* absolute: where undo looks for the target */
    engine_progress *progress; /* may be NULL */
};

struct apply_request {
    struct preview_request plan;
    unsigned allowed; /* AUTHORITY_* bits */
    const struct gate_backend *backend;
    const char *journal; /* path */
    bool resume;         /* the journal exists; else it must not */
    struct str upgrade_post;
};

bool engine_preview(const struct preview_request *r, struct arena *a, struct apply_report *out,
                    struct err *e);
bool engine_apply(const struct apply_request *r, struct arena *a, struct apply_report *out,
                  struct err *e);

struct undo_request {
    const struct apply_target *target;
    const struct gate_backend *backend;
    const char *journal;
};
bool engine_undo(const struct undo_request *r, struct arena *a, struct apply_report *out,
                 struct err *e);

/* DESIGN section 8. */
int apply_exit_code(const struct apply_report *r);
