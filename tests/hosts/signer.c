#include "signer.h"

#include "base/err.h"
#include "base/wtime.h"
#include "pe_writer.h"
#include "tlv.h"

#include <openssl/evp.h>

#define OID_DATA "1.2.840.113549.1.7.1"
#define OID_SIGNED_DATA "1.2.840.113549.1.7.2"
#define OID_CONTENT_TYPE "1.2.840.113549.1.9.3"
#define OID_MESSAGE_DIGEST "1.2.840.113549.1.9.4"
#define OID_SIGNING_TIME "1.2.840.113549.1.9.5"
#define OID_COUNTER_SIGNATURE "1.2.840.113549.1.9.6"
#define OID_TST_INFO "1.2.840.113549.1.9.16.1.4"
#define OID_SIGNING_CERTIFICATE_V2 "1.2.840.113549.1.9.16.2.47"
#define OID_INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"
#define OID_STATEMENT_TYPE "1.3.6.1.4.1.311.2.1.11"
#define OID_INDIVIDUAL "1.3.6.1.4.1.311.2.1.21"
#define OID_OPUS_INFO "1.3.6.1.4.1.311.2.1.12"
#define OID_PE_IMAGE "1.3.6.1.4.1.311.2.1.15"
#define OID_CAB_DATA "1.3.6.1.4.1.311.2.1.25"
#define OID_NESTED "1.3.6.1.4.1.311.2.4.1"
#define OID_RFC3161 "1.3.6.1.4.1.311.3.3.1"

enum { SIGNED_MAX = 1 << 26 };

/* ---- digests ------------------------------------------------------------------------------- */

static const EVP_MD *digest_md(enum sign_digest d)
{
    return d == SIGN_SHA1 ? EVP_sha1() : EVP_sha256();
}

size_t sign_digest_size(enum sign_digest d)
{
    return d == SIGN_SHA1 ? 20 : 32;
}

const char *sign_digest_oid(enum sign_digest d)
{
    return d == SIGN_SHA1 ? "1.3.14.3.2.26" : "2.16.840.1.101.3.4.2.1";
}

void sign_hash(enum sign_digest d, struct span s, uint8_t out[SIGN_DIGEST_MAX])
{
    BUG_ON(!EVP_Digest(s.ptr, s.len, out, NULL, digest_md(d), NULL));
}

static size_t checksum_at(const struct sb *image)
{
    return load_u32((const uint8_t *)image->ptr + 0x3C) + 24 + 64;
}

/* Where the data directory has its certificate table: entry 4 of a 32-bit or 64-bit header. */
static size_t directory_at(const struct sb *image)
{
    size_t optional = load_u32((const uint8_t *)image->ptr + 0x3C) + 24;
    bool x64 = load_u16((const uint8_t *)image->ptr + optional) == 0x20B;
    return optional + (x64 ? 112 : 96) + 4 * 8;
}

void sign_image_hash(const struct sb *image, enum sign_digest d, uint8_t out[SIGN_DIGEST_MAX])
{
    static const uint8_t zero[8];
    size_t sum = checksum_at(image), dir = directory_at(image);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    BUG_ON(!ctx || !EVP_DigestInit_ex(ctx, digest_md(d), NULL));
    BUG_ON(!EVP_DigestUpdate(ctx, image->ptr, sum));
    BUG_ON(!EVP_DigestUpdate(ctx, image->ptr + sum + 4, dir - sum - 4));
    BUG_ON(!EVP_DigestUpdate(ctx, image->ptr + dir + 8, image->len - dir - 8));
    BUG_ON(!EVP_DigestUpdate(ctx, zero, (8 - image->len % 8) % 8));
    BUG_ON(!EVP_DigestFinal_ex(ctx, out, NULL));
    EVP_MD_CTX_free(ctx);
}

/* ---- SignerInfo ---------------------------------------------------------------------------- */

