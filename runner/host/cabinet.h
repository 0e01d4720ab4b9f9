/* One file out of a cabinet, in memory: authrootstl.cab holds authroot.stl.
 *
 * At most CABINET_MEMBERS members are looked at, and the one that is taken may have at most
 * CABINET_BYTES; it is never written to disk. */
#pragma once

#include "base/str.h"

enum { CABINET_MEMBERS = 64, CABINET_BYTES = 16 << 20 };

/* Do the bytes begin as a cabinet does? */
bool cabinet_is(struct span bytes);

/* The first member whose name matches the glob (case-insensitive, Windows' rules).  ERR_NOT_FOUND
 * when none does. */
bool cabinet_member(struct span cabinet, const char *name_glob, struct arena *a, struct span *out,
                    struct err *e);
