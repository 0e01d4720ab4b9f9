/* `rectify check` in its steps, for the verb itself and for scheduled runs of it. */
#pragma once

#include "cli/args.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/selection.h"
#include "cli/target.h"

struct check_request {
    struct target_options target;
    struct selection selection; /* points into itself: do not copy the request */
    struct outputs outputs;
    struct report_style style;
    enum when_colour colour;
    enum when_progress progress;
};

extern const struct args_spec check_spec;

/* -1: go on; else the exit code: said on stderr, or help was printed.  Keeps pointers into argv. */
int check_parse(struct check_request *c, int argc, char **argv);

/* Called with the results, before the reports that the request asks for are written. */
typedef bool check_seen(void *context, const struct run_report *run, struct err *e);

/* Loads policies, opens the target, evaluates, reports: the exit code.  `seen` may be NULL. */
int check_perform(const struct check_request *c, check_seen *seen, void *context);