static void put_der(struct sb *b, int (*encode)(const void *, unsigned char **), const void *of)
{
    unsigned char *der = NULL;
    int len = encode(of, &der);
    BUG_ON(len <= 0);
    sb_put(b, der, (size_t)len);
    OPENSSL_free(der);
}

static int encode_name(const void *name, unsigned char **out)
{
    return i2d_X509_NAME(name, out);
}

static int encode_serial(const void *serial, unsigned char **out)
{
    return i2d_ASN1_INTEGER(serial, out);
}

static bool is_rsa(const struct pki_cert *c)
{
    return EVP_PKEY_get_base_id(c->key) == EVP_PKEY_RSA;
}

static void put_signature_algorithm(struct sb *b, const struct pki_cert *c, enum sign_digest d)
{
    if (is_rsa(c))
        tlv_algorithm(b, "1.2.840.113549.1.1.1", true);
    else
        tlv_algorithm(b, d == SIGN_SHA1 ? "1.2.840.10045.4.1" : "1.2.840.10045.4.3.2", false);
}

static size_t open_attribute(struct sb *b, const char *oid, size_t *set)
{
    size_t at = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, oid);
    *set = tlv_open(b, TLV_SET);
    return at;
}

static void close_attribute(struct sb *b, size_t at, size_t set)
{
    tlv_close(b, set);
    tlv_close(b, at);
}

struct signer {
    const struct pki_cert *cert;
    enum sign_digest digest;
    const char *content_type;
    struct span message;    /* what is signed: content octets without tag and length */
    uint64_t signing_time;  /* 0: left out */
    struct span attributes; /* further signed attributes */
};

static void put_signed_attributes(struct sb *b, const struct signer *s)
{
    uint8_t hash[SIGN_DIGEST_MAX];
    size_t set, at = open_attribute(b, OID_CONTENT_TYPE, &set);
    tlv_oid(b, s->content_type);
    close_attribute(b, at, set);
    if (s->signing_time) {
        at = open_attribute(b, OID_SIGNING_TIME, &set);
        tlv_utc_time(b, s->signing_time);
        close_attribute(b, at, set);
    }
    sign_hash(s->digest, s->message, hash);
    at = open_attribute(b, OID_MESSAGE_DIGEST, &set);
    tlv_bytes(b, TLV_OCTETS, span_of(hash, sign_digest_size(s->digest)));
    close_attribute(b, at, set);
    sb_put(b, s->attributes.ptr, s->attributes.len);
}

static void make_signature(const struct signer *s, struct span attributes, struct sb *out)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t sig[512];
    size_t len = sizeof sig;
    BUG_ON(!ctx || EVP_DigestSignInit(ctx, NULL, digest_md(s->digest), NULL, s->cert->key) != 1);
    BUG_ON(EVP_DigestSign(ctx, sig, &len, attributes.ptr, attributes.len) != 1);
    EVP_MD_CTX_free(ctx);
    sb_put(out, sig, len);
}

/* Opens a SignerInfo and writes all of it but the unsigned attributes; the caller closes it. */
static size_t open_signer_info(struct sb *b, const struct signer *s, struct sb *signature)
{
    struct sb attributes;
    size_t info = tlv_open(b, TLV_SEQUENCE);
    tlv_int(b, 1);
    size_t at = tlv_open(b, TLV_SEQUENCE);
    put_der(b, encode_name, X509_get_issuer_name(s->cert->x509));
    put_der(b, encode_serial, X509_get0_serialNumber(s->cert->x509));
    tlv_close(b, at);
    tlv_algorithm(b, sign_digest_oid(s->digest), true);
    sb_init(&attributes, SIGNED_MAX);
    at = tlv_open(&attributes, TLV_SET);
    put_signed_attributes(&attributes, s);
    tlv_close_set(&attributes, at);
    make_signature(s, sb_span(&attributes), signature);
    *out_at(&attributes, 0) = TLV_TAGGED + 0; /* signed as SET, stored as [0] */
    sb_put(b, attributes.ptr, attributes.len);
    sb_done(&attributes);
    put_signature_algorithm(b, s->cert, s->digest);
    tlv_bytes(b, TLV_OCTETS, sb_span(signature));
    return info;
}

