/* Writes into the registry of the running Windows: the backend that the gate makes a writer of.
 *
 * Each change is made at once, through the 64-bit view (places have Wow6432Node written out);
 * commit flushes what was changed to the disk and has certificate stores take up what was written
 * to their keys.  A power cut before commit may lose changes that were made: the journal says
 * WRITING until commit has returned, so that resume makes them again.  Windows sets keys' times.
 *
 * Comparing and setting are two calls: what somebody else writes to the same value between them is
 * not noticed.  Keys that a registry link leads to are neither read nor written. */
#pragma once

#include "actions/writer.h"

/* What Windows says of this process; what it does not say counts against it. */
struct writer_live_process {
    bool wow64_known, wow64; /* the 32-bit build on a 64-bit Windows, which shows it other keys */
    bool elevation_known, elevated;
    bool administrator; /* one whose membership counts; SYSTEM is one */
};

/* Whether a process of that kind may change the host: an elevated administrator, of the build that
 * sees the real registry.  ERR_DENIED or ERR_UNSUPPORTED say what to do. */
bool writer_live_decide(const struct writer_live_process *p, struct err *e);

/* Asked of Windows.  The rest is Windows only too. */
bool writer_live_allowed(struct err *e);

bool writer_live_open(const struct writer_ops **ops, void **backend, struct err *e);
