/* Signs sample artefacts as Windows' own tools do: Authenticode signatures in Portable Executables
 * and the PKCS #7 wrapper of catalogs and trust lists.  Written against the Authenticode PE paper,
 * RFC 2315 and RFC 3161, sharing nothing with the code that reads them. */
#pragma once

#include "out.h"
#include "sample_pki.h"

enum sign_digest { SIGN_SHA1, SIGN_SHA256 };
enum sign_stamp { STAMP_NONE, STAMP_LEGACY, STAMP_RFC3161 };

enum { SIGN_DIGEST_MAX = 32 };

struct sign_spec {
    enum pki_id leaf;
    enum sign_digest digest;
    enum sign_stamp stamp; /* by PKI_TSA */
    const char *stamped;   /* date, "2011-06-01" */
    const char *program, *url;
    const struct sign_spec *nested; /* a second signature inside the first */
    bool break_stamp;               /* the timestamp is of something else */
};

size_t sign_digest_size(enum sign_digest d);
const char *sign_digest_oid(enum sign_digest d);
void sign_hash(enum sign_digest d, struct span s, uint8_t out[SIGN_DIGEST_MAX]);

/* What Authenticode hashes of an image: all but checksum, certificate table and its directory
 * entry, padded to eight bytes. */
void sign_image_hash(const struct sb *image, enum sign_digest d, uint8_t out[SIGN_DIGEST_MAX]);

/* SpcIndirectDataContent of a PE or of any other file. */
void sign_indirect_data(struct sb *b, bool pe, enum sign_digest d, const uint8_t *digest);

/* ContentInfo with SignedData around one DER value of type `content_type`. */
void sign_content(const struct sign_spec *spec, const char *content_type, struct span content,
                  struct sb *out);

/* Appends a certificate table with one entry per spec and renews the checksum. */
void sign_image(struct sb *image, const struct sign_spec *const *table, size_t entries);
