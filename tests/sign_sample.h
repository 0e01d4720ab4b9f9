/* Signed messages for tests: keys and certificates are made when the test runs, by libcrypto, and
 * live as long as it.  Nothing here is a sample to copy: errors stop the program. */
#pragma once

#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "base/str.h"
#include "check.h"

#define SIGN_INDIRECT "1.3.6.1.4.1.311.2.1.4"
#define SIGN_LIST "1.3.6.1.4.1.311.10.1"
#define SIGN_NESTED "1.3.6.1.4.1.311.2.4.1"
#define SIGN_RFC3161 "1.3.6.1.4.1.311.3.3.1"

struct sign_identity {
    EVP_PKEY *key;
    X509 *certificate;
};

static inline void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

/* `usage`: an extendedKeyUsage value such as "codeSigning" or "critical,timeStamping". */
static inline struct sign_identity sign_identity_of(EVP_PKEY *key, const char *name,
                                                    const char *usage)
{
    static long serial = 0x1000;
    X509 *x = must(X509_new());
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    ASN1_TIME_set_string(X509_getm_notBefore(x), "20100101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(x), "20300101000000Z");
    X509_NAME *n = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(n, "O", MBSTRING_UTF8, (const unsigned char *)"Sample", -1, -1, 0);
    X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x, n);
    X509_set_pubkey(x, key);
    if (usage) {
        X509_EXTENSION *ext = must(X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, usage));
        X509_add_ext(x, ext, -1);
        X509_EXTENSION_free(ext);
    }
    if (!X509_sign(x, key, EVP_sha256()))
        abort();
    return (struct sign_identity){key, x};
}

static inline struct sign_identity sign_identity_make(const char *name, const char *usage)
{
    return sign_identity_of(must(EVP_RSA_gen(2048)), name, usage);
}

static inline void sign_identity_done(struct sign_identity *i)
{
    EVP_PKEY_free(i->key);
    X509_free(i->certificate);
}

/* ---- DER ------------------------------------------------------------------------------------- */

/* One element around `content`. */
static inline void der_put(struct sb *out, uint8_t tag, const void *content, size_t len)
{
    sb_putc(out, (char)tag);
    if (len >= 0x10000) {
        sb_put(out, (const char[]){(char)0x83, (char)(len >> 16)}, 2);
        sb_putc(out, (char)(len >> 8));
    } else if (len >= 0x100) {
        sb_put(out, (const char[]){(char)0x82, (char)(len >> 8)}, 2);
    } else if (len >= 0x80) {
        sb_putc(out, (char)0x81);
    }
    sb_putc(out, (char)len);
    sb_put(out, content, len);
}

static inline void der_put_sb(struct sb *out, uint8_t tag, struct sb *content)
{
    der_put(out, tag, content->ptr ? content->ptr : "", content->len);
    sb_done(content);
    sb_init(content, 1 << 24);
}

static inline void der_put_oid(struct sb *out, const char *dotted)
{
    ASN1_OBJECT *o = must(OBJ_txt2obj(dotted, 1));
    der_put(out, 0x06, OBJ_get0_data(o), OBJ_length(o));
    ASN1_OBJECT_free(o);
}

/* SpcIndirectDataContent with a digest; `page_hashes` (SHA-256) may be empty. */
static inline void spc_put(struct sb *out, const char *algorithm_oid, struct span digest,
                           struct span page_hashes)
{
    static const uint8_t class_id[16] = {0xA6, 0xB5, 0x86, 0xD5, 0xB4, 0xA1, 0x24, 0x66,
                                         0xAE, 0x05, 0xA2, 0x17, 0xDA, 0x8E, 0x60, 0xD6};
    struct sb a, b, c;
    sb_init(&a, 1 << 24), sb_init(&b, 1 << 24), sb_init(&c, 1 << 24);
    der_put(&a, 0x03, "\0", 1); /* SpcPeImageData: flags, file */
    if (page_hashes.len) {
        der_put(&b, 0x04, page_hashes.ptr, page_hashes.len);
        der_put_oid(&c, "1.3.6.1.4.1.311.2.3.2");
        der_put_sb(&c, 0x31, &b);
        der_put_sb(&b, 0x30, &c);
        der_put_sb(&c, 0x31, &b);
        der_put(&b, 0x04, class_id, sizeof class_id);
        der_put(&b, 0x04, c.ptr, c.len);
        c.len = 0;
        der_put_sb(&c, 0xA1, &b);
        der_put_sb(&a, 0xA0, &c);
    }
    der_put_oid(&b, "1.3.6.1.4.1.311.2.1.15");
    der_put_sb(&b, 0x30, &a);
    der_put_sb(&c, 0x30, &b); /* data */
    der_put_oid(&a, algorithm_oid);
    der_put(&a, 0x05, "", 0);
    der_put_sb(&b, 0x30, &a);
    der_put(&b, 0x04, digest.ptr, digest.len);
    der_put_sb(&c, 0x30, &b); /* messageDigest */
    der_put_sb(out, 0x30, &c);
    sb_done(&a), sb_done(&b), sb_done(&c);
}

