/* Is this file trusted by this host, at that time?  Decided from the host's own stores, lists and
 * catalogs alone (docs/design.md section 5, "signatures"); no network, no store of the machine that
 * runs us.
 *
 * Answers are words with the code Windows would give.  Revocation is never checked, and said so.
 *
 * A timestamp that does not count (not intact, or its chain does not hold) is as good as none: it
 * is not signed and could have been taken away.  What could not be read makes what rests on it
 * cannot_tell: unread root stores an untrusted root, unread Disallowed stores a trusted signature,
 * catalogs that are not there to be searched a file without signature.  A list whose own signature
 * does not verify is left out with a note, as Windows leaves it out.
 *
 * Threads: trust_open() and trust_close() by one; trust_file(), trust_bytes() and trust_root() by
 * any number at once, each with an arena of its own.  The host is locked inside of them; nobody
 * else may use it meanwhile.  Verdicts borrow from their arena and from the trust. */
#pragma once

#include "formats/authenticode.h"
#include "host/host.h"

enum trust_word {
    TRUST_TRUSTED,
    TRUST_UNSIGNED,
    TRUST_BAD_DIGEST,
    TRUST_UNTRUSTED_ROOT,
    TRUST_ROOT_OBTAINABLE, /* in a verified Microsoft list; Windows would fetch it on demand */
    TRUST_DISALLOWED,
    TRUST_EXPIRED,
    TRUST_NOT_YET_VALID,
    TRUST_WRONG_USAGE,
    TRUST_MALFORMED,
    TRUST_CANNOT_TELL
};

const char *trust_word_name(enum trust_word w);
uint32_t trust_word_code(enum trust_word w); /* 0x800B0109 ...; 0 for trusted and cannot_tell */

struct trust_certificate {
    struct str common_name, organisation, issuer, serial;
    char sha1[41], sha256[65];
    uint64_t not_before, not_after;
    struct str store; /* which store of the host holds it: "ROOT", "AuthRoot", ... or "message" */
    const char *key_algorithm; /* "RSA", "EC", "DSA", ...; NULL where it is not known */
    unsigned key_bits;         /* 0 where they are not known */
};

struct trust_signature {
    enum trust_word word;
    struct str reason;
    bool nested, from_catalog;
    struct str digest_algorithm;
    struct trust_certificate *chain; /* leaf first */
    size_t chain_count;
    struct str decided_by; /* "ROOT", "AuthRoot", "EncodedCtl", "Disallowed", ... */
    bool root_in_program;  /* the root is in a verified Microsoft list of this host or built in */
    bool updates_on;       /* root_obtainable: would be fetched */
    char obtainable[41];   /* root_obtainable: SHA-1 of the root that the list names */
    enum cms_timestamp_kind timestamp;
    uint64_t signed_at; /* timestamp's time, 0 = none */
    struct trust_certificate timestamper;
    uint64_t judged_at; /* the time the chain was judged at */
    struct str program_name;
    struct str *notes; /* "revocation not checked", page hashes, extra bytes in the table ... */
    size_t note_count;
};

enum trust_source { TRUST_SOURCE_NONE, TRUST_SOURCE_EMBEDDED, TRUST_SOURCE_CATALOG };

/* What Windows itself says, where one runs that can be asked (host_opinion): beside a verdict,
 * which it never changes. */
struct trust_opinion {
    bool asked;
    uint32_t code; /* 0 = trusted */
};

struct trust_verdict {
    enum trust_word word;
    uint32_t code;
    struct str reason;
    enum trust_source source;
    struct str catalog;                    /* path of the catalog that decided */
    struct span catalog_digest;            /* of the file, as that catalog holds it */
    const struct trust_signature *decided; /* among signatures, NULL when unsigned */
    struct trust_signature *signatures;    /* primary, nested, further table entries, catalogs */
    size_t signature_count;
    struct trust_opinion windows; /* trust_file() only */
    uint64_t at;                  /* reference time */
    char sha256[65];
};

