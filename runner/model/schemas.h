/* Every field table there is, for those who document the language or look at its text. */
#pragma once

#include "model/schema.h"

extern const struct schema *const schemas[]; /* ends with NULL */

/* Of the constructor that is written so, or NULL. */
const struct schema *schema_find(struct str name);
