#include "actions/cert_blob.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "formats/cms.h"
#include "formats/der.h"

enum {
    BLOB_MAX = 1 << 20,
    PROPERTY_LAST = 255,
    PROP_NAME_CONSTRAINTS = 84,
    PROP_DISALLOWED_CA_TIME = 128
};

static void put_u32(struct sb *b, uint32_t v)
{
    const uint8_t raw[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    sb_put(b, raw, sizeof raw);
}

static void put_record(struct sb *b, uint32_t id, struct span bytes)
{
    put_u32(b, id);
    put_u32(b, 1);
    put_u32(b, (uint32_t)bytes.len);
    sb_put(b, bytes.ptr ? (const void *)bytes.ptr : "", bytes.len);
}

static bool finish(struct sb *b, struct arena *a, struct span *out, struct err *e)
{
    void *copy = b->bad || !b->ptr ? NULL : arena_copy(a, b->ptr, b->len);
    if (copy)
        *out = span_of(copy, b->len);
    sb_done(b);
    return copy || err_set(e, ERR_LIMIT, 0, "a certificate with more than %d bytes of properties",
                           BLOB_MAX);
}

/* A list may set every property but keys, contents and what is computed from the certificate. */
static bool listed(const struct ctl_entry *entry, uint32_t id, struct span *out)
{
    switch (id) {
    case PROP_SHA1:
    case PROP_MD5:
    case PROP_SIGNATURE_HASH:
    case PROP_CERTIFICATE:
    case PROP_CRL:
    case PROP_CTL:
        return false;
    default:
        return entry && id > 2 && ctl_property(entry, id, out);
    }
}

/* What only the list decides about: without it in the list, the certificate has none. */
static bool is_lists_own(uint32_t id)
{
    switch (id) {
    case PROP_ENHKEY_USAGE:
    case PROP_ROOT_POLICIES:
    case PROP_NAME_CONSTRAINTS:
    case PROP_SHA256_AUTHROOT:
    case PROP_DISALLOWED_TIME:
    case PROP_CHAIN_POLICIES:
    case PROP_DISALLOWED_USAGE:
    case PROP_NOT_BEFORE_TIME:
    case PROP_NOT_BEFORE_USAGE:
    case PROP_DISALLOWED_CA_TIME:
        return true;
    default:
        return false;
    }
}

static void put_listed(struct sb *b, const struct ctl_entry *entry)
{
    struct span s;
    for (uint32_t id = 1; id <= PROPERTY_LAST; id++)
        if (listed(entry, id, &s))
            put_record(b, id, s);
}

/* ---- computed properties -----------------------------------------------------------------------
 */

static void put_digest(struct sb *b, uint32_t id, const EVP_MD *md, struct span of)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(of.ptr, of.len, digest, &len, md, NULL) == 1)
        put_record(b, id, span_of(digest, len));
    else
        b->bad = true;
}

/* The part to be signed, hashed as its signature hashes it; none where that is not known. */
static void put_signature_hash(struct sb *b, X509 *x, struct span der)
{
    int md = NID_undef;
    struct der outer, tbs;
    const EVP_MD *how = X509_get_signature_info(x, &md, NULL, NULL, NULL) == 1 && md != NID_undef
                            ? EVP_get_digestbynid(md)
                            : NULL;
    if (how && der_expect(&der, DER_SEQUENCE, &outer) &&
        der_expect(&outer.content, DER_SEQUENCE, &tbs))
        put_digest(b, PROP_SIGNATURE_HASH, how, tbs.whole);
}

/* The extension's value, else the SHA-1 of the key, as Windows has it. */
static void put_key_identifier(struct sb *b, X509 *x)
{
    const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(x);
    const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(x);
    if (own)
        put_record(b, PROP_KEY_IDENTIFIER,
                   span_of(ASN1_STRING_get0_data(own), (size_t)ASN1_STRING_length(own)));
    else if (key)
        put_digest(b, PROP_KEY_IDENTIFIER, EVP_sha1(),
                   span_of(ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key)));
}

bool cert_blob_make(struct span der, const struct ctl_entry *entry, struct arena *a,
                    struct span *out, struct err *e)
{
    struct sb b;
    struct span s;
    X509 *x = cert_parse(der, e);
    if (!x)
        return false;
    sb_init(&b, BLOB_MAX);
    put_listed(&b, entry);
    put_digest(&b, PROP_SHA1, EVP_sha1(), der);
    put_digest(&b, PROP_MD5, EVP_md5(), der);
    put_signature_hash(&b, x, der);
    if (!listed(entry, PROP_KEY_IDENTIFIER, &s))
        put_key_identifier(&b, x);
    put_record(&b, PROP_CERTIFICATE, der);
    X509_free(x);
    return finish(&b, a, out, e);
}

/* ---- updates -----------------------------------------------------------------------------------
 */

static bool differs(const struct cert_element *old, const struct ctl_entry *entry)
{
    for (uint32_t id = 1; id <= PROPERTY_LAST; id++) {
        struct span now, then;
        bool in_list = listed(entry, id, &then), in_blob = cert_element_property(old, id, &now);
        if (in_list ? !in_blob || !span_eq(now, then) : in_blob && is_lists_own(id))
            return true;
    }
    return false;
}

bool cert_blob_update(struct span blob, const struct ctl_entry *entry, struct arena *a,
                      struct span *out, bool *changed, struct err *e)
{
    struct cert_element old;
    struct sb b;
    struct span s;
    if (!certstore_blob(blob, a, &old, e))
        return false;
    if (old.certificate.len == 0)
        return err_set(e, ERR_FORMAT, 0, "properties only, no certificate");
    *changed = differs(&old, entry);
    *out = blob;
    if (!*changed)
        return true;
    sb_init(&b, BLOB_MAX);
    put_listed(&b, entry);
    for (size_t i = 0; i < old.count; i++) {
        const struct cert_record *r = &old.records[i];
        if (r->id != PROP_CERTIFICATE && !is_lists_own(r->id) && !listed(entry, r->id, &s))
            put_record(&b, r->id, r->bytes);
    }
    put_record(&b, PROP_CERTIFICATE, old.certificate);
    return finish(&b, a, out, e);
}
