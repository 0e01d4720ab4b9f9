/* Large artefacts for benchmarks.  Internal to mkhosts. */
#pragma once

#include "base/err.h"

struct large_log {
    uint64_t records;
    uint64_t record_bytes; /* of each, about, at most 4000; 0: a mix of 280 to 750 */
    uint64_t days;         /* that the records spread over, up to the hosts' now */
};

/* A System log.  Records of one size: nine in ten are service messages, one is of mfehidk; the rest
 * of each is Binary. */
bool large_evtx(const char *path, const struct large_log *log, struct err *e);

/* A SOFTWARE hive of about that size. */
bool large_hive(const char *path, uint64_t megabytes, struct err *e);

/* Folders of lists and certificates as mirrors have them, whose signer is PKI_LIST_ROOT's, and that
 * root as list-root.der: current/ (10 days before the hosts' now), older/ (400 days), distrusting/
 * (disables the root of McAfee's files), forged/ (signed by somebody else). */
bool sample_lists(const char *dir, struct err *e);

struct signed_volume {
    uint64_t files;     /* half signed themselves, half in one of 300 catalogs */
    uint64_t megabytes; /* in all, about */
};

/* The host "healthy" with that many files more below Windows\System32\Signed. */
bool signed_volume(const char *dir, const struct signed_volume *want, struct err *e);
