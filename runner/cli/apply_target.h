/* The target of apply and undo, opened for reading as often as they ask and, through the gate, for
 * writing. */
#pragma once

#include "cli/target.h"
#include "engine/apply.h"

struct apply_place {
    struct target_options options; /* root or archive may be NULL: then the journal's location */
    bool writes;                   /* no dry run: who may not change a live host is told at once */
    struct host *writing;          /* what the open writer reads the target's layout from */
    char *location;                /* kept for it */
};

struct apply_target apply_place_target(struct apply_place *p);
struct gate_backend apply_place_backend(struct apply_place *p);
void apply_place_done(struct apply_place *p);
/* Neither root nor archive: the Windows that this runs on. */
bool apply_place_is_live(const struct apply_place *p);

/* Root or archive from target_location()'s answer, unless the command line named one. */
void apply_place_at(struct apply_place *p, const char *location);
