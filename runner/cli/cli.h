/* The command line: one file per verb; docs/design.md section 8 is the contract. */
#pragma once

#include "base/err.h"

/* Exit codes. */
enum {
    EXIT_PASS = 0,
    EXIT_COULD_NOT_RUN = 1,
    EXIT_RULE_FAILED = 2,
    EXIT_APPLY_UNREPORTED = 2, /* apply: see model/apply.h */
    EXIT_UNKNOWN = 3,
    EXIT_PLAN_HAS_ACTIONS = 4,
    EXIT_SIGNATURE_REFUSED = 5,
    EXIT_USAGE_ERROR = 64,
    EXIT_STILL_RUNNING = 75, /* schedule run: the run before is still going */
    EXIT_INTERRUPTED = 130,
    EXIT_TERMINATED = 143
};

int cli_main(int argc, char **argv);

/* One function a verb; argv[0] is the verb. */
int verb_check(int argc, char **argv);
int verb_plan(int argc, char **argv);
int verb_apply(int argc, char **argv);
int verb_undo(int argc, char **argv);
int verb_facts(int argc, char **argv);
int verb_inspect(int argc, char **argv);
int verb_policy(int argc, char **argv);
int verb_roots(int argc, char **argv);
int verb_schedule(int argc, char **argv);

/* `inspect` by kind; argv[0] is the kind. */
int inspect_evtx(int argc, char **argv); /* "evtx" or "evt" */
int inspect_hive(int argc, char **argv);
int inspect_pe(int argc, char **argv);
int inspect_cat(int argc, char **argv);
int inspect_ctl(int argc, char **argv);
int inspect_sst(int argc, char **argv);
int inspect_certs(int argc, char **argv);

/* `facts ... signatures [PATH-GLOB]`: the word stands anywhere but as an option's value. */
bool facts_wants_signatures(int argc, char **argv);
int facts_signatures(int argc, char **argv);

/* "rectify: <text>" on stderr, control characters escaped, one line.  Returns `code`. */
int cli_fail(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What cli_fail() said last, without "rectify: "; empty before. */
const char *cli_last_failure(void);
