/* Inside of trust/: what its files share.
 *
 * Order: trust_open() reads the stores (stores.c), then the lists (lists.c), then judges which
 * certificates are disallowed.  From then on the stores, the lists and every pooled certificate are
 * immutable, and only these change, each under its own lock:
 *   host_lock  every call of the host (which is not thread-safe), and making the catalog index
 *   pool.lock  the table of certificates and the table of verified links
 *   catalog.lock (one each)  verifying a catalog, once
 * Locks are never nested but host_lock inside catalog.lock. */
#pragma once

#include <openssl/x509.h>
#include <pthread.h>

#include "formats/certstore.h"
#include "formats/ctl.h"
#include "trust/trust.h"

enum {
    CHAIN_DEPTH = 12,  /* certificates of a path */
    CHAIN_PATHS = 64,  /* paths looked at for one certificate */
    CHAIN_CHECKS = 64, /* signatures of certificates checked for one certificate */
    POOL_CERTIFICATES = 1 << 15,
    POOL_LINKS = 1 << 17
};

/* ---- certificates (pool.c) ------------------------------------------------------------------ */

enum usage {
    USAGE_CODE = 1,
    USAGE_TIMESTAMP = 2,
    USAGE_LIST = 4, /* root list signer */
    USAGE_DISALLOWED_LIST = 8,
    USAGE_LIFETIME = 16,
    USAGE_ANY = 32
};

/* Where a certificate stands as a root, strongest first. */
enum anchor { ANCHOR_NONE, ANCHOR_AUTHROOT, ANCHOR_ROOT };

struct pooled {
    struct pooled *next_hash, *next_subject;
    X509 *x;
    uint8_t sha1[20], sha256[32];
    uint64_t not_before, not_after;
    uint32_t usages; /* bits of enum usage */
    bool has_usages; /* the extension is there; without it everything is allowed */
    bool is_ca, has_constraints, self_issued, unknown_critical;
    bool may_sign_certificates; /* keyUsage */
    bool indexed;               /* found by its subject */
    bool transient;             /* not in the pool: owned by one evaluation */
    int path_length;            /* -1 = none */
    struct str store;           /* "ROOT", "policy AuthRoot", ... of the store that holds it */
    enum anchor anchor;
    const struct cert_element *element; /* with the anchor's properties */
    struct str disallowed_by;           /* "Disallowed", "DisallowedCertEncodedCtl", empty = not */
};

struct link {
    const struct pooled *child, *issuer;
    bool verifies;
};

struct pool {
    pthread_mutex_t lock;
    struct pooled **by_hash;
    size_t count;
    struct link *links; /* open addressing, POOL_LINKS slots, made when first needed */
    size_t link_count;
    struct pooled **by_subject; /* certificates of stores only; immutable after opening */
};

bool pool_init(struct pool *p, struct err *e);
void pool_done(struct pool *p);

/* The pooled certificate equal to `x`; a new one is filled and takes a reference.  When the pool is
 * full the answer is transient and belongs to the caller (pool_free).  NULL: out of memory. */
struct pooled *pool_get(struct trust *t, X509 *x);
void pool_free(struct pooled *c);
/* For cms_open_known(): the certificates of messages come from the pool of `context`, a trust. */
X509 *pool_get_der(void *context, struct span der);
struct pooled *pool_find_sha1(const struct pool *p, const uint8_t sha1[20]);

/* Opening only: lets issuers be found by subject. */
void pool_index_subject(struct pool *p, struct pooled *c);
/* First store certificate whose subject may be `name`; go on with next_subject. */
struct pooled *pool_by_subject(const struct pool *p, const X509_NAME *name);

/* Did `issuer` sign `child`?  `checks` counts down when arithmetic is done. */
bool pool_link(struct trust *t, const struct pooled *child, const struct pooled *issuer,
               size_t *checks);

/* After the lists were read: what they disallow among the certificates known so far. */
void pool_rejudge(struct trust *t);

void pool_describe(const struct pooled *c, struct arena *a, struct trust_certificate *out);

/* ---- lists (lists.c, list_roots.c) ------------------------------------------------------------
 */

struct list_root {
    const char *name;
    struct span key; /* SubjectPublicKeyInfo */
    uint64_t not_before, not_after;
};
/* Alone in its file, so that a program of the tests can bring its own. */
const struct list_root *list_roots(size_t *count);

struct list_entry {
    struct ctl_entry entry;
    struct span name_md5, key_id; /* properties 29 and 20 */
};

struct list {
    struct cms *message;
    struct ctl ctl;
    struct list_entry *entries; /* sorted by id */
    size_t count;
    bool usable;
};

/* Is `der` a list for this usage, signed by somebody who may (bits of enum usage) on a chain to
 * one of Microsoft's list roots?  Fills message, ctl and entries of `l`. */
