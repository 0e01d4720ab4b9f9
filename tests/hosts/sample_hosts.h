/* Whole Windows volumes for the tests and the demo, each with one story about KB71083.
 *
 * No clock, and no randomness but in keys (sample_pki.h): certificates and signatures differ from
 * process to process, everything else is the same bytes.  What a host says is in sample_hosts.c. */
#pragma once

#include "base/err.h"

#include <stddef.h>

/* "Now" of every host: its last event and its hives are a few minutes older. */
#define SAMPLE_HOST_NOW "2023-03-20T09:00:00Z"

/* Name of the host at `index`, NULL past the last; `story` (may be NULL) gets one line about it. */
const char *sample_host_name(size_t index, const char **story);

/* Writes the volume's files (Windows, Program Files, Users, ...) below `dir`, which is made. */
bool sample_host_write(const char *name, const char *dir, struct err *e);

/* What a file's signatures are worth on its host at SAMPLE_HOST_NOW, PKI_LIST_ROOT taken for a root
 * of Microsoft's lists. */
struct sample_signature {
    const char *host, *path; /* below C:, with '/' */
    const char *word;        /* "trusted", "bad_digest", ... */
    const char *source;      /* "embedded", "catalog", NULL: neither */
    const char *signer;      /* O of the leaf, NULL: nobody */
};

/* All that are worth naming; a Microsoft or McAfee file that is not here is trusted. */
const struct sample_signature *sample_signatures(size_t *count);
