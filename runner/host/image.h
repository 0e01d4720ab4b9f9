/* The image name in a string of an event: the one thing that is taken out of texts, since it is the
 * same in every language. */
#pragma once

#include "base/str.h"

/* "VSTSKMGR.EXE" of "**\VSTSKMGR.EXE", of a path, or of a whole sentence that holds one of them;
 * the first that occurs.  False when there is none. */
bool image_token(struct str text, struct str *out);
