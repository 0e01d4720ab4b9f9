/* What a schedule runs as SYSTEM or root must be what an administrator put there. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* The file or folder with all links resolved, if only administrators can write it and nobody else
 * can put another in its place: every folder above is looked at too.  ERR_DENIED otherwise, with
 * the path at fault. */
enum trusted_kind {
    TRUSTED_PROGRAM, /* its folder counts as it does: DLLs are looked for there */
    TRUSTED_FILE     /* or folder; asked for its owner again by the run, which is SYSTEM's */
};
bool trusted_path(const char *path, enum trusted_kind kind, struct arena *a, struct str *out,
                  struct err *e);

/* The file of this program, as the system knows it. */
bool program_path(struct arena *a, struct str *out, struct err *e);
