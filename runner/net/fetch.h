/* Downloads and posts with libcurl, within limits (docs/design.md section 12, "Network").
 *
 * http and https only; at most 3 redirects, never from https to http; caps on size and time; no
 * netrc; proxies from the environment unless elevated.  What arrives is hostile bytes. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct fetch_limits {
    uint64_t bytes;         /* of the body; 0 = 64 MiB */
    unsigned seconds;       /* for the whole; 0 = 300 */
    unsigned stall_seconds; /* without a byte; 0 = 30 */
    unsigned tries;         /* 0 = 3: server errors, timeouts and cut connections are retried, and
                               resumed where the server can */
};

/* The body of `url` in memory. */
bool fetch_bytes(struct str url, const struct fetch_limits *limits, struct arena *a,
                 struct span *out, struct err *e);

/* One JSON document, gzip-compressed, with an Idempotency-Key; 2xx is success. */
bool fetch_post_json(struct str url, struct span json, struct str idempotency_key,
                     const struct fetch_limits *limits, struct err *e);
