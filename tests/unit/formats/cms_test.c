#include "formats/cms.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "base/wtime.h"
#include "sign_sample.h"

static struct sign_identity signer, stamper;

/* Made once: RSA keys take time. */
static void identities(void)
{
    if (signer.key)
        return;
    signer = sign_identity_make("Signer", "codeSigning");
    stamper = sign_identity_make("Stamper", "critical,timeStamping");
}

static const uint8_t content[] = {0x30, 0x05, 0x04, 0x03, 'a', 'b', 'c'};

static PKCS7 *message(void)
{
    identities();
    return sign_message(&signer, EVP_sha256(), SIGN_LIST, span_of(content, sizeof content), false);
}

static struct cms *opened(PKCS7 *p7)
{
    struct sb der;
    struct cms *c = NULL;
    struct err e = {0};
    sb_init(&der, 1 << 24);
    sign_finish(p7, &der);
    bool ok = cms_open(sb_span(&der), &c, &e);
    if (!ok)
        fprintf(stderr, "%s\n", e.text);
    CHECK(ok);
    sb_done(&der); /* the message keeps nothing of the bytes */
    return c;
}

TEST(signature_over_a_sequence)
{
    struct arena a;
    struct cms *c = opened(message());
    arena_init(&a, 1 << 16);
    CHECK_STR(cms_content_type(c), SIGN_LIST);
    CHECK(span_eq(cms_content_element(c), span_of(content, sizeof content)));
    CHECK(span_eq(cms_content(c), span_of(content + 2, sizeof content - 2)));
    CHECK(!cms_detached(c));
    CHECK_U64(cms_signer_count(c), 1);
    const struct cms_signer *s = cms_signer(c, 0);
    CHECK(s->digest_ok && s->signature_ok && s->why.len == 0);
    CHECK_STR(s->digest_algorithm, "sha256");
    CHECK_STR(cert_common_name(s->certificate, &a), "Signer");
    CHECK_STR(cert_organisation(s->certificate, &a), "Sample");
    CHECK(s->timestamp.kind == TIMESTAMP_NONE && s->nested_count == 0);
    CHECK_U64(cms_extra(c), 0);
    uint64_t from, to;
    char text[WTIME_TEXT];
    CHECK(cert_validity(s->certificate, &from, &to));
    CHECK_STR(str_of(wtime_format(from, text)), "2010-01-01T00:00:00Z");
    CHECK_STR(str_of(wtime_format(to, text)), "2030-01-01T00:00:00Z");
    CHECK(str_eq(cert_serial(s->certificate, &a), s->serial));
    arena_done(&a);
    cms_close(c);
}

TEST(another_content_breaks_the_digest_only)
{
    PKCS7 *p7 = message();
    ASN1_TYPE *any = p7->d.sign->contents->d.other;
    ASN1_STRING_get0_data(any->value.sequence);
    any->value.sequence->data[6] = 'd';
    struct cms *c = opened(p7);
    CHECK(!cms_signer(c, 0)->digest_ok && cms_signer(c, 0)->signature_ok);
    CHECK_STR(cms_signer(c, 0)->why, "the message digest is not that of the signed content");
    cms_close(c);
}

TEST(another_key_breaks_the_signature)
{
    PKCS7 *p7 = message();
    sign_info(p7)->enc_digest->data[20] ^= 1;
    struct cms *c = opened(p7);
    CHECK(cms_signer(c, 0)->digest_ok && !cms_signer(c, 0)->signature_ok);
    cms_close(c);
}

TEST(a_signer_without_its_certificate)
{
    PKCS7 *p7 = message();
    sk_X509_pop_free(p7->d.sign->cert, X509_free);
    p7->d.sign->cert = NULL;
    struct cms *c = opened(p7);
    CHECK(cms_signer(c, 0)->certificate == NULL);
    CHECK_STR(cms_signer(c, 0)->why, "the signer's certificate is not in the message");
    cms_close(c);
}

static void check_stamp(struct cms *c, enum cms_timestamp_kind kind, bool intact)
{
    const struct cms_timestamp *t = &cms_signer(c, 0)->timestamp;
    CHECK(t->kind == kind);
    if (t->intact != intact)
        fprintf(stderr, "timestamp: " STR_FMT "\n", STR_ARG(t->why));
    CHECK(t->intact == intact);
    CHECK(intact == (t->why.len == 0));
    cms_close(c);
}

