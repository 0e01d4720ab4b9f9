/* Serialized certificate-store elements: registry Blob values and .sst files.
 *
 * A Blob is a sequence of records `u32 id, u32 reserved, u32 length, bytes`; the certificate is
 * record 32 (CRL 33, CTL 34), the rest are properties ([MS-GPEF], wincrypt.h).  An .sst file is a
 * header and such sequences one after the other, each ended by its certificate. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum cert_property {
    PROP_SHA1 = 3,
    PROP_MD5 = 4,
    PROP_ENHKEY_USAGE = 9,
    PROP_FRIENDLY_NAME = 11,
    PROP_SIGNATURE_HASH = 15,
    PROP_KEY_IDENTIFIER = 20,
    PROP_CERTIFICATE = 32,
    PROP_CRL = 33,
    PROP_CTL = 34,
    PROP_ROOT_POLICIES = 83,
    PROP_SHA256_AUTHROOT = 98,
    PROP_DISALLOWED_TIME = 104,
    PROP_CHAIN_POLICIES = 105,
    PROP_SHA256 = 107,
    PROP_DISALLOWED_USAGE = 122,
    PROP_NOT_BEFORE_TIME = 126,
    PROP_NOT_BEFORE_USAGE = 127
};

enum { CERTSTORE_RECORDS = 256, CERTSTORE_ELEMENTS = 65536 };

struct cert_record {
    uint32_t id;
    struct span bytes;
};

struct cert_element {
    struct cert_record *records;
    size_t count;
    struct span certificate, crl, ctl; /* DER; empty when there is none */
};

bool certstore_blob(struct span blob, struct arena *a, struct cert_element *out, struct err *e);

/* A property of an element; false when absent. */
bool cert_element_property(const struct cert_element *c, uint32_t id, struct span *out);

/* Usages of a property (9, 122, 127): dotted OIDs joined by blanks; {NULL,0} when malformed. */
struct str certstore_usages(struct span property, struct arena *a);

struct sst {
    struct cert_element *elements;
    size_t count;
};
bool sst_parse(struct span bytes, struct arena *a, struct sst *out, struct err *e);
