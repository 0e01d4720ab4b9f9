/* Folders of the program's own that only administrators may open: journals of changes to this host,
 * results of scheduled runs. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* "C:\ProgramData\rectify", as Windows itself and not the environment says; "/var/lib/rectify".
 * Nothing is made. */
bool private_root(struct arena *a, struct str *out, struct err *e);

/* `name` below the folder, with this system's separator. */
struct str private_below(struct str folder, const char *name, struct arena *a);

/* Makes the folder if it is not there (its parent must be).  False with ERR_DENIED when others than
 * administrators and who runs this own it or may write it. */
bool private_folder(const char *path, struct err *e);