TEST(countersignature)
{
    char text[WTIME_TEXT];
    PKCS7 *p7 = message();
    sign_countersign(p7, &stamper, false);
    struct cms *c = opened(p7);
    const struct cms_timestamp *t = &cms_signer(c, 0)->timestamp;
    CHECK_STR(str_of(wtime_format(t->time, text)), "2012-03-14T04:17:36Z");
    CHECK(t->signer && X509_cmp(t->signer, stamper.certificate) == 0);
    CHECK_STR(t->digest_algorithm, "sha1");
    check_stamp(c, TIMESTAMP_LEGACY, true);
}

/* The digest alone inside the padding, as VeriSign's service had it; still bound to the key. */
TEST(countersignature_with_a_bare_digest)
{
    PKCS7 *p7 = message();
    sign_countersign(p7, &stamper, true);
    check_stamp(opened(p7), TIMESTAMP_LEGACY, true);
}

/* Only countersignatures may be so. */
TEST(a_bare_digest_is_no_signature_over_content)
{
    PKCS7 *p7 = message();
    sign_bare(sign_info(p7), signer.key, EVP_sha256());
    struct cms *c = opened(p7);
    CHECK(!cms_signer(c, 0)->signature_ok);
    cms_close(c);
}

TEST(countersignature_of_another_signature)
{
    PKCS7 *p7 = message();
    sign_countersign(p7, &stamper, false);
    /* The same attribute, moved to a signature that is not the one it covers. */
    PKCS7 *other = message();
    unsigned char *der = NULL;
    X509_ATTRIBUTE *from = sk_X509_ATTRIBUTE_value(sign_info(p7)->unauth_attr, 0);
    ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(from, 0);
    PKCS7_add_certificate(other, stamper.certificate);
    sign_info(other)->enc_digest->data[0] ^= 0x40;
    sign_add_unsigned(other, "1.2.840.113549.1.9.6",
                      span_of(value->value.sequence->data, (size_t)value->value.sequence->length));
    OPENSSL_free(der);
    PKCS7_free(p7);
    check_stamp(opened(other), TIMESTAMP_LEGACY, false);
}

TEST(rfc3161_token)
{
    PKCS7 *p7 = message();
    sign_timestamp(p7, &stamper, (struct span){NULL, 0});
    struct cms *c = opened(p7);
    const struct cms_timestamp *t = &cms_signer(c, 0)->timestamp;
    CHECK(t->time > 0 && t->signer && X509_cmp(t->signer, stamper.certificate) == 0);
    CHECK_U64(cms_certificate_count(c), 2);
    check_stamp(c, TIMESTAMP_RFC3161, true);
}

TEST(rfc3161_token_of_another_signature)
{
    PKCS7 *p7 = message();
    sign_timestamp(p7, &stamper, span_of("another", 7));
    struct cms *c = opened(p7);
    CHECK_STR(cms_signer(c, 0)->timestamp.why, "the timestamp covers another signature");
    check_stamp(c, TIMESTAMP_RFC3161, false);
}

TEST(the_first_intact_timestamp_wins)
{
    PKCS7 *p7 = message();
    sign_timestamp(p7, &stamper, span_of("another", 7));
    sign_countersign(p7, &stamper, false);
    check_stamp(opened(p7), TIMESTAMP_LEGACY, true);
}

TEST(nested_over_the_outer_content)
{
    struct sb inner;
    struct cms *nested = NULL;
    struct err e = {0};
    PKCS7 *p7 = message();
    sb_init(&inner, 1 << 20);
    sign_finish(sign_message(&stamper, EVP_sha256(), NULL, span_of(content, sizeof content), true),
                &inner);
    sign_add_unsigned(p7, SIGN_NESTED, sb_span(&inner));
    struct cms *c = opened(p7);
    CHECK_U64(cms_signer(c, 0)->nested_count, 1);
    CHECK(cms_open_nested(cms_signer(c, 0)->nested[0], c, &nested, &e));
    CHECK(cms_detached(nested) && cms_signer(nested, 0)->digest_ok);
    CHECK(cms_signer(nested, 0)->signature_ok);
    CHECK(span_eq(cms_content_element(nested), span_of(content, sizeof content)));
    cms_close(c); /* the nested one keeps its own copy */
    CHECK_U64(cms_content(nested).len, sizeof content);
    cms_close(nested);
    /* Alone it covers nothing. */
    CHECK(cms_open(sb_span(&inner), &nested, &e));
    CHECK(cms_detached(nested) && !cms_signer(nested, 0)->digest_ok);
    cms_close(nested);
    sb_done(&inner);
}

