/* Inside the engine: certificates that stores of the host hold, by what policies call them. */
#pragma once

#include "engine/evaluate.h"

enum stored_by { STORED_BY_SHA1, STORED_BY_SHA256, STORED_BY_SUBJECT /* common name, glob */ };

/* The first such certificate in `store` (empty: in any but Disallowed), or NULL. */
const struct trust_stored *stored_find(const struct trust_state *s, struct str store,
                                       enum stored_by by, struct str text);

/* Whether all of the store could be read, so that "not found" means "not there"; the keys that were
 * looked at are added to the evidence.  `sha1` (or empty) is the certificate that was looked for.
 */
bool stored_whole(const struct evaluation *v, const struct trust_state *s, struct str store,
                  struct str sha1, struct evidence_list *evidence, struct str *why);

void want_stored(const struct evaluation *v, const struct want *w, const struct trust_state *s,
                 struct result *out);
