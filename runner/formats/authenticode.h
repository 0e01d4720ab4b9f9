/* Signatures in PE files: the certificate table and the digest that they cover.
 *
 * The digest leaves out the CheckSum field, the certificate table's directory entry, and the table
 * itself; bytes between the last section and the table, and behind the table, count as Windows
 * counts them. */
#pragma once

#include "formats/cms.h"
#include "formats/pe.h"

enum {
    AUTHENTICODE_ENTRIES = 16,
    AUTHENTICODE_NESTED = 16,
    AUTHENTICODE_PKCS7 = 2 /* WIN_CERT_TYPE_PKCS_SIGNED_DATA: the only type that is signed data */
};

struct authenticode_entry {
    struct span der; /* bCertificate, padding included */
    uint64_t at;     /* file offset of the WIN_CERTIFICATE */
    uint16_t revision, type;
};

struct authenticode_table {
    struct authenticode_entry entry[AUTHENTICODE_ENTRIES];
    size_t count;
    bool malformed; /* lengths that do not fit, a table outside the file or not at its end */
    struct str why;
    uint64_t extra; /* bytes inside the table behind the last entry's PKCS #7 (padding aside) */
};

/* No table: count 0, not malformed. */
bool authenticode_table(const struct pe *pe, struct arena *a, struct authenticode_table *out,
                        struct err *e);

/* Authenticode digests of the file in one pass over its bytes. `algorithms` by name ("sha1",
 * "sha256"), `out[i]` 64 bytes each, `len[i]` their sizes. */
bool authenticode_digest(const struct pe *pe, const char *const *algorithms, size_t count,
                         uint8_t (*out)[64], size_t *len, struct err *e);

/* SpcIndirectDataContent: what a PE signature or a catalog member says about the file. */
struct spc_indirect {
    struct str digest_algorithm;
    struct span digest;
    bool is_pe;              /* SpcPeImageData */
    struct span page_hashes; /* the table, empty = none */
    struct str page_hash_algorithm;
};
bool spc_indirect_parse(struct span der, struct arena *a, struct spc_indirect *out, struct err *e);

/* The page hashes of a signature, compared with the file's pages.  Windows takes a file without
 * them, and looks at them only where an image is mapped under code integrity. */
enum authenticode_pages {
    PAGES_NONE,     /* the signature carries none */
    PAGES_MATCH,    /* every page, and no page too few or too many */
    PAGES_DIFFER,   /* the table is about other pages or other content */
    PAGES_MALFORMED /* the table, or a section table that asks for more than the file's bytes */
};
enum authenticode_pages authenticode_pages(const struct pe *pe, const struct spc_indirect *s);
