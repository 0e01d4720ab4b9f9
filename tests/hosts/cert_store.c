#include "cert_store.h"

#include "signer.h"
#include "tlv.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

enum {
    PROP_SHA1 = 3,
    PROP_MD5 = 4,
    PROP_ENHANCED_USAGE = 9,
    PROP_FRIENDLY_NAME = 11,
    PROP_SIGNATURE_HASH = 15,
    PROP_KEY_IDENTIFIER = 20,
    PROP_CERTIFICATE = 32,
    PROP_DISALLOWED = 104,
    PROP_NOT_BEFORE = 126
};

static void put_record(struct sb *b, uint32_t id, struct span data)
{
    out_u32(b, id);
    out_u32(b, 1);
    out_u32(b, (uint32_t)data.len);
    sb_put(b, data.ptr, data.len);
}

void cert_store_signature_hash(const struct pki_cert *c, uint8_t out[32])
{
    unsigned char *tbs = NULL;
    int len = i2d_re_X509_tbs(c->x509, &tbs);
    BUG_ON(len <= 0);
    sign_hash(SIGN_SHA256, span_of(tbs, (size_t)len), out);
    OPENSSL_free(tbs);
}

static void put_identity(struct sb *b, const struct pki_cert *c)
{
    uint8_t hash[SIGN_DIGEST_MAX];
    const ASN1_OCTET_STRING *key = X509_get0_subject_key_id(c->x509);
    put_record(b, PROP_SHA1, span_of(c->sha1, sizeof c->sha1));
    BUG_ON(!key || !EVP_Digest(c->der.ptr, c->der.len, hash, NULL, EVP_md5(), NULL));
    put_record(b, PROP_MD5, span_of(hash, 16));
    cert_store_signature_hash(c, hash);
    put_record(b, PROP_SIGNATURE_HASH, span_of(hash, 32));
    put_record(b, PROP_KEY_IDENTIFIER,
               span_of(ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key)));
}

static void put_properties(struct sb *b, const struct cert_properties *p)
{
    struct sb data;
    uint8_t raw[8];
    sb_init(&data, 4096);
    if (p->friendly_name) {
        out_utf16z(&data, str_of(p->friendly_name));
        put_record(b, PROP_FRIENDLY_NAME, sb_span(&data));
        data.len = 0;
    }
    if (p->usage_oid[0]) {
        size_t at = tlv_open(&data, TLV_SEQUENCE);
        for (size_t i = 0; i < 3 && p->usage_oid[i]; i++)
            tlv_oid(&data, p->usage_oid[i]);
        tlv_close(&data, at);
        put_record(b, PROP_ENHANCED_USAGE, sb_span(&data));
    }
    sb_done(&data);
    store_u64(raw, p->disabled);
    if (p->disabled)
        put_record(b, PROP_DISALLOWED, span_of(raw, sizeof raw));
    store_u64(raw, p->not_before);
    if (p->not_before)
        put_record(b, PROP_NOT_BEFORE, span_of(raw, sizeof raw));
}

void cert_store_add(struct hive *h, const char *path, enum pki_id id,
                    const struct cert_properties *p)
{
    static const struct cert_properties none = {0};
    const struct pki_cert *c = pki(id);
    struct sb blob;
    char name[41];
    p = p ? p : &none;
    memcpy(name, c->sha1_hex, sizeof name);
    if (p->wrong_thumbprint_key)
        name[0] = name[0] == '0' ? '1' : '0';
    sb_init(&blob, 1 << 16);
    put_properties(&blob, p);
    put_identity(&blob, c);
    if (!p->no_certificate)
        put_record(&blob, PROP_CERTIFICATE, c->der);
    struct hive_key *k = hive_key(h, hive_key(h, hive_key(h, NULL, path), "Certificates"), name);
    hive_set(h, k, "Blob", HIVE_BINARY, sb_span(&blob));
    sb_done(&blob);
}
