/* What policy tests say of things whose real bytes nobody can make: files with a vendor's
 * signature, certificates with a known thumbprint, lists signed by Microsoft.
 *
 * Only the memory host hands these out (host/memory.c, beside the bytes of a file or a value); on
 * every other host the pointers to them are NULL, so that nothing outside of a test can take the
 * place of a decision. */
#pragma once

#include "base/version.h"

struct told_file {
    bool is_pe;
    uint16_t machine; /* PE_MACHINE_* */
    bool has_version;
    struct version version, product_version;
    struct str company, product_name, original_name;
    struct str word;   /* name of a trust word: "trusted", "unsigned", ... */
    struct str signer; /* organisation of the leaf */
    struct str root_sha1, root_name;
    bool root_in_program;
    struct str catalog; /* path of the catalog that decides; empty: an embedded signature */
    struct str reason;
};

struct told_certificate {
    struct str common_name, organisation;
    uint64_t not_before, not_after; /* FILETIME, 0 = not said */
    unsigned key_bits;              /* of an RSA key, 0 = not said */
};

struct told_list {
    uint64_t this_update;
    struct str *roots; /* SHA-1 thumbprints, 40 hexadecimal digits in lower case */
    size_t root_count;
};
