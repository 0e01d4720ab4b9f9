/* Writes into the registry of the running Windows: the backend that the gate makes a writer of.
 *
 * Each change is made at once, through the 64-bit view (places have Wow6432Node written out);
 * commit flushes what was changed to the disk and has certificate stores take up what was written
 * to their keys.  A power cut before commit may lose changes that were made: the journal says
 * WRITING until commit has returned, so that resume makes them again.  Windows sets keys' times.
 *
 * Comparing and setting are two calls: what somebody else writes to the same value between them is
 * not noticed.  Windows only. */
#pragma once

#include "actions/writer.h"

/* Whether this process may change the host at all: an elevated administrator, of the build that
 * sees the real registry.  ERR_DENIED says what to do. */
bool writer_live_allowed(struct err *e);

bool writer_live_open(const struct writer_ops **ops, void **backend, struct err *e);
