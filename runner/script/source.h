/* Finds a field in the text of a constructor, so that messages name the field's own line. */
#pragma once

#include "script/sandbox.h"

/* The line of `name =` directly inside the first braces at or after line `from`; `from` itself when
 * it is not found. */
int source_field_line(struct span text, int from, struct str name);
