#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "formats/cms_part.h"
#include "formats/der.h"

struct str cms_algorithm_name(const X509_ALGOR *algorithm, struct arena *a)
{
    const EVP_MD *md = EVP_get_digestbyobj(algorithm->algorithm);
    char text[128] = "";
    switch (md ? EVP_MD_get_type(md) : NID_undef) {
    case NID_md5:
        return STR("md5");
    case NID_sha1:
        return STR("sha1");
    case NID_sha256:
        return STR("sha256");
    case NID_sha384:
        return STR("sha384");
    case NID_sha512:
        return STR("sha512");
    default:
        OBJ_obj2txt(text, sizeof text, algorithm->algorithm, 1);
        return str_dup(a, str_of(text));
    }
}

bool cms_key_allowed(EVP_PKEY *key, struct str *why)
{
    char encoding[32] = "";
    if (!key) {
        *why = STR("the certificate's key cannot be read");
        return false;
    }
    if (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) > CERT_RSA_BITS) {
        *why = STR("the RSA key is larger than the limit");
        return false;
    }
    if (EVP_PKEY_is_a(key, "EC") &&
        (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, encoding, sizeof encoding,
                                        NULL) != 1 ||
         strcmp(encoding, "named_curve") != 0)) {
        *why = STR("the elliptic curve is not a named one");
        return false;
    }
    return true;
}

static X509 *find_certificate(const PKCS7_SIGNER_INFO *info, const struct cms_certificates *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (X509_NAME_cmp(X509_get_issuer_name(list->items[i]), info->issuer_and_serial->issuer) ==
                0 &&
            ASN1_INTEGER_cmp(X509_get0_serialNumber(list->items[i]),
                             info->issuer_and_serial->serial) == 0)
            return list->items[i];
    return NULL;
}

static struct str serial_text(const ASN1_INTEGER *serial, struct arena *a)
{
    struct sb hex;
    sb_init(&hex, 4096);
    sb_hex(&hex, ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
    struct str s = str_dup(a, (struct str){hex.ptr, hex.len});
    sb_done(&hex);
    return s;
}

/* messageDigest, or with no attributes at all the signature stands over the content itself. */
static bool digest_matches(PKCS7_SIGNER_INFO *info, struct span content, const EVP_MD *md)
{
    unsigned char have[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    ASN1_TYPE *want = PKCS7_get_signed_attribute(info, NID_pkcs9_messageDigest);
    if (!want || want->type != V_ASN1_OCTET_STRING)
        return sk_X509_ATTRIBUTE_num(info->auth_attr) <= 0;
    return EVP_Digest(content.ptr ? (const void *)content.ptr : "", content.len, have, &len, md,
                      NULL) == 1 &&
           (unsigned)ASN1_STRING_length(want->value.octet_string) == len &&
           memcmp(ASN1_STRING_get0_data(want->value.octet_string), have, len) == 0;
}

static bool verifies(EVP_PKEY *key, const EVP_MD *md, const ASN1_OCTET_STRING *signature,
                     struct span signed_bytes)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) == 1 &&
              EVP_DigestVerify(ctx, ASN1_STRING_get0_data(signature),
                               (size_t)ASN1_STRING_length(signature), signed_bytes.ptr,
                               signed_bytes.len) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return ok;
}

/* PKCS #1 v1.5 padding around the digest itself. */
static bool verifies_bare(EVP_PKEY *key, const EVP_MD *md, const ASN1_OCTET_STRING *signature,
                          struct span signed_bytes)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_PKEY_CTX *ctx = EVP_PKEY_is_a(key, "RSA") ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    /* Without a digest algorithm set, libcrypto compares what is inside the padding. */
    bool ok = ctx && EVP_Digest(signed_bytes.ptr, signed_bytes.len, digest, &len, md, NULL) == 1 &&
              EVP_PKEY_verify_init(ctx) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_verify(ctx, ASN1_STRING_get0_data(signature),
                              (size_t)ASN1_STRING_length(signature), digest, len) == 1;
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return ok;
}

/* The attributes are signed as a SET OF, in the order in which the message holds them. */
static bool signature_matches(PKCS7_SIGNER_INFO *info, struct span content,
                              enum cms_padding padding, EVP_PKEY *key, const EVP_MD *md)
{
    if (sk_X509_ATTRIBUTE_num(info->auth_attr) <= 0)
        return verifies(key, md, info->enc_digest, content);
    unsigned char *der = NULL;
    int len = ASN1_item_i2d((ASN1_VALUE *)info->auth_attr, &der, ASN1_ITEM_rptr(PKCS7_ATTR_VERIFY));
    struct span attributes = span_of(der, len > 0 ? (size_t)len : 0);
    bool ok = len > 0 && (verifies(key, md, info->enc_digest, attributes) ||
                          (padding == CMS_DIGEST_INFO_OR_BARE &&
                           verifies_bare(key, md, info->enc_digest, attributes)));
    OPENSSL_free(der);
    return ok;
}

