/* Catalogs (.cat) and certificate trust lists, signed: both are a CertificateTrustList ([MS-CAESO])
 * in SignedData. */
#pragma once

#include "signer.h"

struct catalog_member {
    const char *name; /* NULL: a member of which only the digest is known */
    bool pe;          /* else a file hashed as it lies */
    uint8_t sha1[SIGN_DIGEST_MAX], sha256[SIGN_DIGEST_MAX];
};

/* Version 1 lists SHA-1 digests, tagged by their hexadecimal text; version 2 SHA-256, tagged by the
 * digest itself. */
void catalog_write(bool version2, const struct catalog_member *members, size_t count,
                   const struct sign_spec *spec, struct sb *out);

struct ctl_entry {
    enum pki_id id;
    const char *friendly_name;
    uint64_t disabled, not_before; /* properties 104 and 126; 0: left out */
};

/* The list of trusted roots, as authroot.stl. */
void ctl_write_roots(const struct ctl_entry *entries, size_t count, uint64_t this_update,
                     const struct sign_spec *spec, struct sb *out);

/* The list of disallowed certificates, as disallowedcert.stl: entries are signature hashes. */
void ctl_write_disallowed(const enum pki_id *ids, size_t count, uint64_t this_update,
                          const struct sign_spec *spec, struct sb *out);