TEST(too_many_certificates)
{
    struct sb der;
    struct cms *c = NULL;
    struct err e = {0};
    PKCS7 *p7 = message();
    for (int i = 0; i < CMS_CERTIFICATES; i++) {
        X509 *copy = must(X509_dup(signer.certificate));
        ASN1_INTEGER_set(X509_get_serialNumber(copy), 100000 + i);
        X509_sign(copy, signer.key, EVP_sha256());
        PKCS7_add_certificate(p7, copy);
        X509_free(copy);
    }
    sb_init(&der, 1 << 24);
    sign_finish(p7, &der);
    CHECK(!cms_open(sb_span(&der), &c, &e));
    CHECK(e.kind == ERR_LIMIT);
    sb_done(&der);
}

TEST(a_certificate_that_is_too_large)
{
    struct err e = {0};
    struct sb der;
    identities();
    X509 *x = must(X509_dup(signer.certificate));
    char *big = malloc(CERT_SIZE + 1);
    memset(big, 'x', CERT_SIZE);
    big[CERT_SIZE] = 0;
    ASN1_OCTET_STRING *value = must(ASN1_OCTET_STRING_new());
    ASN1_OCTET_STRING_set(value, (unsigned char *)big, CERT_SIZE);
    X509_EXTENSION *ext = must(X509_EXTENSION_create_by_NID(NULL, NID_netscape_comment, 0, value));
    X509_add_ext(x, ext, -1);
    X509_sign(x, signer.key, EVP_sha256());
    unsigned char *bytes = NULL;
    int len = i2d_X509(x, &bytes);
    CHECK(cert_parse(span_of(bytes, (size_t)len), &e) == NULL && e.kind == ERR_LIMIT);
    PKCS7 *p7 = message();
    PKCS7_add_certificate(p7, x);
    struct cms *c = NULL;
    struct err e2 = {0};
    sb_init(&der, 1 << 24);
    sign_finish(p7, &der);
    CHECK(!cms_open(sb_span(&der), &c, &e2) && e2.kind == ERR_LIMIT);
    sb_done(&der);
    OPENSSL_free(bytes);
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(value);
    free(big);
    X509_free(x);
}

/* A public key with a modulus of 16392 bits: no such key need be made to be refused. */
static EVP_PKEY *huge_key(void)
{
    EVP_PKEY *key = NULL;
    BIGNUM *n = must(BN_new()), *e = must(BN_new());
    OSSL_PARAM_BLD *build = must(OSSL_PARAM_BLD_new());
    EVP_PKEY_CTX *ctx = must(EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL));
    BN_set_bit(n, CERT_RSA_BITS + 7);
    BN_set_bit(n, 0);
    BN_set_word(e, 65537);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
    OSSL_PARAM *params = must(OSSL_PARAM_BLD_to_param(build));
    if (EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        abort();
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    BN_free(n);
    BN_free(e);
    return key;
}

TEST(an_rsa_key_that_is_too_large)
{
    struct err e = {0};
    identities();
    EVP_PKEY *key = huge_key();
    X509 *x = must(X509_dup(signer.certificate));
    X509_set_pubkey(x, key);
    X509_sign(x, signer.key, EVP_sha256());
    unsigned char *bytes = NULL;
    int len = i2d_X509(x, &bytes);
    CHECK(cert_parse(span_of(bytes, (size_t)len), &e) == NULL);
    CHECK(e.kind == ERR_LIMIT && strstr(e.text, "RSA key is larger"));
    OPENSSL_free(bytes);
    X509_free(x);
    EVP_PKEY_free(key);
}