static bool supported(const PKCS7_SIGNER_INFO *info, const EVP_MD *md, struct cms_signer *out)
{
    if (!md)
        out->why = STR("the digest algorithm is not known");
    else if (OBJ_obj2nid(info->digest_enc_alg->algorithm) == NID_rsassaPss)
        out->why = STR("RSASSA-PSS signatures are not understood");
    else if (!out->certificate)
        out->why = STR("the signer's certificate is not in the message");
    return out->why.len == 0;
}

void cms_check_signer(PKCS7_SIGNER_INFO *info, struct span content, enum cms_padding padding,
                      const struct cms_certificates *certificates, struct arena *a,
                      struct cms_signer *out)
{
    char issuer[512] = "";
    X509_NAME_oneline(info->issuer_and_serial->issuer, issuer, sizeof issuer);
    out->issuer = str_dup(a, str_of(issuer));
    out->serial = serial_text(info->issuer_and_serial->serial, a);
    out->digest_algorithm = cms_algorithm_name(info->digest_alg, a);
    out->certificate = find_certificate(info, certificates);
    const EVP_MD *md = EVP_get_digestbyobj(info->digest_alg->algorithm);
    out->undecided = true;
    if (!supported(info, md, out))
        return;
    EVP_PKEY *key = X509_get0_pubkey(out->certificate);
    ERR_clear_error();
    if (!cms_key_allowed(key, &out->why))
        return;
    out->undecided = false;
    out->digest_ok = digest_matches(info, content, md);
    out->signature_ok = signature_matches(info, content, padding, key, md);
    if (!out->digest_ok)
        out->why = STR("the message digest is not that of the signed content");
    else if (!out->signature_ok)
        out->why = STR("the signer's key did not make this signature");
}

static struct span attribute_value(X509_ATTRIBUTE *attribute, int i)
{
    ASN1_TYPE *any = X509_ATTRIBUTE_get0_type(attribute, i);
    if (!any || any->type != V_ASN1_SEQUENCE)
        return (struct span){NULL, 0};
    return span_of(any->value.sequence->data, (size_t)any->value.sequence->length);
}

static bool is_oid(X509_ATTRIBUTE *attribute, const char *oid)
{
    char text[128] = "";
    OBJ_obj2txt(text, sizeof text, X509_ATTRIBUTE_get0_object(attribute), 1);
    return strcmp(text, oid) == 0;
}

/* SpcString and SpcLink: [0] holds UTF-16BE or the URL, [1] ASCII or a moniker. */
static struct str spc_text(struct der outer, struct arena *a, bool wide_is_0)
{
    struct span in = outer.content;
    struct der d;
    if (!der_next(&in, &d))
        return (struct str){NULL, 0};
    if ((d.tag & 0x1F) != 0 || !wide_is_0)
        return str_dup(a, (struct str){(const char *)d.content.ptr, d.content.len});
    struct sb text;
    sb_init(&text, 1 << 16);
    for (size_t i = 0; i + 1 < d.content.len; i += 2)
        sb_utf8(&text, (uint32_t)d.content.ptr[i] << 8 | d.content.ptr[i + 1]);
    struct str s = str_dup(a, (struct str){text.ptr, text.len});
    sb_done(&text);
    return s;
}

static void read_opus(struct span der, struct arena *a, struct cms_signer *out)
{
    struct der d, field;
    if (!der_expect(&der, DER_SEQUENCE, &d))
        return;
    while (der_next(&d.content, &field))
        if (field.tag == DER_CONTEXT_0)
            out->program_name = spc_text(field, a, true);
        else if (field.tag == (DER_CONTEXT_0 | 1))
            out->program_url = spc_text(field, a, false);
}

static void read_nested(X509_ATTRIBUTE *attribute, struct arena *a, struct cms_signer *out)
{
    int count = X509_ATTRIBUTE_count(attribute);
    if (count > CMS_SIGNERS * 2)
        count = CMS_SIGNERS * 2;
    struct span *nested = count > 0 ? ARENA_ARRAY(a, (size_t)count, struct span) : NULL;
    for (int i = 0; nested && i < count; i++) {
        struct span der = attribute_value(attribute, i);
        if (der.len)
            nested[out->nested_count++] = der;
    }
    out->nested = nested;
}

void cms_read_attributes(PKCS7_SIGNER_INFO *info, struct arena *a, struct cms_signer *out)
{
    for (int i = 0; i < sk_X509_ATTRIBUTE_num(info->auth_attr); i++) {
        X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(info->auth_attr, i);
        if (is_oid(attribute, "1.3.6.1.4.1.311.2.1.12"))
            read_opus(attribute_value(attribute, 0), a, out);
    }
    for (int i = 0; i < sk_X509_ATTRIBUTE_num(info->unauth_attr); i++) {
        X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(info->unauth_attr, i);
        if (is_oid(attribute, "1.3.6.1.4.1.311.2.4.1") && !out->nested)
            read_nested(attribute, a, out);
    }
}
