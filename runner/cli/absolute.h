/* Where a path of the command line really lies: what a plan says must not depend on the folder that
 * it was made in. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* Absolute, links resolved; the text itself where there is nothing of that name. */
struct str absolute_path(const char *path, struct arena *a);