static EVP_PKEY *curve_key(const char *encoding)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = must(EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL));
    if (EVP_PKEY_keygen_init(ctx) != 1 ||
        EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, NID_X9_62_prime256v1) != 1 ||
        EVP_PKEY_CTX_set_ec_param_enc(ctx, strcmp(encoding, "explicit") == 0
                                               ? OPENSSL_EC_EXPLICIT_CURVE
                                               : OPENSSL_EC_NAMED_CURVE) != 1 ||
        EVP_PKEY_keygen(ctx, &key) != 1)
        abort();
    EVP_PKEY_CTX_free(ctx);
    return key;
}

TEST(named_curves_only)
{
    struct sign_identity named = sign_identity_of(curve_key("named"), "Named", NULL);
    struct sign_identity odd = sign_identity_of(curve_key("explicit"), "Explicit", NULL);
    struct cms *c = opened(
        sign_message(&named, EVP_sha256(), SIGN_LIST, span_of(content, sizeof content), false));
    CHECK(cms_signer(c, 0)->signature_ok);
    cms_close(c);
    c = opened(
        sign_message(&odd, EVP_sha256(), SIGN_LIST, span_of(content, sizeof content), false));
    CHECK(!cms_signer(c, 0)->signature_ok);
    CHECK_STR(cms_signer(c, 0)->why, "the elliptic curve is not a named one");
    cms_close(c);
    sign_identity_done(&named);
    sign_identity_done(&odd);
}

/* A content of a type that PKCS #7 itself defines is held by libcrypto as another structure. */
TEST(content_that_is_a_message_itself)
{
    struct sb inner, outer, a, b;
    struct cms *c = NULL;
    struct err e = {0};
    sb_init(&inner, 1 << 20), sb_init(&outer, 1 << 20), sb_init(&a, 1 << 20), sb_init(&b, 1 << 20);
    sign_finish(message(), &inner);
    PKCS7 *p7 = message();
    const unsigned char *p = (const unsigned char *)inner.ptr;
    PKCS7_free(p7->d.sign->contents);
    p7->d.sign->contents = must(d2i_PKCS7(NULL, &p, (long)inner.len));
    sign_finish(p7, &outer);
    CHECK(!cms_open(sb_span(&outer), &c, &e));
    CHECK(e.kind == ERR_FORMAT);
    sb_done(&inner), sb_done(&outer), sb_done(&a), sb_done(&b);
}

TEST(bytes_behind_the_message_are_counted)
{
    struct sb der;
    struct cms *c = NULL;
    struct err e = {0};
    sb_init(&der, 1 << 20);
    sign_finish(message(), &der);
    sb_put(&der, "\0\0\0extra", 8);
    CHECK(cms_open(sb_span(&der), &c, &e));
    CHECK_U64(cms_extra(c), 8);
    cms_close(c);
    sb_done(&der);
}

/* Every prefix is refused; flipped bits never make another message of it silently: either it is
 * refused, or something no longer verifies, or the bit is none that is signed. */
TEST(truncation_and_flipped_bits)
{
    struct sb der;
    PKCS7 *p7 = message();
    sign_countersign(p7, &stamper, false);
    sb_init(&der, 1 << 20);
    sign_finish(p7, &der);
    for (size_t len = 0; len < der.len; len += 7) {
        struct cms *c = NULL;
        struct err e = {0};
        uint8_t *copy = malloc(len + 1);
        memcpy(copy, der.ptr, len);
        CHECK(!cms_open(span_of(copy, len), &c, &e) && e.kind != ERR_NONE);
        free(copy);
    }
    for (size_t at = 0; at < der.len; at += 5) {
        struct cms *c = NULL;
        struct err e = {0};
        der.ptr[at] ^= 0x10;
        if (cms_open(sb_span(&der), &c, &e))
            cms_close(c);
        else
            CHECK(e.kind != ERR_NONE && e.text[0]);
        der.ptr[at] ^= 0x10;
    }
    sb_done(&der);
}

TEST(not_a_message)
{
    static const char *const bytes[] = {"", "\x30", "\x30\x80", "\x30\x03\x02\x01\x05", "MZ"};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        struct cms *c = NULL;
        struct err e = {0};
        CHECK(!cms_open(span_of(bytes[i], strlen(bytes[i])), &c, &e));
        CHECK(e.kind == ERR_FORMAT);
    }
    sign_identity_done(&signer);
    sign_identity_done(&stamper);
}

TEST_MAIN()
