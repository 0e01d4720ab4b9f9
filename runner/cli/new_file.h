/* Files that a verb writes for people to edit: never over one that is there. */
#pragma once

#include "base/str.h"

/* Creates the file with all of the bytes; only its owner may write it, as policies must be.
 * ERR_DENIED where it exists. */
bool new_file(const char *path, struct str bytes, struct err *e);

/* False with ERR_DENIED where something has that name. */
bool new_file_absent(const char *path, struct err *e);

/* The folder, unless it is there. */
bool new_folder(const char *path, struct err *e);