/* ---- SignedData ---------------------------------------------------------------------------- */

/* A certificate and its issuers, without the root. */
static void put_chain(struct sb *b, const struct pki_cert *c)
{
    for (; c->issuer != c; c = c->issuer)
        sb_put(b, c->der.ptr, c->der.len);
}

/* Up to and with the SET of SignerInfo; returns three places to close, innermost first. */
struct opened {
    size_t place[4];
};

static struct opened open_signed_data(struct sb *b, uint64_t version, enum sign_digest d,
                                      const char *content_type, struct span content,
                                      struct span certificates)
{
    struct opened o;
    o.place[3] = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, OID_SIGNED_DATA);
    o.place[2] = tlv_open(b, TLV_TAGGED + 0);
    o.place[1] = tlv_open(b, TLV_SEQUENCE);
    tlv_int(b, version);
    size_t at = tlv_open(b, TLV_SET);
    tlv_algorithm(b, sign_digest_oid(d), true);
    tlv_close(b, at);
    at = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, content_type);
    tlv_bytes(b, TLV_TAGGED + 0, content);
    tlv_close(b, at);
    at = tlv_open(b, TLV_TAGGED + 0);
    sb_put(b, certificates.ptr, certificates.len);
    tlv_close_set(b, at);
    o.place[0] = tlv_open(b, TLV_SET);
    return o;
}

static void close_signed_data(struct sb *b, const struct opened *o)
{
    for (size_t i = 0; i < 4; i++)
        tlv_close(b, o->place[i]);
}

/* ---- timestamps ---------------------------------------------------------------------------- */

static uint64_t date(const char *text)
{
    uint64_t t = 0;
    bool ok = wtime_parse(str_of(text), &t);
    BUG_ON(!ok);
    return t + 10 * WTIME_HOUR + 61 * WTIME_SECOND;
}

/* PKCS #9 countersignature: a SignerInfo over the signature's bytes. */
static void put_legacy_stamp(struct sb *b, const struct sign_spec *spec, struct span signature)
{
    struct sb mine;
    size_t set, at = open_attribute(b, OID_COUNTER_SIGNATURE, &set);
    struct signer s = {.cert = pki(PKI_TSA),
                       .digest = SIGN_SHA1,
                       .content_type = OID_DATA,
                       .message = signature,
                       .signing_time = date(spec->stamped)};
    sb_init(&mine, SIGNED_MAX);
    tlv_close(b, open_signer_info(b, &s, &mine));
    sb_done(&mine);
    close_attribute(b, at, set);
}

static void put_tst_info(struct sb *b, const struct sign_spec *spec, struct span signature)
{
    uint8_t hash[SIGN_DIGEST_MAX];
    sign_hash(SIGN_SHA256, signature, hash);
    size_t info = tlv_open(b, TLV_SEQUENCE);
    tlv_int(b, 1);
    tlv_oid(b, "1.3.6.1.4.1.601.10.3.1");
    size_t imprint = tlv_open(b, TLV_SEQUENCE);
    tlv_algorithm(b, sign_digest_oid(SIGN_SHA256), true);
    tlv_bytes(b, TLV_OCTETS, span_of(hash, 32));
    tlv_close(b, imprint);
    tlv_int(b, load_u32(hash));
    tlv_generalized_time(b, date(spec->stamped));
    size_t accuracy = tlv_open(b, TLV_SEQUENCE);
    tlv_int(b, 1);
    tlv_close(b, accuracy);
    tlv_close(b, info);
}