bool list_verify(struct trust *t, struct span der, const char *usage, uint32_t usages,
                 struct list *l, struct err *e);
#define LIST_USAGE_ROOTS "1.3.6.1.4.1.311.10.3.9"
#define LIST_USAGE_DISALLOWED "1.3.6.1.4.1.311.10.3.30"
/* An entry of a list of the disallowed that means this certificate; NULL = none. */
const struct ctl_entry *list_names(const struct list *disallowed, X509 *x, const uint8_t sha1[20]);
void lists_read(struct trust *t);
void lists_close(struct trust *t);
const struct ctl_entry *list_find(const struct list *l, struct span id);
/* An entry of the verified root list that names a root with this subject, whose certificate need
 * not be there; NULL when there is none. */
const struct ctl_entry *lists_obtainable(const struct trust *t, const X509_NAME *subject,
                                         struct span key_id);
bool lists_in_program(const struct trust *t, const struct pooled *root);
struct str lists_disallow_thumbprint(const struct trust *t, const uint8_t sha1[20]);
/* Name of what disallows the certificate, empty when nothing does. */
struct str lists_disallow(const struct trust *t, X509 *x, const uint8_t sha1[20]);

/* ---- stores (stores.c) ------------------------------------------------------------------------
 */

struct refused {
    uint8_t id[64];
    size_t len; /* 20: thumbprint or signature hash */
};

void stores_read(struct trust *t);
void updates_read(struct trust *t);

/* ---- chains (chain.c) -------------------------------------------------------------------------
 */

struct chain_question {
    struct pooled *leaf;
    struct pooled *const *message; /* certificates that came with the signature */
    size_t message_count;
    enum usage usage;
    uint64_t at;
    bool timestamped; /* `at` is a timestamp's */
};

struct chain_answer {
    enum trust_word word;
    struct str reason, decided_by;
    const struct pooled *path[CHAIN_DEPTH];
    size_t count;
    bool in_program, limit;
    const struct ctl_entry *obtainable; /* root_obtainable: the root in the list */
    struct str notes[4];
    size_t note_count;
};

void chain_judge(struct trust *t, const struct chain_question *q, struct arena *a,
                 struct chain_answer *out);

/* ---- signatures and catalogs ------------------------------------------------------------------
 */

/* Everything about one SignedData but the digest of the file: signer 0, timestamp, chain. */
void signature_judge(struct trust *t, const struct cms *message, struct arena *a,
                     struct trust_signature *out);
/* Makes `word` the signature's when it outranks the present one. */
void signature_lower(struct trust_signature *s, enum trust_word word, struct str reason);
void signature_note(struct trust_signature *s, struct arena *a, struct str note);

struct catalogs;
void catalogs_close(struct catalogs *c);
/* Which digests the index holds at all; makes it when first asked. */
void catalogs_sizes(struct trust *t, bool *sha1, bool *sha256);
/* Signatures of catalogs that hold one of the digests, best first; at most `max`. */
struct catalog_hit {
    struct str path;
    struct trust_signature signature;
    struct span digest; /* the one that it holds, among those that were asked for */
};
size_t catalogs_find(struct trust *t, const struct span *digests, size_t count, struct arena *a,
                     struct catalog_hit *out, size_t max);
/* FOUND: searched; otherwise why there was nothing to search. */
enum fact_state catalogs_state(struct trust *t, struct str *reason);

/* ---- policy tests (told.c): what a memory host says in place of bytes ----------------------- */

bool told_verdict(struct trust *t, const struct told_file *f, struct arena *a,
                  struct trust_verdict *out, struct err *e);
bool told_in_program(const struct trust *t, const char *sha1);
void told_stored(const struct told_certificate *c, struct trust_stored *out);
/* False: nothing was said of the thumbprint (40 hexadecimal digits in lower case). */
bool told_root(const struct trust *t, const char *sha1, enum trust_word *out, struct str *by);

struct trust {
    struct host *host;
    pthread_mutex_t host_lock;
    struct trust_options options;
    struct arena mem; /* opening, and the catalog index under host_lock */
    struct trust_state state;
    struct pool pool;
    struct cms_known known; /* the pool, for parsing messages */
    struct list authroot, disallowed;
    const struct told_list *told_roots;
    struct refused *refused; /* elements of Disallowed stores, sorted */
    size_t refused_count, refused_cap;
    size_t stored_cap;
    /* Worst state of the stores that a `trusted` (disallowed) or an `untrusted_root` (roots) rests
     * on; FOUND and ABSENT both mean read. */
    enum fact_state disallowed_state, roots_state;
    struct str disallowed_reason, roots_reason;
    struct catalogs *catalogs;
    uint64_t at;
    unsigned nt;
    bool padding_check;
    bool differs_noted; /* under host_lock */
};
