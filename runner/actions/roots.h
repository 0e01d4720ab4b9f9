/* Refreshing root certificates: where Microsoft's lists come from, and what they change on a host.
 *
 * A source is a folder, the URL of a mirror, or Windows Update itself.  Whatever it gives is
 * hostile until its own signature verifies: a list counts only when it is signed, up to Microsoft's
 * list-signing roots, with the right usage, and is not older (sequence number, then ThisUpdate)
 * than the one the host holds; a certificate only when it hashes to what the list says. */
#pragma once

#include "model/plan.h"
#include "net/fetch.h"
#include "trust/trust.h"

struct roots_source;

struct roots_options {
    struct str source;       /* "DIR", "http(s)://...", "windows-update"; see roots_source_of() */
    X509 *const *list_roots; /* tests only, as in trust_options */
    size_t list_root_count;
    const struct fetch_limits *limits; /* NULL = those of fetch.h */
};

/* "root-dir-url" is where the host itself is told to get its lists (RootDirUrl, an http(s) URL or
 * file://...), and is taken from a live host only: whoever made an image chooses no address for us.
 * Any other source is itself. */
bool roots_source_of(struct str source, const struct target_info *target,
                     const struct trust_state *state, struct arena *a, struct str *out,
                     struct err *e);

/* Reads or fetches the two lists and verifies them; certificates come when asked for. */
bool roots_source_open(const struct roots_options *o, struct roots_source **out, struct err *e);
void roots_source_close(struct roots_source *s);

/* The changes that bring the host's lists and roots to the source's, against what it holds now:
 * EncodedCtl, DisallowedCertEncodedCtl, their sync times (`reference_time`, so that planning twice
 * gives the same bytes), AuthRoot certificates that are `needed` (SHA-1, 40 hex digits) and not
 * there, properties of those that are.  Fills changes, title, note and details of `out`; no
 * changes: the host is up to date.  Everything in `out` belongs to `a` and outlives the source.
 * False: the source's lists cannot be used ("older than the host's"). */
bool roots_refresh(struct roots_source *s, struct trust *t, struct host *h,
                   const struct str *needed, size_t needed_count, uint64_t reference_time,
                   struct arena *a, struct action *out, struct err *e);

/* `rectify roots mirror DIR`: lists and every certificate in them, verified, each file put in place
 * whole, the lists last.  What is there already and right is not fetched again.  Counts what was
 * fetched and what was there; `missing` are certificates that the source does not have. */
struct roots_mirror {
    size_t fetched, present;
    struct str *missing; /* "SHA1 Friendly name" */
    size_t missing_count;
    struct str roots, disallowed; /* "2025-06-16, sequence 14...", empty = the source has none */
    struct str *notes;
    size_t note_count;
};
bool roots_mirror(struct roots_source *s, const char *dir,
                  void (*progress)(void *context, size_t done, size_t total), void *context,
                  struct arena *a, struct roots_mirror *out, struct err *e);

/* What is contacted or read: the folder, or the URL that the files are below. */
struct str roots_source_place(struct str source);
