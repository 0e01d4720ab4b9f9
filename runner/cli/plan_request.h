/* What a plan is made from: target, selection, sources.  Shared by `plan`, which reads it from the
 * command line, and by `apply`, which reads the same options back from the plan's inputs. */
#pragma once

#include "cli/selection.h"
#include "engine/plan.h"

enum { PLAN_INPUTS = 512 };

struct plan_request {
    struct target_options target;
    struct selection selection; /* do not copy: its lists point into it */
    struct plan_options options;
    struct str upgrade_post; /* --set upgrade.post=URL, for apply */
    struct arena mem;
    struct value_member inputs[PLAN_INPUTS];
    size_t input_count;
};

void plan_request_begin(struct plan_request *r);
void plan_request_done(struct plan_request *r);

/* Takes the current option when it is one of the target's or of the selection's, and remembers what
 * the plan depends on: 1 taken, 0 not one of ours, -1 wrong (said on stderr). */
int plan_request_option(const struct args *a, struct plan_request *r);

/* The same for one element of a plan's inputs.  False: no such option (or wrong, said on stderr).
 */
bool plan_request_input(struct plan_request *r, const char *verb, struct str name,
                        struct str value);

/* All options are taken: puts them into options.inputs, as a list of {name, value} in the order in
 * which they were given. */
bool plan_request_end(struct plan_request *r);
