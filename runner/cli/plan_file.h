/* Reading a plan file (rectify.plan/1) back: where the target is, what the plan was made from, and
 * what was consented to.  Its actions explain why a plan is another one now, and have to be those
 * of the plan computed again; values are never taken from it (docs/design.md section 12). */
#pragma once

#include "cli/plan_request.h"
#include "engine/apply.h"

enum { PLAN_FILE_SIZE = 64 << 20 };

struct plan_file {
    struct str location;     /* absolute path of the target */
    uint64_t reference_time; /* what was "now"; 0: the file does not say */
    struct consent consent;
};

/* Held to the same rules of ownership as policies.  Fills `request` with the plan's inputs; wrong
 * ones are said on stderr.  Returns 0 or the exit code. */
int plan_file_read(const char *verb, const char *path, struct plan_request *request,
                   struct arena *a, struct plan_file *out);

/* consent.shows (engine/apply.h): `file`, the parsed plan file, has the plan's policies, actions,
 * predictions, manual steps and changes of trust.  Messages and paths of policies are left out. */
bool plan_shown(void *file, const struct plan *plan, struct arena *a, struct err *e);