struct trust;

/* Is told of every decision when it is made, for those who explain verdicts; nothing else may be
 * asked of the trust meanwhile. */
struct trust_observer {
    void (*file)(void *context, struct str path, enum fact_state state, struct str reason,
                 const struct trust_verdict *v);
    void (*root)(void *context, const char *sha1_hex, enum trust_word word, struct str decided_by);
    void *context;
};

struct trust_options {
    /* Refuse certificates signed with MD5 or SHA-1 (roots aside), whatever the Windows.  Without it
     * every generation accepts them, as those did that the policies are about. */
    bool strict_weak_algorithms;
    bool no_file_hash; /* leave trust_verdict.sha256 empty: half the hashing of a file */
    const struct trust_observer *observer; /* NULL = nobody; must outlive the trust */
    /* Tests only: roots that may sign lists beside Microsoft's. */
    X509 *const *list_roots;
    size_t list_root_count;
};

/* Reads stores and lists of the host; catalogs are indexed when first needed.  The host must
 * outlive it. */
bool trust_open(struct host *h, const struct trust_options *options, struct trust **out,
                struct err *e);
void trust_close(struct trust *t);

/* A file of the host; FACT_FOUND means `out` is filled. */
enum fact_state trust_file(struct trust *t, struct str winpath, enum reg_view view, struct arena *a,
                           struct trust_verdict *out, struct str *reason);

/* Bytes from anywhere, judged by this host (NULL path: no catalog lookup by name is involved
 * anyway). */
bool trust_bytes(struct trust *t, struct span bytes, struct arena *a, struct trust_verdict *out,
                 struct err *e);

/* ---- stores and lists, for `inspect certs`, rules and the diagnosis ---------------------------
 */

struct trust_stored {
    struct trust_certificate certificate;
    struct str store;    /* "ROOT", "AuthRoot", "CA", "Disallowed", "TrustedPublisher", ... */
    struct str location; /* "machine", "policy", "enterprise", "service:<name>" */
    struct str friendly_name;
    struct str usages;        /* EKU property, dotted OIDs joined by blanks; empty = all */
    uint64_t disabled_from;   /* property 104 */
    uint64_t not_before_from; /* property 126 */
    bool in_program;          /* in a verified list of Microsoft's roots, or one that is built in */
    struct evidence evidence;
    struct str damage; /* why the element could not be read, empty when it could */
    bool told;         /* a policy test says so */
};

struct trust_list {
    enum fact_state state;
    struct str reason; /* unreadable: why it does not count (signature, usage, chain) */
    struct str name;   /* "EncodedCtl", "DisallowedCertEncodedCtl" */
    size_t entries;
    uint64_t this_update;
    struct str sequence; /* hex */
    uint64_t last_sync;
    enum fact_state sync_state; /* of the value that holds it */
    struct str sync_reason;
    struct evidence evidence;
};

/* A store whose certificates could not be listed: what `stored` lacks. */
struct trust_unread {
    struct str store;    /* empty: it may be any */
    struct str location; /* as in struct trust_stored */
    enum fact_state state;
    struct str reason;
};
enum { TRUST_UNREAD_MAX = 64 };

struct trust_state {
    struct trust_stored *stored;
    size_t stored_count;
    struct trust_unread unread[TRUST_UNREAD_MAX];
    size_t unread_count;
    struct trust_list authroot, disallowed;
    enum fact_state stores_state; /* SOFTWARE readable? */
    struct str stores_reason;
    bool updates_on, disallowed_updates_on;
    bool updates_unread;    /* whether they are on is not known */
    struct str updates_why; /* which value switches them off */
    struct str root_dir_url;
};
const struct trust_state *trust_state(const struct trust *t);

/* Is the root with this SHA-1 thumbprint (40 hex digits) present in a root store, obtainable from a
 * verified list, disallowed, or neither? */
enum trust_word trust_root(struct trust *t, const char *sha1_hex, struct str *decided_by);
