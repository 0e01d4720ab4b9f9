/* Inside the engine: what `check` and `facts` both say about a run. */
#pragma once

#include "engine/engine.h"

/* Run id, start, reference time and target; results stay empty. */
bool run_begin(struct host *host, struct arena *a, struct run_report *run, struct err *e);
