/* PKCS #7 / CMS SignedData as Windows uses it: Authenticode, catalogs, CTLs, timestamps.
 *
 * ASN.1 and cryptography are libcrypto's.  What is checked here is the mathematics of one message:
 * the content's digest equals the messageDigest attribute, and the signer's key made the signature
 * over the attributes.  Whether the signer is trusted is the business of trust/.
 *
 * Certificates of a message are at most CMS_CERTIFICATES, of at most CERT_SIZE bytes, with RSA keys
 * of at most CERT_RSA_BITS and named curves only; anything beyond makes the signature unusable
 * ("limit"), never a crash or a minute of arithmetic. */
#pragma once

#include <openssl/x509.h>

#include "base/arena.h"
#include "base/str.h"

enum { CMS_CERTIFICATES = 64, CERT_SIZE = 64 * 1024, CERT_RSA_BITS = 16384, CMS_SIGNERS = 8 };

struct cms;

enum cms_timestamp_kind { TIMESTAMP_NONE, TIMESTAMP_LEGACY, TIMESTAMP_RFC3161 };

struct cms_timestamp {
    enum cms_timestamp_kind kind;
    uint64_t time;  /* FILETIME */
    bool intact;    /* covers this signature, digest and signature verify */
    struct str why; /* not intact: what is wrong */
    X509 *signer;   /* borrowed from the cms; NULL when not among the certificates */
    struct str digest_algorithm;
};

struct cms_signer {
    X509 *certificate;           /* borrowed; NULL when not among the certificates */
    struct str issuer, serial;   /* as the message names it; serial in lower-case hex */
    struct str digest_algorithm; /* "sha1", "sha256", "md5", ... or the dotted OID */
    bool digest_ok;              /* messageDigest equals the digest of the content */
    bool signature_ok;           /* the signer's key verifies */
    struct str why;              /* when one of them is false */
    bool undecided; /* neither was computed: an algorithm or a key that is not understood */
    struct str program_name, program_url; /* SpcSpOpusInfo */
    struct cms_timestamp timestamp;       /* the first intact one, else the first */
    struct span *nested;                  /* DER of nested SignedData (1.3.6.1.4.1.311.2.4.1) */
    size_t nested_count;
};

/* Parses and verifies; `der` may be followed by padding (`extra` gets how many bytes).  Digests and
 * signatures are computed here, once. */
bool cms_open(struct span der, struct cms **out, struct err *e);

/* The same, asking for certificates that may be known already: `get` gives a new reference to the
 * certificate with this encoding (at most CERT_SIZE bytes), NULL when it is none. */
struct cms_known {
    X509 *(*get)(void *context, struct span der);
    void *context;
};
bool cms_open_known(struct span der, const struct cms_known *known, struct cms **out,
                    struct err *e);
void cms_close(struct cms *c);

/* The same for a message nested in `outer` (cms_signer.nested).  Those of trust lists carry no
 * content of their own: they are signatures over the outer message's content element, tag and
 * length included. `outer` may be closed afterwards. */
bool cms_open_nested(struct span der, const struct cms *outer, struct cms **out, struct err *e);

/* The message carries no content of its own. */
bool cms_detached(const struct cms *c);

struct str cms_content_type(const struct cms *c); /* dotted OID */

/* The content's octets without tag and length: what messageDigest covers; and the whole element. */
struct span cms_content(const struct cms *c);
struct span cms_content_element(const struct cms *c);

size_t cms_signer_count(const struct cms *c);
const struct cms_signer *cms_signer(const struct cms *c, size_t i);

/* Every certificate of the message and of its timestamps; borrowed. */
size_t cms_certificate_count(const struct cms *c);
X509 *cms_certificate(const struct cms *c, size_t i);
size_t cms_extra(const struct cms *c);

/* Names of a certificate, UTF-8 in the arena: first CN and O of the subject. */
struct str cert_common_name(X509 *x, struct arena *a);
struct str cert_organisation(X509 *x, struct arena *a);
struct str cert_issuer_name(X509 *x, struct arena *a); /* CN, else O, of the issuer */
struct str cert_serial(X509 *x, struct arena *a);      /* lower-case hex, as stored */
/* FILETIME; false, both 0, when one of them cannot be read. */
bool cert_validity(X509 *x, uint64_t *not_before, uint64_t *not_after);
bool cert_hash(X509 *x, const char *algorithm, uint8_t out[64], size_t *len); /* of the DER */

/* A certificate from DER within the caps above; the caller frees it. */
X509 *cert_parse(struct span der, struct err *e);
