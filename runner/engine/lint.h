/* Looks at policy files for what loads, or nearly loads, but is not meant: engine/lint_*.c.
 *
 * A remark in the file, `-- lint: allow CODE`, silences that code on its own line and the next. */
#pragma once

#include "engine/engine.h"
#include "model/lint.h"

/* False: a path cannot be read (as with policy_files_read()), or no memory.  A policy that does not
 * load is a finding. */
bool engine_lint(const struct str *paths, size_t path_count, struct arena *a,
                 struct lint_report *out, struct err *e);
