/* Where in a target the Windows volume is: the layouts of mounted images and triage collections. */
#pragma once

#include "host/node.h"

/* Sets t->volume, t->drive and t->escaped; `windows` is the name of Windows' folder there.  None
 * and several are errors that name what was seen.  Links are not followed on the way to a volume.
 */
bool find_volume(struct node_tree *t, struct str *windows, struct err *e);