/* ---- SignedData ------------------------------------------------------------------------------ */

static inline ASN1_TYPE *sign_sequence(struct span der)
{
    ASN1_TYPE *any = must(ASN1_TYPE_new());
    ASN1_STRING *s = must(ASN1_STRING_type_new(V_ASN1_SEQUENCE));
    ASN1_STRING_set(s, der.ptr, (int)der.len);
    ASN1_TYPE_set(any, V_ASN1_SEQUENCE, s);
    return any;
}

static inline void sign_add_digest(PKCS7_SIGNER_INFO *si, const EVP_MD *md, struct span covered)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_Digest(covered.ptr, covered.len, digest, &len, md, NULL);
    if (!PKCS7_add1_attrib_digest(si, digest, (int)len))
        abort();
}

static inline PKCS7_SIGNER_INFO *sign_info(PKCS7 *p7)
{
    return sk_PKCS7_SIGNER_INFO_value(p7->d.sign->signer_info, 0);
}

/* A message over `element` (one whole DER element, whose content is what the digest covers); with
 * `detached` the element stays outside, type data, and is covered whole. */
static inline PKCS7 *sign_message(const struct sign_identity *who, const EVP_MD *md,
                                  const char *type, struct span element, bool detached)
{
    PKCS7 *p7 = must(PKCS7_new());
    if (!PKCS7_set_type(p7, NID_pkcs7_signed))
        abort();
    PKCS7 *content = must(PKCS7_new());
    if (detached) {
        content->type = OBJ_nid2obj(NID_pkcs7_data);
    } else {
        content->type = must(OBJ_txt2obj(type, 1));
        content->d.other = sign_sequence(element);
    }
    PKCS7_free(p7->d.sign->contents);
    p7->d.sign->contents = content;
    PKCS7_add_certificate(p7, who->certificate);
    PKCS7_SIGNER_INFO *si = must(PKCS7_add_signature(p7, who->certificate, who->key, md));
    PKCS7_add_attrib_content_type(si, detached ? NULL : OBJ_dup(content->type));
    size_t head = detached ? 0 : 2;
    if (!detached && element.ptr[1] & 0x80)
        head += element.ptr[1] & 0x7F;
    sign_add_digest(si, md, span_of(element.ptr + head, element.len - head));
    if (!PKCS7_SIGNER_INFO_sign(si))
        abort();
    return p7;
}

static inline void sign_add_unsigned(PKCS7 *p7, const char *oid, struct span der)
{
    int nid = OBJ_txt2nid(oid);
    if (nid == NID_undef)
        nid = OBJ_create(oid, NULL, NULL);
    PKCS7_add_attribute(sign_info(p7), nid, V_ASN1_SEQUENCE, NULL);
    /* PKCS7_add_attribute knows only signed-message types: put the value in by hand. */
    STACK_OF(X509_ATTRIBUTE) *list = sign_info(p7)->unauth_attr;
    X509_ATTRIBUTE *made = sk_X509_ATTRIBUTE_pop(list);
    X509_ATTRIBUTE_free(made);
    X509_ATTRIBUTE *a =
        must(X509_ATTRIBUTE_create_by_NID(NULL, nid, V_ASN1_SEQUENCE, der.ptr, (int)der.len));
    sk_X509_ATTRIBUTE_push(list, a);
}

