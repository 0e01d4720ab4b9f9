#include <limits.h>
#include <openssl/err.h>

#include "formats/cms.h"
#include "formats/cms_part.h"
#include "formats/der.h"

static struct str name_entry(const X509_NAME *name, int nid, struct arena *a)
{
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    if (at < 0)
        return (struct str){NULL, 0};
    ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    unsigned char *utf8 = NULL;
    int len = ASN1_STRING_to_UTF8(&utf8, text);
    ERR_clear_error();
    struct str s = {NULL, 0};
    if (len >= 0)
        s = str_dup(a, (struct str){(const char *)utf8, (size_t)len});
    OPENSSL_free(utf8);
    return s;
}

struct str cert_common_name(X509 *x, struct arena *a)
{
    return name_entry(X509_get_subject_name(x), NID_commonName, a);
}

struct str cert_organisation(X509 *x, struct arena *a)
{
    return name_entry(X509_get_subject_name(x), NID_organizationName, a);
}

struct str cert_issuer_name(X509 *x, struct arena *a)
{
    struct str name = name_entry(X509_get_issuer_name(x), NID_commonName, a);
    return name.len ? name : name_entry(X509_get_issuer_name(x), NID_organizationName, a);
}

struct str cert_serial(X509 *x, struct arena *a)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
    struct sb hex;
    sb_init(&hex, 4096);
    sb_hex(&hex, ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
    struct str s = str_dup(a, (struct str){hex.ptr, hex.len});
    sb_done(&hex);
    return s;
}

static bool asn1_time(const ASN1_TIME *t, uint64_t *out)
{
    struct der d = {.tag = (uint32_t)ASN1_STRING_type(t),
                    .content = span_of(ASN1_STRING_get0_data(t), (size_t)ASN1_STRING_length(t))};
    return der_time(&d, out);
}

bool cert_validity(X509 *x, uint64_t *not_before, uint64_t *not_after)
{
    if (asn1_time(X509_get0_notBefore(x), not_before) &&
        asn1_time(X509_get0_notAfter(x), not_after))
        return true;
    *not_before = *not_after = 0;
    return false;
}

bool cert_hash(X509 *x, const char *algorithm, uint8_t out[64], size_t *len)
{
    const EVP_MD *md = EVP_get_digestbyname(algorithm);
    unsigned n = 0;
    if (!md || X509_digest(x, md, out, &n) != 1)
        return false;
    *len = n;
    return true;
}

X509 *cert_parse(struct span der, struct err *e)
{
    if (der.len > CERT_SIZE) {
        err_set(e, ERR_LIMIT, 0, "certificate of %zu bytes, the limit is %d", der.len, CERT_SIZE);
        return NULL;
    }
    const unsigned char *p = der.ptr;
    X509 *x = d2i_X509(NULL, &p, (long)der.len);
    ERR_clear_error();
    struct str why = {NULL, 0};
    if (!x)
        err_set(e, ERR_FORMAT, 0, "not an X.509 certificate");
    else if (!cms_key_allowed(X509_get0_pubkey(x), &why))
        err_set(e, ERR_LIMIT, 0, "unusable certificate: " STR_FMT, STR_ARG(why));
    ERR_clear_error();
    if (x && why.len) {
        X509_free(x);
        return NULL;
    }
    return x;
}
