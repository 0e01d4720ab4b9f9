/* Inside of apply and undo: one file a step. */
#pragma once

#include "engine/apply.h"

struct applying {
    const struct apply_target *target;
    const struct gate_backend *backend;
    struct arena *a;
    struct apply_report *report;
    struct journal *journal;
    struct journal_data data;
    const char *location; /* the journal's, or NULL where the plan names the target */
};

/* ---- apply_values.c: without a writer ---- */

/* The one-change-a-value form of a plan, with a new id and the time; ERR_FORMAT when a plan's own
 * changes do not fit together. */
bool apply_journal_data(const struct plan *p, struct str location, struct arena *a,
                        struct journal_data *out, struct err *e);
/* What the host holds of a change; ERR_IO when it cannot be read. */
bool apply_state(struct host *h, const struct change *c, struct arena *a, enum change_state *out,
                 struct err *e);
/* Every value is its before-image, and keys that were made are gone.  Names the first that is not.
 */
bool apply_all_before(struct host *h, const struct journal_data *d, struct arena *a, struct err *e);
/* The host as it was before the journal's changes. */
bool apply_before_overlay(struct host *below, const struct journal_data *d, struct arena *a,
                          struct host **out, struct err *e);

/* ---- apply_write.c ---- */

/* Each change compared; an action whose value is neither gets `drifted`.  False: unreadable. */
struct comparison {
    bool fit;     /* none drifted */
    bool pending; /* some are not after-images */
};
bool apply_compare(struct applying *ap, struct writer *w, struct comparison *out, struct err *e);
/* All changes, in order, and commit. */
bool apply_write(struct applying *ap, struct writer *w, struct err *e);
/* Takes all back, in reverse: compares, marks UNDOING, writes, commits, opens the target again to
 * see that every value is as before, marks UNDONE.  *fit false: drifted, nothing was written. */
bool apply_take_back(struct applying *ap, struct str why, bool *fit, struct err *e);

/* ---- apply_verify.c ---- */

/* Verdicts of the target as it is now beside the predicted ones; *same: all equal.  `report` gets
 * them. */
bool apply_verify(struct applying *ap, const struct preview_request *r, const struct plan *p,
                  bool *same, struct err *e);
void apply_predictions(struct apply_report *report, const struct plan *p, struct arena *a);

/* ---- apply_upgrade.c ---- */

/* Stages what upgrade.stage names; before anything is written. */
bool apply_stage(struct applying *ap, const struct apply_request *r, const struct plan *p,
                 struct host *h, struct err *e);
/* Posts what upgrade.flag flags and was not posted yet.  False: not all were taken. */
bool apply_post(struct applying *ap, const struct apply_request *r, const struct plan *p,
                struct err *e);

/* ---- apply_refused.c ---- */

/* Why the plan would be another one now: target, policy or value, if it can be told. */
void apply_why_differs(const struct plan *p, const struct consent *c, struct arena *a,
                       struct host *h, struct err *e);
