/* Where a path of the command line really lies: what a plan says must not depend on the folder that
 * it was made in. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* Absolute, links resolved; of what is not there yet, below its parent; the text itself where there
 * is neither. */
struct str absolute_path(const char *path, struct arena *a);

/* Absolute, but links stay what they are: what they lead to may be another thing tomorrow, and is
 * meant to be. */
struct str absolute_name(const char *path, struct arena *a);
