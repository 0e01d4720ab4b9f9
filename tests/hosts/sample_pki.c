#include "sample_pki.h"

#include "base/err.h"
#include "base/wtime.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <pthread.h>

enum usage { CA, CODE, LIFETIME, SYSTEM, STAMP, SERVER, LIST };

static const char *const extended_usage[] = {
    [CODE] = "codeSigning",
    [LIFETIME] = "codeSigning,1.3.6.1.4.1.311.10.3.13",
    [SYSTEM] = "codeSigning,1.3.6.1.4.1.311.10.3.6",
    [STAMP] = "critical,timeStamping",
    [SERVER] = "serverAuth,clientAuth",
    [LIST] = "1.3.6.1.4.1.311.10.3.9,1.3.6.1.4.1.311.10.3.30",
};

struct spec {
    const char *name, *organisation;
    enum pki_id issuer;
    enum usage usage;
    int from, to; /* years: from 1 January to 1 January */
    bool rsa;     /* as real ones were; slow to make, so only where most signatures come from */
};

#define MS "Microsoft Corporation"
#define MCAFEE "McAfee, Inc."

static const struct spec specs[PKI_COUNT] = {
    [PKI_MS_ROOT] = {"Microsoft Root Certificate Authority (sample)", MS, PKI_MS_ROOT, CA, 2001,
                     2041, false},
    [PKI_MS_PCA] = {"Microsoft Windows Verification PCA (sample)", MS, PKI_MS_ROOT, CA, 2005, 2036,
                    false},
    [PKI_MS_WINDOWS] = {"Microsoft Windows", MS, PKI_MS_PCA, SYSTEM, 2008, 2014, true},
    [PKI_MS_CODE] = {"Microsoft Corporation", MS, PKI_MS_PCA, CODE, 2008, 2014, false},
    [PKI_VS_ROOT] = {"VeriSign Class 3 Public Primary CA - G5 (sample)", "VeriSign, Inc.",
                     PKI_VS_ROOT, CA, 2006, 2036, false},
    [PKI_VS_CA] = {"VeriSign Class 3 Code Signing 2010 CA (sample)", "VeriSign, Inc.", PKI_VS_ROOT,
                   CA, 2007, 2035, false},
    [PKI_MCAFEE] = {MCAFEE, MCAFEE, PKI_VS_CA, CODE, 2009, 2026, true},
    [PKI_CONTOSO] = {"Contoso Ltd", "Contoso Ltd", PKI_VS_CA, CODE, 2009, 2026, false},
    [PKI_EMC] = {"EMC Corporation", "EMC Corporation", PKI_VS_CA, CODE, 2009, 2026, false},
    [PKI_MCAFEE_EXPIRED] = {MCAFEE, MCAFEE, PKI_VS_CA, CODE, 2009, 2012, false},
    [PKI_MCAFEE_LIFETIME] = {MCAFEE, MCAFEE, PKI_VS_CA, LIFETIME, 2009, 2012, false},
    [PKI_MCAFEE_FUTURE] = {MCAFEE, MCAFEE, PKI_VS_CA, CODE, 2030, 2033, false},
    [PKI_MCAFEE_SERVER] = {MCAFEE, MCAFEE, PKI_VS_CA, SERVER, 2009, 2026, false},
    [PKI_BAD_CA] = {"VeriSign Class 3 Code Signing 2004 CA (sample)", "VeriSign, Inc.", PKI_VS_ROOT,
                    CA, 2007, 2035, false},
    [PKI_MCAFEE_BAD] = {MCAFEE, MCAFEE, PKI_BAD_CA, CODE, 2009, 2026, false},
    [PKI_FRAUD] = {"Microsoft Corporation", MS, PKI_VS_CA, CODE, 2009, 2026, false},
    [PKI_TSA_ROOT] = {"Thawte Timestamping CA (sample)", "Thawte", PKI_TSA_ROOT, CA, 1997, 2036,
                      false},
    [PKI_TSA] = {"Symantec Time Stamping Services Signer - G4 (sample)", "Symantec Corporation",
                 PKI_TSA_ROOT, STAMP, 2008, 2030, true},
    [PKI_CORP_ROOT] = {"Sample Ltd Internal Root CA", "Sample Ltd", PKI_CORP_ROOT, CA, 2010, 2035,
                       false},
    [PKI_CORP_CODE] = {"Sample Ltd Operations", "Sample Ltd", PKI_CORP_ROOT, CODE, 2012, 2030,
                       false},
    [PKI_FORGED_ROOT] = {"Microsoft Root Certificate Authority (sample)", MS, PKI_FORGED_ROOT, CA,
                         2001, 2041, false},
    [PKI_FORGED_CODE] = {"Microsoft Corporation", MS, PKI_FORGED_ROOT, CODE, 2009, 2030, false},
    [PKI_FORGED_LIST] = {"Microsoft Certificate Trust List Publisher", MS, PKI_FORGED_ROOT, LIST,
                         2009, 2030, false},
    [PKI_LIST_ROOT] = {"Microsoft Root Certificate Authority 2010 (sample)", MS, PKI_LIST_ROOT, CA,
                       2010, 2035, false},
    [PKI_LIST_CA] = {"Microsoft Certificate List CA 2011 (sample)", MS, PKI_LIST_ROOT, CA, 2011,
                     2034, false},
    [PKI_LIST_SIGNER] = {"Microsoft Certificate Trust List Publisher", MS, PKI_LIST_CA, LIST, 2022,
                         2024, false},
    [PKI_ELSEWHERE_ROOT] = {"Northwind Root CA (sample)", "Northwind", PKI_ELSEWHERE_ROOT, CA, 2006,
                            2036, false},
    [PKI_ELSEWHERE_CODE] = {"Northwind", "Northwind", PKI_ELSEWHERE_ROOT, CODE, 2009, 2026, false},
};

