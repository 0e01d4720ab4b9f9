/* The target when none is named: the Windows that this runs on. */
#pragma once

#include "cli/target.h"

/* As target_open(); elsewhere than on Windows, an error that says what to name. */
int target_live(const char *verb, const struct target_options *t, struct host **out);
