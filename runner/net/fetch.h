/* Downloads and posts with libcurl, within limits (docs/design.md section 12, "Network").
 *
 * http and https only; at most FETCH_REDIRECTS redirects, never from https to http; caps on size
 * and time; no user names in URLs, no netrc.  Proxies come from the environment (http_proxy,
 * https_proxy, no_proxy), unless the process is elevated (net/elevated.h).  What arrives is hostile
 * bytes: whoever asked for it verifies it.
 *
 * Server errors (408, 425, 429, 500, 502, 503, 504), refused, cut and silent connections are tried
 * again after a pause that doubles; a cut download goes on where it was cut when the server still
 * has the same file (If-Range with its ETag or Last-Modified), else it begins anew.
 *
 * A client belongs to one thread and keeps connections open between calls. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { FETCH_REDIRECTS = 3 };

struct fetch_limits {
    uint64_t bytes;         /* of a body; 0 = 64 MiB */
    unsigned seconds;       /* for the whole, tries and pauses included; 0 = 300 */
    unsigned stall_seconds; /* without a byte; 0 = 30 */
    unsigned tries;         /* 0 = 3 */
    unsigned pause_ms;      /* before the second try; 0 = 500 */
    const char *ca_file;    /* who vouches for https servers; NULL = whom the system trusts */
    /* Asked about once a second: true gives up.  NULL = never; a signal that ends the process needs
     * nothing from here. */
    bool (*stop)(void *context);
    void *stop_context;
};

struct fetch;

/* "libcurl/7.88.1 OpenSSL/3.0.17 zlib/1.2.13 ...": for --version. */
const char *fetch_release(void);

bool fetch_open(const struct fetch_limits *limits, struct fetch **out, struct err *e);
void fetch_close(struct fetch *f);

/* Does the text begin like an http or https URL? */
bool fetch_is_url(struct str text);
/* The URL of `name` below a folder's URL, which may or may not end in '/'. */
struct str fetch_below(struct str folder, struct str name, struct arena *a);

/* The body of `url` in memory.  ERR_NOT_FOUND: the server has no such file (404, 410). */
bool fetch_bytes(struct fetch *f, struct str url, uint64_t max_bytes, struct arena *a,
                 struct span *out, struct err *e);

/* The body, piece by piece.  restart() comes before the first piece and whenever what was given so
 * far is void; `total` is 0 when the server does not say. */
struct fetch_sink {
    bool (*restart)(void *context, uint64_t total, struct err *e);
    bool (*put)(void *context, struct span bytes, struct err *e);
    void *context;
};
bool fetch_to(struct fetch *f, struct str url, uint64_t max_bytes, const struct fetch_sink *sink,
              struct err *e);

/* One JSON document, gzip-compressed, with an Idempotency-Key, so that a repeated request counts
 * once; 2xx is success.  307 and 308 are followed, other redirects are not: they would turn the
 * document into a plain GET. */
bool fetch_post_json(struct fetch *f, struct str url, struct span json, struct str idempotency_key,
                     struct err *e);
