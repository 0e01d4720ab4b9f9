/* Certificate stores in a hive: one key per certificate, its value Blob a list of property records
 * (u32 id, u32 1, u32 length, bytes) that ends with the certificate itself, record 32 ([MS-GPEF]
 * 2.2.3). */
#pragma once

#include "hive_writer.h"
#include "sample_pki.h"

struct cert_properties {
    const char *friendly_name;
    const char *usage_oid[3];  /* property 9; none: left out */
    uint64_t disabled;         /* 104; 0: left out */
    uint64_t not_before;       /* 126 */
    bool no_certificate;       /* properties only */
    bool wrong_thumbprint_key; /* the key is called otherwise */
};

/* Below `path` (".\\SystemCertificates\\ROOT"); `p` may be NULL. */
void cert_store_add(struct hive *h, const char *path, enum pki_id id,
                    const struct cert_properties *p);

/* Property 15: SHA-256 (as the signature's own) of what the issuer signed. */
void cert_store_signature_hash(const struct pki_cert *c, uint8_t out[32]);
