/* Inside the engine: the steps of catalogue_load(). */
#pragma once

#include "engine/engine.h"

/* Gives the inputs of the loaded policies the values of --set. */
bool settings_apply(const struct engine_options *options, struct catalogue *c, struct err *e);

/* Fills `selected` from --only, --skip and --severity. */
bool selection_apply(const struct engine_options *options, struct catalogue *c, struct err *e);