static inline struct span sign_signature(PKCS7 *p7)
{
    ASN1_OCTET_STRING *s = sign_info(p7)->enc_digest;
    return span_of(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

/* RSA signature around the digest alone, as VeriSign's timestamp service made them. */
static inline void sign_bare(PKCS7_SIGNER_INFO *si, EVP_PKEY *key, const EVP_MD *md)
{
    unsigned char *der = NULL, digest[EVP_MAX_MD_SIZE], signature[1024];
    unsigned len = 0;
    size_t size = sizeof signature;
    int n = ASN1_item_i2d((ASN1_VALUE *)si->auth_attr, &der, ASN1_ITEM_rptr(PKCS7_ATTR_SIGN));
    EVP_Digest(der, (size_t)n, digest, &len, md, NULL);
    OPENSSL_free(der);
    EVP_PKEY_CTX *ctx = must(EVP_PKEY_CTX_new(key, NULL));
    if (EVP_PKEY_sign_init(ctx) != 1 || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_sign(ctx, signature, &size, digest, len) != 1)
        abort();
    EVP_PKEY_CTX_free(ctx);
    ASN1_OCTET_STRING_set(si->enc_digest, signature, (int)size);
}

/* PKCS #9 countersignature at 2012-03-14T04:17:36Z. */
static inline void sign_countersign(PKCS7 *p7, const struct sign_identity *who, bool bare)
{
    const EVP_MD *md = EVP_sha1();
    PKCS7_SIGNER_INFO *si = must(PKCS7_SIGNER_INFO_new());
    if (!PKCS7_SIGNER_INFO_set(si, who->certificate, who->key, md))
        abort();
    PKCS7_add_attrib_content_type(si, NULL);
    ASN1_TIME *when = must(ASN1_TIME_new());
    ASN1_TIME_set_string(when, "120314041736Z");
    PKCS7_add0_attrib_signing_time(si, when);
    sign_add_digest(si, md, sign_signature(p7));
    if (!PKCS7_SIGNER_INFO_sign(si))
        abort();
    if (bare)
        sign_bare(si, who->key, md);
    unsigned char *der = NULL;
    int len = i2d_PKCS7_SIGNER_INFO(si, &der);
    PKCS7_add_certificate(p7, who->certificate);
    sign_add_unsigned(p7, "1.2.840.113549.1.9.6", span_of(der, (size_t)len));
    OPENSSL_free(der);
    PKCS7_SIGNER_INFO_free(si);
}

static inline ASN1_INTEGER *sign_serial(struct TS_resp_ctx *ctx, void *data)
{
    (void)ctx, (void)data;
    ASN1_INTEGER *i = ASN1_INTEGER_new();
    if (i)
        ASN1_INTEGER_set(i, 7);
    return i;
}

static inline TS_REQ *sign_request(struct span covered)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    TS_REQ *request = must(TS_REQ_new());
    TS_MSG_IMPRINT *imprint = must(TS_MSG_IMPRINT_new());
    X509_ALGOR *algorithm = must(X509_ALGOR_new());
    EVP_Digest(covered.ptr, covered.len, digest, &len, EVP_sha256(), NULL);
    X509_ALGOR_set_md(algorithm, EVP_sha256());
    TS_MSG_IMPRINT_set_algo(imprint, algorithm);
    TS_MSG_IMPRINT_set_msg(imprint, digest, (int)len);
    TS_REQ_set_version(request, 1);
    TS_REQ_set_msg_imprint(request, imprint);
    TS_REQ_set_cert_req(request, 1);
    TS_MSG_IMPRINT_free(imprint);
    X509_ALGOR_free(algorithm);
    return request;
}

/* RFC 3161 token over `covered` (the message's own signature unless given). */
static inline void sign_timestamp(PKCS7 *p7, const struct sign_identity *who, struct span covered)
{
    TS_REQ *request = sign_request(covered.len ? covered : sign_signature(p7));
    TS_RESP_CTX *ctx = must(TS_RESP_CTX_new());
    ASN1_OBJECT *policy = must(OBJ_txt2obj("1.2.3.4.1", 1));
    BIO *in = must(BIO_new(BIO_s_mem()));
    i2d_TS_REQ_bio(in, request);
    TS_RESP_CTX_set_serial_cb(ctx, sign_serial, NULL);
    if (!TS_RESP_CTX_set_signer_cert(ctx, who->certificate) ||
        !TS_RESP_CTX_set_signer_key(ctx, who->key) ||
        !TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256()) ||
        !TS_RESP_CTX_set_def_policy(ctx, policy) || !TS_RESP_CTX_add_md(ctx, EVP_sha256()))
        abort();
    TS_RESP *response = must(TS_RESP_create_response(ctx, in));
    unsigned char *der = NULL;
    int len = i2d_PKCS7((PKCS7 *)must(TS_RESP_get_token(response)), &der);
    sign_add_unsigned(p7, SIGN_RFC3161, span_of(der, (size_t)len));
    OPENSSL_free(der);
    TS_RESP_free(response);
    TS_RESP_CTX_free(ctx);
    TS_REQ_free(request);
    ASN1_OBJECT_free(policy);
    BIO_free(in);
}

/* Appends the DER; frees the message. */
static inline void sign_finish(PKCS7 *p7, struct sb *out)
{
    unsigned char *der = NULL;
    int len = i2d_PKCS7(p7, &der);
    if (len <= 0)
        abort();
    sb_put(out, der, (size_t)len);
    OPENSSL_free(der);
    PKCS7_free(p7);
}

static inline struct span sb_span(const struct sb *b)
{
    return span_of(b->ptr ? b->ptr : "", b->len);
}