/* RFC 5816: the certificate that signed, by its SHA-256. */
static void put_signing_certificate(struct sb *b, const struct pki_cert *c)
{
    uint8_t hash[SIGN_DIGEST_MAX];
    size_t set, at = open_attribute(b, OID_SIGNING_CERTIFICATE_V2, &set);
    size_t outer = tlv_open(b, TLV_SEQUENCE), list = tlv_open(b, TLV_SEQUENCE),
           id = tlv_open(b, TLV_SEQUENCE);
    sign_hash(SIGN_SHA256, c->der, hash);
    tlv_bytes(b, TLV_OCTETS, span_of(hash, 32));
    tlv_close(b, id);
    tlv_close(b, list);
    tlv_close(b, outer);
    close_attribute(b, at, set);
}

static void put_rfc3161_stamp(struct sb *b, const struct sign_spec *spec, struct span signature)
{
    struct sb info, content, certificates, extra, mine;
    const struct pki_cert *tsa = pki(PKI_TSA);
    struct sb *all[] = {&info, &content, &certificates, &extra, &mine};
    for (size_t i = 0; i < 5; i++)
        sb_init(all[i], SIGNED_MAX);
    put_tst_info(&info, spec, signature);
    tlv_bytes(&content, TLV_OCTETS, sb_span(&info));
    put_chain(&certificates, tsa);
    put_signing_certificate(&extra, tsa);
    struct signer s = {.cert = tsa,
                       .digest = SIGN_SHA256,
                       .content_type = OID_TST_INFO,
                       .message = sb_span(&info),
                       .signing_time = date(spec->stamped),
                       .attributes = sb_span(&extra)};
    size_t set, at = open_attribute(b, OID_RFC3161, &set);
    struct opened o = open_signed_data(b, 3, SIGN_SHA256, OID_TST_INFO, sb_span(&content),
                                       sb_span(&certificates));
    tlv_close(b, open_signer_info(b, &s, &mine));
    close_signed_data(b, &o);
    close_attribute(b, at, set);
    for (size_t i = 0; i < 5; i++)
        sb_done(all[i]);
}

/* ---- Authenticode -------------------------------------------------------------------------- */

void sign_indirect_data(struct sb *b, bool pe, enum sign_digest d, const uint8_t *digest)
{
    static const uint8_t no_flags[] = {0};
    size_t all = tlv_open(b, TLV_SEQUENCE), type = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, pe ? OID_PE_IMAGE : OID_CAB_DATA);
    if (pe) {
        size_t data = tlv_open(b, TLV_SEQUENCE);
        tlv_bytes(b, TLV_BIT_STRING, span_of(no_flags, 1));
        size_t link = tlv_open(b, TLV_TAGGED + 0), file = tlv_open(b, TLV_TAGGED + 2);
        tlv_bmp(b, TLV_CONTEXT + 0, "<<<Obsolete>>>");
        tlv_close(b, file);
        tlv_close(b, link);
        tlv_close(b, data);
    } else {
        size_t file = tlv_open(b, TLV_TAGGED + 2);
        tlv_bmp(b, TLV_CONTEXT + 0, "");
        tlv_close(b, file);
    }
    tlv_close(b, type);
    size_t info = tlv_open(b, TLV_SEQUENCE);
    tlv_algorithm(b, sign_digest_oid(d), true);
    tlv_bytes(b, TLV_OCTETS, span_of(digest, sign_digest_size(d)));
    tlv_close(b, info);
    tlv_close(b, all);
}

/* SpcSpOpusInfo and SpcStatementType. */
static void put_opus(struct sb *b, const struct sign_spec *spec)
{
    size_t set, at = open_attribute(b, OID_OPUS_INFO, &set), info = tlv_open(b, TLV_SEQUENCE), part;
    if (spec->program) {
        part = tlv_open(b, TLV_TAGGED + 0);
        tlv_bmp(b, TLV_CONTEXT + 0, spec->program);
        tlv_close(b, part);
    }
    if (spec->url) {
        part = tlv_open(b, TLV_TAGGED + 1);
        tlv_bytes(b, TLV_CONTEXT + 0, span_of(spec->url, strlen(spec->url)));
        tlv_close(b, part);
    }
    tlv_close(b, info);
    close_attribute(b, at, set);
    at = open_attribute(b, OID_STATEMENT_TYPE, &set);
    size_t list = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, OID_INDIVIDUAL);
    tlv_close(b, list);
    close_attribute(b, at, set);
}

