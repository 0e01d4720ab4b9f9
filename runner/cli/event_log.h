/* What monitoring reads about scheduled runs: one entry a run.  On Windows it goes to the
 * Application log, source "rectify", with an id that tells the outcome (the table is in
 * cmake/windows/events.mc and docs/design.md section 8).  Elsewhere the line that a run writes to
 * standard error is in the journal already, and nothing more is done. */
#pragma once

#include "base/err.h"

enum run_outcome {
    RUN_PASSED,  /* exit code 0 */
    RUN_FAILED,  /* 2: a rule failed */
    RUN_UNKNOWN, /* 3 */
    RUN_COULD_NOT,
    RUN_STILL_GOING,
};

bool event_log_write(enum run_outcome outcome, const char *text, struct err *e);
