#include <limits.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ts.h>

#include "formats/cms_part.h"
#include "formats/der.h"

static bool asn1_time(const ASN1_STRING *s, uint64_t *out)
{
    struct der d = {.tag = (uint32_t)ASN1_STRING_type(s),
                    .content = span_of(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s))};
    return der_time(&d, out);
}

static void legacy(struct span der, struct span covered,
                   const struct cms_certificates *certificates, struct arena *a,
                   struct cms_timestamp *out)
{
    const unsigned char *p = der.ptr;
    out->kind = TIMESTAMP_LEGACY;
    PKCS7_SIGNER_INFO *info = d2i_PKCS7_SIGNER_INFO(NULL, &p, (long)der.len);
    if (!info) {
        out->why = STR("the countersignature is malformed");
        return;
    }
    struct cms_signer signer = {0};
    cms_check_signer(info, covered, CMS_DIGEST_INFO_OR_BARE, certificates, a, &signer);
    out->signer = signer.certificate;
    out->digest_algorithm = signer.digest_algorithm;
    ASN1_TYPE *when = PKCS7_get_signed_attribute(info, NID_pkcs9_signingTime);
    bool timed = when && (when->type == V_ASN1_UTCTIME || when->type == V_ASN1_GENERALIZEDTIME) &&
                 asn1_time(when->value.asn1_string, &out->time);
    out->intact = timed && signer.digest_ok && signer.signature_ok;
    if (!out->intact)
        out->why = signer.why.len ? signer.why : STR("the countersignature tells no time");
    PKCS7_SIGNER_INFO_free(info);
}

/* Does the token's imprint cover the signature? */
static bool imprint_matches(TS_TST_INFO *info, struct span covered, struct arena *a,
                            struct str *algorithm)
{
    TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
    X509_ALGOR *name = TS_MSG_IMPRINT_get_algo(imprint);
    const EVP_MD *md = EVP_get_digestbyobj(name->algorithm);
    ASN1_OCTET_STRING *want = TS_MSG_IMPRINT_get_msg(imprint);
    unsigned char have[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    *algorithm = cms_algorithm_name(name, a);
    return md && EVP_Digest(covered.ptr, covered.len, have, &len, md, NULL) == 1 &&
           (unsigned)ASN1_STRING_length(want) == len &&
           memcmp(ASN1_STRING_get0_data(want), have, len) == 0;
}

static TS_TST_INFO *token_info(CMS_ContentInfo *token)
{
    ASN1_OCTET_STRING **content = CMS_get0_content(token);
    if (!content || !*content)
        return NULL;
    const unsigned char *p = ASN1_STRING_get0_data(*content);
    return d2i_TS_TST_INFO(NULL, &p, ASN1_STRING_length(*content));
}

static bool keep_token_certificates(CMS_ContentInfo *token, struct cms_certificates *list)
{
    STACK_OF(X509) *certificates = CMS_get1_certs(token);
    bool ok = true;
    for (int i = 0; i < sk_X509_num(certificates) && ok; i++)
        ok = i2d_X509(sk_X509_value(certificates, i), NULL) <= CERT_SIZE &&
             cms_keep_certificate(list, sk_X509_value(certificates, i));
    sk_X509_pop_free(certificates, X509_free);
    return ok;
}

static bool few_signers(CMS_ContentInfo *token)
{
    return sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(token)) <= CMS_SIGNERS;
}

/* Signers of the token; every key within the caps before any arithmetic is done. */
static bool token_verifies(CMS_ContentInfo *token, const struct cms_certificates *list,
                           struct cms_timestamp *out)
{
    for (size_t i = 0; i < list->count; i++)
        if (!cms_key_allowed(X509_get0_pubkey(list->items[i]), &out->why))
            return false;
    STACK_OF(X509) *known = sk_X509_new_null();
    for (size_t i = 0; known && i < list->count; i++)
        sk_X509_push(known, list->items[i]);
    bool ok = known && CMS_verify(token, known, NULL, NULL, NULL, CMS_NO_SIGNER_CERT_VERIFY) == 1;
    STACK_OF(X509) *signers = ok ? CMS_get0_signers(token) : NULL;
    X509 *first = sk_X509_num(signers) > 0 ? sk_X509_value(signers, 0) : NULL;
    for (size_t i = 0; first && i < list->count; i++)
        if (X509_cmp(list->items[i], first) == 0)
            out->signer = list->items[i];
    sk_X509_free(signers);
    sk_X509_free(known);
    if (!ok)
        out->why = STR("the timestamp's signature does not verify");
    return ok;
}

static void rfc3161(struct span der, struct span covered, struct cms_certificates *certificates,
                    struct arena *a, struct cms_timestamp *out)
{
    struct cms_split split = {.rest = der};
    bool parts = cms_split(der, a, &split);
    const unsigned char *p = split.rest.ptr;
    out->kind = TIMESTAMP_RFC3161;
    CMS_ContentInfo *token = d2i_CMS_ContentInfo(NULL, &p, (long)split.rest.len);
    TS_TST_INFO *info = token ? token_info(token) : NULL;
    if (!info)
        out->why = STR("the timestamp token is malformed");
    else if (parts ? !cms_keep_split(certificates, split.certificates, NULL)
                   : !keep_token_certificates(token, certificates))
        out->why = STR("the timestamp token carries too many or too large certificates");
    else if (!asn1_time(TS_TST_INFO_get_time(info), &out->time))
        out->why = STR("the timestamp token tells no time");
    else if (!imprint_matches(info, covered, a, &out->digest_algorithm))
        out->why = STR("the timestamp covers another signature");
    else if (!few_signers(token))
        out->why = STR("the timestamp token has too many signers");
    else
        out->intact = token_verifies(token, certificates, out);
    TS_TST_INFO_free(info);
    CMS_ContentInfo_free(token);
    ERR_clear_error();
}

static struct span first_value(X509_ATTRIBUTE *attribute)
{
    ASN1_TYPE *any = X509_ATTRIBUTE_get0_type(attribute, 0);
    if (!any || any->type != V_ASN1_SEQUENCE)
        return (struct span){NULL, 0};
    return span_of(any->value.sequence->data, (size_t)any->value.sequence->length);
}

void cms_check_timestamps(PKCS7_SIGNER_INFO *info, struct cms_certificates *certificates,
                          struct arena *a, struct cms_timestamp *out)
{
    enum { MOST = 8 };
    struct span covered = span_of(ASN1_STRING_get0_data(info->enc_digest),
                                  (size_t)ASN1_STRING_length(info->enc_digest));
    int count = sk_X509_ATTRIBUTE_num(info->unauth_attr), seen = 0;
    for (int i = 0; i < count && seen < MOST && !out->intact; i++) {
        X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(info->unauth_attr, i);
        char oid[128] = "";
        OBJ_obj2txt(oid, sizeof oid, X509_ATTRIBUTE_get0_object(attribute), 1);
        bool is_legacy = strcmp(oid, "1.2.840.113549.1.9.6") == 0;
        if (!is_legacy && strcmp(oid, "1.3.6.1.4.1.311.3.3.1") != 0)
            continue;
        struct cms_timestamp one = {0};
        struct span der = first_value(attribute);
        seen++;
        if (is_legacy)
            legacy(der, covered, certificates, a, &one);
        else
            rfc3161(der, covered, certificates, a, &one);
        if (one.intact || out->kind == TIMESTAMP_NONE)
            *out = one;
    }
}
