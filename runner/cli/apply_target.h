/* The target of apply and undo, opened for reading as often as they ask and, through the gate, for
 * writing. */
#pragma once

#include "cli/target.h"
#include "engine/apply.h"

struct apply_place {
    struct target_options options; /* root or archive may be NULL: then the journal's location */
    struct host *writing;          /* what the open writer reads the target's layout from */
    char *location;                /* kept for it */
};

struct apply_target apply_place_target(struct apply_place *p);
struct gate_backend apply_place_backend(struct apply_place *p);
void apply_place_done(struct apply_place *p);

/* Root or archive from an absolute path, unless the command line named one. */
void apply_place_at(struct apply_place *p, const char *location);