static void put_unsigned(struct sb *b, const struct sign_spec *spec, struct span signature,
                         struct span nested)
{
    if (spec->stamp == STAMP_NONE && !nested.len)
        return;
    size_t set, at, all = tlv_open(b, TLV_TAGGED + 1);
    if (spec->break_stamp)
        signature = span_of("something else", 14);
    if (spec->stamp == STAMP_LEGACY)
        put_legacy_stamp(b, spec, signature);
    if (spec->stamp == STAMP_RFC3161)
        put_rfc3161_stamp(b, spec, signature);
    if (nested.len) {
        at = open_attribute(b, OID_NESTED, &set);
        sb_put(b, nested.ptr, nested.len);
        close_attribute(b, at, set);
    }
    tlv_close_set(b, all);
}

static void put_content(const struct sign_spec *spec, const char *content_type, struct span content,
                        struct span nested, struct sb *out)
{
    struct sb certificates, attributes, signature;
    sb_init(&certificates, SIGNED_MAX);
    sb_init(&attributes, SIGNED_MAX);
    sb_init(&signature, SIGNED_MAX);
    put_chain(&certificates, pki(spec->leaf));
    if (spec->stamp == STAMP_LEGACY)
        put_chain(&certificates, pki(PKI_TSA));
    put_opus(&attributes, spec);
    struct signer s = {.cert = pki(spec->leaf),
                       .digest = spec->digest,
                       .content_type = content_type,
                       .message = tlv_value(content),
                       .attributes = sb_span(&attributes)};
    struct opened o =
        open_signed_data(out, 1, spec->digest, content_type, content, sb_span(&certificates));
    size_t info = open_signer_info(out, &s, &signature);
    put_unsigned(out, spec, sb_span(&signature), nested);
    tlv_close(out, info);
    close_signed_data(out, &o);
    sb_done(&certificates);
    sb_done(&attributes);
    sb_done(&signature);
}

void sign_content(const struct sign_spec *spec, const char *content_type, struct span content,
                  struct sb *out)
{
    put_content(spec, content_type, content, span_of(NULL, 0), out);
}

static void put_authenticode(const struct sb *image, const struct sign_spec *spec,
                             struct span nested, struct sb *out)
{
    uint8_t digest[SIGN_DIGEST_MAX];
    struct sb content;
    sb_init(&content, SIGNED_MAX);
    sign_image_hash(image, spec->digest, digest);
    sign_indirect_data(&content, true, spec->digest, digest);
    put_content(spec, OID_INDIRECT_DATA, sb_span(&content), nested, out);
    sb_done(&content);
}

void sign_image(struct sb *image, const struct sign_spec *const *table, size_t entries)
{
    struct sb certificates;
    sb_init(&certificates, SIGNED_MAX);
    out_align(image, 8);
    for (size_t i = 0; i < entries; i++) {
        struct sb nested, data;
        sb_init(&nested, SIGNED_MAX);
        sb_init(&data, SIGNED_MAX);
        if (table[i]->nested)
            put_authenticode(image, table[i]->nested, span_of(NULL, 0), &nested);
        put_authenticode(image, table[i], sb_span(&nested), &data);
        out_align(&data, 8);
        out_u32(&certificates, (uint32_t)(8 + data.len));
        out_u16(&certificates, 0x0200);
        out_u16(&certificates, 0x0002);
        sb_put(&certificates, data.ptr, data.len);
        sb_done(&nested);
        sb_done(&data);
    }
    size_t dir = directory_at(image);
    store_u32(out_at(image, dir), (uint32_t)image->len);
    store_u32(out_at(image, dir + 4), (uint32_t)certificates.len);
    sb_put(image, certificates.ptr, certificates.len);
    sb_done(&certificates);
    BUG_ON(image->bad);
    pe_checksum(image);
}
