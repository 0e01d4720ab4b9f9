/* systemctl of this system.  Linux only. */
#pragma once

#include "base/str.h"

/* systemd is the init system that runs. */
bool systemctl_there(void);

/* Runs it without a shell and with an environment of its own; what it says on standard error is
 * shown.  `output` (or NULL) gets its standard output.  False with `e` when it cannot be run or
 * does not end with 0. */
bool systemctl(const char *const *arguments, struct sb *output, struct err *e);
