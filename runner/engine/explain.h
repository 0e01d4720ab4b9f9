/* Evaluates one rule and keeps what it read and what was decided on the way. */
#pragma once

#include "engine/engine.h"
#include "model/explain.h"

/* `c` has one rule selected.  `run` holds its result as a check would give it.  The host is not
 * used otherwise meanwhile.  Memory in `a`. */
bool engine_explain(const struct catalogue *c, struct host *host, struct arena *a,
                    struct run_report *run, struct explanation *out, struct err *e);
