/* What `apply` and `undo` did, for the reports. */
#pragma once

#include "model/plan.h"

enum apply_end {
    APPLY_VERIFIED,    /* every value is as planned, every verdict as predicted */
    APPLY_PREVIEWED,   /* a dry run: nothing was written */
    APPLY_REVERTED,    /* by undo: every value is as it was before */
    APPLY_UNDONE,      /* by apply itself, because it failed: as before */
    APPLY_REFUSED,     /* drifted: nothing was written */
    APPLY_UNREPORTED,  /* applied and verified, but something beside the target did not work */
    APPLY_BETWEEN,     /* neither applied nor undone: resume or undo goes on */
    APPLY_INTERRUPTED, /* likewise, on request */
    APPLY_ENDS
};

/* "verified", "previewed", ... */
const char *apply_end_name(enum apply_end e);

enum applied_outcome {
    APPLIED_PLANNED, /* dry run */
    APPLIED_DONE,    /* "applied" */
    APPLIED_KEPT,    /* was so already */
    APPLIED_DRIFTED, /* the target holds neither of the two values */
    APPLIED_FAILED,
    APPLIED_UNDONE,
    APPLIED_NOT, /* "not done": another action drifted or failed first */
    APPLIED_OUTCOMES
};

/* "planned", "applied", "kept", "drifted", "failed", "undone", "not done" */
const char *applied_outcome_name(enum applied_outcome o);

struct applied_action {
    enum action_kind kind;
    struct str title;
    enum applied_outcome outcome;
    struct str why;  /* of drifted and failed: which value; or empty */
    struct str note; /* "staged as ...", "posted", what could not be posted; or empty */
};

struct applied_verdict {
    struct str rule; /* qualified */
    enum verdict before, predicted, found;
    bool checked;       /* else `found` is not known: dry run, or not come to */
    struct str message; /* of `found`, else of `predicted` */
};

struct apply_report {
    bool undo, dry_run, resumed;
    enum apply_end end;
    struct str why;           /* of an end that is not the wanted one: one line */
    struct str journal;       /* path; empty in a dry run */
    struct str journal_state; /* its last state */
    char journal_id[17];
    char plan[65], target[65]; /* digest, target id; "" where not known */
    struct str tool_version, location;
    uint64_t reference_time;
    struct applied_action *actions;
    size_t action_count;
    struct applied_verdict *verdicts; /* none by undo */
    size_t verdict_count;
};