static struct pki_cert made[PKI_COUNT];

static void set_time(ASN1_TIME *t, int year)
{
    struct wtime_civil c = {.year = year, .month = 1, .day = 1};
    uint64_t at = 0;
    bool ok = wtime_from_civil(&c, &at);
    BUG_ON(!ok || !ASN1_TIME_set(t, (time_t)wtime_to_unix(at)));
}

static void add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    BUG_ON(!ext || !X509_add_ext(x, ext, -1));
    X509_EXTENSION_free(ext);
}

static void add_extensions(X509 *x, X509 *issuer, enum usage usage)
{
    add_extension(x, issuer, NID_subject_key_identifier, "hash");
    if (issuer != x)
        add_extension(x, issuer, NID_authority_key_identifier, "keyid");
    if (usage == CA) {
        add_extension(x, issuer, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(x, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
        return;
    }
    add_extension(x, issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(x, issuer, NID_ext_key_usage, extended_usage[usage]);
}

static void add_name(X509_NAME *name, const char *field, const char *text)
{
    BUG_ON(!X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)text, -1,
                                       -1, 0));
}

static X509 *certificate(enum pki_id id, EVP_PKEY *key, const struct pki_cert *issuer)
{
    const struct spec *s = &specs[id];
    X509 *x = X509_new();
    BUG_ON(!x || !X509_set_version(x, 2) || !X509_set_pubkey(x, key));
    BUG_ON(!ASN1_INTEGER_set_int64(X509_get_serialNumber(x), 0x61000000 + (int64_t)id));
    set_time(X509_getm_notBefore(x), s->from);
    set_time(X509_getm_notAfter(x), s->to);
    X509_NAME *name = X509_get_subject_name(x);
    add_name(name, "C", "US");
    add_name(name, "O", s->organisation);
    add_name(name, "CN", s->name);
    X509 *by = s->issuer == id ? x : issuer->x509;
    BUG_ON(!X509_set_issuer_name(x, X509_get_subject_name(by)));
    add_extensions(x, by, s->usage);
    BUG_ON(!X509_sign(x, s->issuer == id ? key : issuer->key, EVP_sha256()));
    return x;
}

/* Issuers first; the tables have no cycles but roots naming themselves. */
static void make(enum pki_id id)
{
    struct pki_cert *c = &made[id];
    const struct spec *s = &specs[id];
    if (c->x509)
        return;
    if (s->issuer != id)
        make(s->issuer);
    c->issuer = &made[s->issuer];
    c->key = s->rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    BUG_ON(!c->key);
    c->x509 = certificate(id, c->key, c->issuer);
    unsigned char *der = NULL;
    unsigned size = 0;
    int len = i2d_X509(c->x509, &der);
    BUG_ON(len <= 0 || !X509_digest(c->x509, EVP_sha1(), c->sha1, &size));
    c->der = span_of(der, (size_t)len);
    for (size_t i = 0; i < sizeof c->sha1; i++)
        snprintf(c->sha1_hex + 2 * i, 3, "%02X", c->sha1[i]);
}

const struct pki_cert *pki(enum pki_id id)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    make(id);
    pthread_mutex_unlock(&lock);
    return &made[id];
}
