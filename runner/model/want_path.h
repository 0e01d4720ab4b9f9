/* Paths that policies name: what is wrong with the way one is written.
 *
 * A path that Windows would take from its current folder, or that holds what only a shell knows,
 * names a file that is nowhere: "absent" would be an answer about the typing, not about the host.
 */
#ifndef RECTIFY_MODEL_WANT_PATH_H
#define RECTIFY_MODEL_WANT_PATH_H

#include "base/str.h"

/* NULL, or why no file is called so: it begins with neither a drive, a %variable%, a backslash nor
 * <KEY:value>, has a quote, or a wildcard before its last part. */
const char *want_path_fault(struct str path);

#endif
