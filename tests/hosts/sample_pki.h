/* Sample certification authorities and the certificates below them.
 *
 * Keys are made with OpenSSL when first asked for, once in a process, and are never written
 * anywhere: signed artefacts therefore differ from run to run.  What comes back lives as long as
 * the process.  Safe for several threads.  Every name of an authority ends in "(sample)", so that
 * nobody takes one for the real one; a publisher's O is what the rules look for. */
#pragma once

#include "base/bytes.h"

#include <openssl/x509.h>

enum pki_id {
    PKI_MS_ROOT, /* store ROOT */
    PKI_MS_PCA,
    PKI_MS_WINDOWS, /* signs catalogs */
    PKI_MS_CODE,    /* signs files */
    PKI_VS_ROOT,    /* store AuthRoot */
    PKI_VS_CA,
    PKI_MCAFEE,
    PKI_CONTOSO,
    PKI_EMC,
    PKI_MCAFEE_EXPIRED,  /* ended in 2012 */
    PKI_MCAFEE_LIFETIME, /* ended in 2012, and no timestamp extends it */
    PKI_MCAFEE_FUTURE,   /* begins in 2030 */
    PKI_MCAFEE_SERVER,   /* for servers, not for code */
    PKI_BAD_CA,          /* store Disallowed, on some hosts */
    PKI_MCAFEE_BAD,      /* issued by it */
    PKI_FRAUD,           /* "Microsoft Corporation" by a deceived authority: always disallowed */
    PKI_TSA_ROOT,        /* store AuthRoot */
    PKI_TSA,
    PKI_CORP_ROOT, /* group policy's ROOT */
    PKI_CORP_CODE,
    PKI_FORGED_ROOT, /* called like PKI_MS_ROOT, in no store */
    PKI_FORGED_CODE,
    PKI_FORGED_LIST,
    PKI_LIST_ROOT, /* stands for Microsoft's list-signing roots: trust_options.list_roots */
    PKI_LIST_CA,
    PKI_LIST_SIGNER,
    PKI_ELSEWHERE_ROOT, /* in no store, only in lists */
    PKI_ELSEWHERE_CODE,
    PKI_COUNT
};

struct pki_cert {
    X509 *x509;
    EVP_PKEY *key;
    const struct pki_cert *issuer; /* itself: a root */
    struct span der;
    uint8_t sha1[20];
    char sha1_hex[41]; /* upper case, as keys of stores are called */
};

const struct pki_cert *pki(enum pki_id id);
