/* Inside of cms.c: one signer's mathematics, its attributes, its timestamps. */
#pragma once

#include <openssl/pkcs7.h>

#include "formats/cms.h"

/* The certificates of a message, each once; references are held. */
struct cms_certificates {
    X509 *items[CMS_CERTIFICATES];
    size_t count;
    const struct cms_known *known; /* NULL = none */
};
bool cms_keep_certificate(struct cms_certificates *list, X509 *x);

/* A message in two: what is left without the certificates, and these.  False: not in DER, or out
 * of memory; it is then parsed whole. */
struct cms_split {
    struct span rest, certificates;
    size_t length; /* of the message */
};
bool cms_split(struct span der, struct arena *a, struct cms_split *out);
bool cms_keep_split(struct cms_certificates *list, struct span certificates, struct err *e);

/* Whether an RSA signature may hold the digest alone instead of a DigestInfo.  VeriSign's (later
 * Symantec's) timestamp service made its PKCS #9 countersignatures so until it was switched off,
 * and Windows takes them; nothing else may. */
enum cms_padding { CMS_DIGEST_INFO, CMS_DIGEST_INFO_OR_BARE };

/* Digest and signature of `info` over `content`; fills certificate, names and results. */
void cms_check_signer(PKCS7_SIGNER_INFO *info, struct span content, enum cms_padding padding,
                      const struct cms_certificates *certificates, struct arena *a,
                      struct cms_signer *out);

/* Program name, nested signatures. */
void cms_read_attributes(PKCS7_SIGNER_INFO *info, struct arena *a, struct cms_signer *out);

/* The first timestamp that is intact, else the first; adds the certificates of RFC 3161 tokens. */
void cms_check_timestamps(PKCS7_SIGNER_INFO *info, struct cms_certificates *certificates,
                          struct arena *a, struct cms_timestamp *out);

/* Does `x` have a key that may be used: RSA up to CERT_RSA_BITS, or a named curve. */
bool cms_key_allowed(EVP_PKEY *key, struct str *why);

/* "sha1", ... or the dotted OID of an algorithm. */
struct str cms_algorithm_name(const X509_ALGOR *algorithm, struct arena *a);
