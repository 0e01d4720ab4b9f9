/* Options that name a target, shared by the verbs that need one. */
#pragma once

#include "cli/args.h"
#include "host/host.h"
#include "host/log_cache.h"

/* Rows of an option table. */
#define TARGET_OPTIONS                                                                             \
    {"root", "DIR",                                                                                \
     "Windows volume: a mounted image or an extracted collection; the volume in it "               \
     "is found by itself"},                                                                        \
        {"archive", "FILE", "collection zip, read without unpacking it"},                          \
        {"complete", NULL, "treat the target as a full volume: what is missing is absent"},        \
        {"collection", NULL, "treat it as a collection: what is missing was not collected"},       \
        {"at", "TIME", "reference time (RFC 3339) instead of the target's newest time"},           \
    {                                                                                              \
        "jobs", "N", "threads (default: all cores)"                                                \
    }

/* For verbs that read event logs. */
#define TARGET_CACHE_OPTION                                                                        \
    {                                                                                              \
        "cache", "DIR",                                                                            \
            "keep the indexes of event logs there, so that the next run reads new chunks only; "   \
            "not for archives or logs that were not closed"                                        \
    }

struct target_options {
    const char *root, *archive, *at_text, *cache;
    enum complete_choice complete;
    struct archive_limits limits;
    uint64_t at;
    unsigned jobs;
};

/* Takes the current option if it is one of the above: 1 taken, 0 not one of ours, -1 wrong (said
 * on stderr). */
int target_option(const struct args *a, struct target_options *t);

/* The cache in `dir`; NULL when none was asked for or it cannot serve (said on stderr: the run goes
 * on without). */
struct log_cache *target_cache(const char *verb, const char *dir);

/* Opens the target; on failure says why on stderr and returns the exit code, else 0. */
int target_open(const char *verb, const struct target_options *t, struct host **out);
