/* Inside the engine: the steps of catalogue_load(). */
#pragma once

#include "engine/engine.h"

/* What profiles choose, the layers joined: `only` of the last one that has it, `skip` of all. */
struct choice {
    const struct profile **layers; /* what is extended stands before what extends it */
    size_t layer_count;
    const struct profile *only, *severity; /* which one decides, NULL = none */
};

/* Loads the profiles that the options name, and those that they extend. */
bool profiles_load(const struct engine_options *options, struct catalogue *c, struct choice *out,
                   struct err *e);

/* Gives the inputs of the loaded policies their values: of profiles, then of --inputs, then of
 * --set. */
bool settings_apply(const struct engine_options *options, const struct choice *choice,
                    struct catalogue *c, struct err *e);

/* Fills `selected` from --only, --skip, --severity and the profiles; --only counts instead of what
 * profiles choose. */
bool selection_apply(const struct engine_options *options, const struct choice *choice,
                     struct catalogue *c, struct err *e);

/* ---- inputs ---------------------------------------------------------------------------------- */

/* Who gives a value: what a message begins with, and what kind of mistake it would be. */
struct giver {
    struct str text; /* "--set x" or "site.json:3: x" */
    enum err_kind kind;
};

/* The one input of that name, of that policy unless it is empty. */
bool inputs_find(const struct catalogue *c, const struct giver *giver, struct str policy,
                 struct str name, struct input **out, struct err *e);

/* Sets it when the type and the limits fit. */
bool inputs_assign(struct arena *a, struct input *in, const struct giver *giver,
                   const struct value *v, struct err *e);

/* The members of a map: "policy.name" or "name" = value, or policy = map. `file` and `text` are for
 * messages. */
bool inputs_apply(struct catalogue *c, const struct value *map, struct str file, struct span text,
                  struct err *e);
