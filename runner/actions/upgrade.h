/* What `upgrade.flag` and `upgrade.stage` do beside the registry, at the time of applying.
 *
 * Nothing here executes anything, and nothing is contacted or written unless the caller names
 * where:
 * --set upgrade.post=URL, upgrade.source=URL|DIR, upgrade.stage=DIR.  What is read is
 * action.details: product, have, to, package, sha256 (texts; have may be null). */
#pragma once

#include "model/plan.h"
#include "net/fetch.h"
#include "trust/trust.h"

/* Posts one JSON document (schema rectify.upgrade/1: plan digest, target, product, have, to,
 * rules) about an upgrade.flag action, gzip-compressed.  The Idempotency-Key is the SHA-256 of plan
 * digest and action, so that a repeated apply or a retry is one request to the receiver.  False:
 * the receiver did not take it; that undoes nothing, the caller says so. */
bool upgrade_post(struct str url, const struct plan *p, const struct action *action, struct err *e);

/* The document that upgrade_post() sends, and its key (64 hex digits and a NUL). */
bool upgrade_document(const struct plan *p, const struct action *action, struct sb *json,
                      char key[65], struct err *e);

/* Is the package of that name in the folder, with that SHA-256 (64 hex digits, any case)?  A folder
 * or a file that is not there is no; one that cannot be read, or a bad name, is a failure.  For the
 * planner: a staged package is no action. */
bool upgrade_is_staged(struct str stage, struct str package, struct str sha256, bool *out,
                       struct err *e);

struct upgrade_staging {
    struct str source;  /* DIR or http(s) URL that `package` is below */
    struct str stage;   /* DIR it goes into; made when it is not there, its parent must be */
    struct str package; /* a file name: no folders, nothing hidden */
    struct str sha256;  /* from the policy, 64 hex digits */
    /* Who judges the signature of a PE: the target.  Packages of other kinds (zip, MSI) carry no
     * signature that is read here; their SHA-256 in the policy is what vouches for them, and
     * `signature` says so. */
    struct trust *trust;
    const struct fetch_limits *limits; /* NULL = 4 GiB, four hours, a minute of silence, 5 tries */
};

struct upgrade_staged {
    struct str path;      /* of the staged file */
    struct str signature; /* "trusted: signed by McAfee, Inc." or why none was looked at */
    uint64_t size;
    bool present; /* it was there already, intact */
};

/* Gets the package, checks SHA-256, then the signature, and puts it into place whole: under its
 * name is the right file or none.  A PE whose signature is not trusted on the target is refused. */
bool upgrade_stage(const struct upgrade_staging *s, struct arena *a, struct upgrade_staged *out,
                   struct err *e);
