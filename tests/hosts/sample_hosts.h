/* Whole Windows volumes for the tests and the demo, each with one story about KB71083.
 *
 * Same name, same bytes: no clock, no randomness.  What a host says is in sample_hosts.c. */
#pragma once

#include "base/err.h"

#include <stddef.h>

/* "Now" of every host: its last event and its hives are a few minutes older. */
#define SAMPLE_HOST_NOW "2023-03-20T09:00:00Z"

/* Name of the host at `index`, NULL past the last; `story` (may be NULL) gets one line about it. */
const char *sample_host_name(size_t index, const char **story);

/* Writes the volume's files (Windows, Program Files, Users, ...) below `dir`, which is made. */
bool sample_host_write(const char *name, const char *dir, struct err *e);
