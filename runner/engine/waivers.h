/* Inside the engine: files of waivers, and what they do to results.
 *
 * A file is JSON: {"schema": "rectify.waivers/1", "waivers": [{"rule", "host", "reason",
 * "approver", "ticket", "expires", "observed", "verdicts"}, ...]}.  rule, host, reason, approver
 * and expires are required; what is misspelt or of another type is an error with file and line. */
#pragma once

#include "engine/engine.h"

enum { WAIVERS = 10000 };

/* Reads the files that the options name into the catalogue. */
bool waivers_load(const struct engine_options *options, struct catalogue *c, struct err *e);

/* One file's text, for tests and fuzzing. */
bool waivers_parse(struct span text, struct str file, struct arena *a, struct waiver **out,
                   size_t *count, struct err *e);

/* Turns findings that a waiver covers into VERDICT_WAIVED, recounts the summary, and notes what
 * became of every waiver that concerns the host.  `now` is the wall clock: the reference time comes
 * from the target, which could keep a waiver alive for ever. */
void waivers_apply(const struct catalogue *c, uint64_t now, struct arena *a,
                   struct run_report *run);

/* SHA-256 of the compact JSON {"text":...,"value":...} of what a finding observed. */
void waivers_digest(const struct observation *observed, char out[SHA256_HEX]);
