/* A small public-key infrastructure made at test time: certificates, signed PE files, catalogs,
 * trust lists, timestamps, store elements.  Keys live in this process only.
 *
 * Everything belongs to the tests' one arena and list; pki_done() frees it. */
#pragma once

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "base/wtime.h"
#include "formats/authenticode.h"
#include "formats/der.h"
#include "host/host_memory.h"
#include "pe_sample.h"

#define PKI_CODE "1.3.6.1.5.5.7.3.3"
#define PKI_TIME "1.3.6.1.5.5.7.3.8"
#define PKI_ROOT_LIST "1.3.6.1.4.1.311.10.3.9"
#define PKI_DISALLOWED_LIST "1.3.6.1.4.1.311.10.3.30"
#define PKI_LIFETIME "1.3.6.1.4.1.311.10.3.13"
#define PKI_CATALOG_LIST "1.3.6.1.4.1.311.12.1.1"

struct pki_cert {
    X509 *x;
    EVP_PKEY *key;
};

static struct arena pki_mem;
static struct pki_cert pki_made[256];
static size_t pki_count;

static inline void pki_begin(void)
{
    arena_init(&pki_mem, ARENA_DEFAULT_CAP);
}

static inline void pki_done(void)
{
    for (size_t i = 0; i < pki_count; i++) {
        X509_free(pki_made[i].x);
        EVP_PKEY_free(pki_made[i].key);
    }
    pki_count = 0;
    arena_done(&pki_mem);
}

/* ---- DER --------------------------------------------------------------------------------------
 */

static inline struct span pki_tlv(unsigned tag, struct span content)
{
    size_t n = content.len, head = n < 128 ? 2 : n < 256 ? 3 : n < 65536 ? 4 : 5;
    uint8_t *p = arena_alloc(&pki_mem, head + n);
    p[0] = (uint8_t)tag;
    p[1] = (uint8_t)(n < 128 ? n : 0x80 | (head - 2));
    for (size_t i = 2; i < head; i++)
        p[i] = (uint8_t)(n >> 8 * (head - 1 - i));
    if (n)
        memcpy(p + head, content.ptr, n);
    return span_of(p, head + n);
}

__attribute__((noinline, unused)) static struct span pki_join(struct span a, struct span b)
{
    uint8_t *p = arena_alloc(&pki_mem, a.len + b.len + 1);
    if (a.len)
        memcpy(p, a.ptr, a.len);
    if (b.len)
        memcpy(p + a.len, b.ptr, b.len);
    return span_of(p, a.len + b.len);
}

static inline struct span pki_oid(const char *dotted)
{
    ASN1_OBJECT *o = OBJ_txt2obj(dotted, 1);
    unsigned char *der = NULL;
    int n = i2d_ASN1_OBJECT(o, &der);
    struct span s = span_of(arena_copy(&pki_mem, der, (size_t)n), (size_t)n);
    OPENSSL_free(der);
    ASN1_OBJECT_free(o);
    return s;
}

static inline struct span pki_seq(struct span content)
{
    return pki_tlv(0x30, content);
}

static inline struct span pki_octets(struct span content)
{
    return pki_tlv(0x04, content);
}

static inline struct span pki_algorithm(const char *oid)
{
    return pki_seq(pki_join(pki_oid(oid), pki_tlv(0x05, span_of(NULL, 0))));
}

static inline struct span pki_der(X509 *x)
{
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    struct span s = span_of(arena_copy(&pki_mem, der, (size_t)n), (size_t)n);
    OPENSSL_free(der);
    return s;
}

static inline uint64_t pki_day(const char *date)
{
    uint64_t t = 0;
    CHECK(wtime_parse(str_of(date), &t));
    return t;
}

/* ---- certificates ------------------------------------------------------------------------------
 */

struct pki_spec {
    const char *cn, *o;
    const struct pki_cert *issuer; /* NULL = itself */
    const struct pki_cert *key_of; /* same key as this one: a cross certificate */
    const char *from, *to;         /* 2005-01-01 to 2030-01-01 unless given */
    const char *usages;            /* dotted OIDs joined by commas; NULL = no extension */
    const char *extra;             /* "OID=value" in libcrypto's syntax for an extension */
    const char *key_usage;         /* libcrypto's words */
    bool ca, no_constraints;
    int path_length; /* 0 = none, else length + 1 */
    const EVP_MD *md;
};

static inline void pki_extension(X509 *x, X509V3_CTX *ctx, const char *name, const char *value)
{
    X509_EXTENSION *e = X509V3_EXT_nconf(NULL, ctx, name, value);
    CHECK(e && X509_add_ext(x, e, -1));
    X509_EXTENSION_free(e);
}

static inline void pki_extensions(X509 *x, X509 *issuer, const struct pki_spec *s)
{
    X509V3_CTX ctx;
    char text[64];
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    snprintf(text, sizeof text, s->path_length ? "critical,CA:TRUE,pathlen:%d" : "critical,CA:TRUE",
             s->path_length - 1);
    if (s->ca && !s->no_constraints)
        pki_extension(x, &ctx, "basicConstraints", text);
    if (s->usages)
        pki_extension(x, &ctx, "extendedKeyUsage", s->usages);
    if (s->key_usage)
        pki_extension(x, &ctx, "keyUsage", s->key_usage);
    if (s->extra) {
        const char *eq = strchr(s->extra, '=');
        snprintf(text, sizeof text, "%.*s", (int)(eq - s->extra), s->extra);
        pki_extension(x, &ctx, text, eq + 1);
    }
}

static inline void pki_times(X509 *x, const char *from, const char *to)
{
    ASN1_TIME_set(X509_getm_notBefore(x), (time_t)wtime_to_unix(pki_day(from)));
    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)wtime_to_unix(pki_day(to)));
}

static inline struct pki_cert pki_make(struct pki_spec s)
{
    struct pki_cert c = {X509_new(), NULL};
    c.key = s.key_of ? s.key_of->key : EVP_EC_gen("P-256");
    if (s.key_of)
        EVP_PKEY_up_ref(c.key);
    const struct pki_cert *issuer = s.issuer ? s.issuer : &c;
    X509_set_version(c.x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(c.x), (long)pki_count + 1000);
    pki_times(c.x, s.from ? s.from : "2005-01-01", s.to ? s.to : "2030-01-01");
    X509_NAME *name = X509_get_subject_name(c.x);
    if (s.o)
        X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)s.o, -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)s.cn, -1, -1, 0);
    X509_set_issuer_name(c.x, X509_get_subject_name(issuer->x));
    X509_set_pubkey(c.x, c.key);
    pki_extensions(c.x, issuer->x, &s);
    CHECK(X509_sign(c.x, issuer->key, s.md ? s.md : EVP_sha256()) > 0);
    CHECK(pki_count < sizeof pki_made / sizeof *pki_made);
    pki_made[pki_count++] = c;
    return c;
}

/* ---- signatures --------------------------------------------------------------------------------
 */

enum pki_stamp { PKI_NONE, PKI_LEGACY, PKI_RFC3161 };

struct pki_sign {
    const struct pki_cert *signer;
    const struct pki_cert *with[8]; /* further certificates, up to the first NULL */
    enum pki_stamp stamp;
    const struct pki_cert *stamper;
    const char *stamped; /* date */
    struct span nested;  /* SignedData to put inside */
    bool spoil_stamp;    /* the timestamp covers something else */
    bool spoil_digest;   /* the messageDigest is wrong */
    bool no_certificate; /* leave the signer's out */
};

static inline struct span pki_sha(const char *name, struct span s)
{
    uint8_t *out = arena_alloc(&pki_mem, 64);
    unsigned n = 0;
    EVP_Digest(s.ptr, s.len, out, &n, EVP_get_digestbyname(name), NULL);
    return span_of(out, n);
}

/* A signer's attributes and signature over `content`. */
static inline PKCS7_SIGNER_INFO *pki_signer_info(const struct pki_cert *c, const char *type,
                                                 struct span content, ASN1_TIME *when, bool spoil)
{
    PKCS7_SIGNER_INFO *si = PKCS7_SIGNER_INFO_new();
    CHECK(PKCS7_SIGNER_INFO_set(si, c->x, c->key, EVP_sha256()));
    struct span md = pki_sha("sha256", content);
    if (spoil)
        ((uint8_t *)(uintptr_t)md.ptr)[0] ^= 1;
    PKCS7_add_signed_attribute(si, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_txt2obj(type, 1));
    if (when)
        PKCS7_add_signed_attribute(si, NID_pkcs9_signingTime, when->type, when);
    PKCS7_add1_attrib_digest(si, md.ptr, (int)md.len);
    CHECK(PKCS7_SIGNER_INFO_sign(si));
    return si;
}

static inline void pki_attribute(PKCS7_SIGNER_INFO *si, const char *oid, struct span der)
{
    ASN1_STRING *s = ASN1_STRING_type_new(V_ASN1_SEQUENCE);
    ASN1_STRING_set(s, der.ptr, (int)der.len);
    ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
    X509_ATTRIBUTE *a = X509_ATTRIBUTE_create_by_OBJ(NULL, o, V_ASN1_SEQUENCE, s->data, s->length);
    if (!si->unauth_attr)
        si->unauth_attr = sk_X509_ATTRIBUTE_new_null();
    sk_X509_ATTRIBUTE_push(si->unauth_attr, a);
    ASN1_OBJECT_free(o);
    ASN1_STRING_free(s);
}

static inline void pki_legacy(PKCS7_SIGNER_INFO *si, const struct pki_sign *how,
                              struct span covered)
{
    ASN1_TIME *when = ASN1_TIME_set(NULL, (time_t)wtime_to_unix(pki_day(how->stamped)));
    PKCS7_SIGNER_INFO *counter =
        pki_signer_info(how->stamper, "1.2.840.113549.1.7.1", covered, when, false);
    unsigned char *der = NULL;
    int n = i2d_PKCS7_SIGNER_INFO(counter, &der);
    pki_attribute(si, "1.2.840.113549.1.9.6", span_of(der, (size_t)n));
    OPENSSL_free(der);
    PKCS7_SIGNER_INFO_free(counter);
}

static inline struct span pki_tst_info(const struct pki_sign *how, struct span covered)
{
    static const uint8_t one[] = {1};
    char when[32];
    struct wtime_civil c;
    wtime_civil(pki_day(how->stamped), &c);
    snprintf(when, sizeof when, "%04d%02d%02d%02d%02d%02dZ", c.year % 10000, c.month % 100,
             c.day % 100, c.hour % 100, c.minute % 100, c.second % 100);
    struct span imprint = pki_seq(
        pki_join(pki_algorithm("2.16.840.1.101.3.4.2.1"), pki_octets(pki_sha("sha256", covered))));
    struct span s = pki_join(pki_tlv(0x02, span_of(one, 1)), pki_oid("1.2.3.4"));
    s = pki_join(s, imprint);
    s = pki_join(s, pki_tlv(0x02, span_of(one, 1)));
    return pki_seq(pki_join(s, pki_tlv(0x18, span_of(when, strlen(when)))));
}

static inline void pki_rfc3161(PKCS7_SIGNER_INFO *si, const struct pki_sign *how,
                               struct span covered)
{
    struct span info = pki_tst_info(how, covered);
    BIO *in = BIO_new_mem_buf(info.ptr, (int)info.len);
    unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
    CMS_ContentInfo *token = CMS_sign(NULL, NULL, NULL, in, flags);
    CMS_set1_eContentType(token, OBJ_nid2obj(NID_id_smime_ct_TSTInfo));
    CHECK(CMS_add1_signer(token, how->stamper->x, how->stamper->key, EVP_sha256(), flags));
    for (size_t i = 0; how->with[i]; i++)
        CMS_add0_cert(token, how->with[i]->x), X509_up_ref(how->with[i]->x);
    CHECK(CMS_final(token, in, NULL, flags));
    unsigned char *der = NULL;
    int n = i2d_CMS_ContentInfo(token, &der);
    pki_attribute(si, "1.3.6.1.4.1.311.3.3.1", span_of(der, (size_t)n));
    OPENSSL_free(der);
    CMS_ContentInfo_free(token);
    BIO_free(in);
}

static inline void pki_stamp_it(PKCS7_SIGNER_INFO *si, const struct pki_sign *how)
{
    struct span covered = span_of(si->enc_digest->data, (size_t)si->enc_digest->length);
    if (how->spoil_stamp)
        covered = span_of("another signature", 17);
    if (how->stamp == PKI_LEGACY)
        pki_legacy(si, how, covered);
    else if (how->stamp == PKI_RFC3161)
        pki_rfc3161(si, how, covered);
}

/* SignedData over `element` (a SEQUENCE) of content type `type`. */
static inline struct span pki_signed_data(const char *type, struct span element,
                                          const struct pki_sign *how)
{
    PKCS7 *p7 = PKCS7_new(), *inner = PKCS7_new();
    struct der d;
    struct span rest = element;
    CHECK(der_next(&rest, &d));
    PKCS7_set_type(p7, NID_pkcs7_signed);
    inner->type = OBJ_txt2obj(type, 1);
    inner->d.other = ASN1_TYPE_new();
    ASN1_STRING *s = ASN1_STRING_type_new(V_ASN1_SEQUENCE);
    ASN1_STRING_set(s, element.ptr, (int)element.len);
    ASN1_TYPE_set(inner->d.other, V_ASN1_SEQUENCE, s);
    CHECK(PKCS7_set_content(p7, inner));
    PKCS7_SIGNER_INFO *si = pki_signer_info(how->signer, type, d.content, NULL, how->spoil_digest);
    CHECK(PKCS7_add_signer(p7, si));
    if (!how->no_certificate)
        PKCS7_add_certificate(p7, how->signer->x);
    for (size_t i = 0; how->with[i]; i++)
        PKCS7_add_certificate(p7, how->with[i]->x);
    if (how->stamp == PKI_LEGACY)
        PKCS7_add_certificate(p7, how->stamper->x);
    pki_stamp_it(si, how);
    if (how->nested.len)
        pki_attribute(si, "1.3.6.1.4.1.311.2.4.1", how->nested);
    unsigned char *der = NULL;
    int n = i2d_PKCS7(p7, &der);
    CHECK(n > 0);
    struct span out = span_of(arena_copy(&pki_mem, der, (size_t)n), (size_t)n);
    OPENSSL_free(der);
    PKCS7_free(p7);
    return out;
}

/* ---- PE files -----------------------------------------------------------------------------------
 */

static inline const char *pki_digest_oid(const char *algorithm)
{
    return strcmp(algorithm, "sha1") == 0 ? "1.3.14.3.2.26" : "2.16.840.1.101.3.4.2.1";
}

/* SpcIndirectDataContent for a PE file. */
static inline struct span pki_indirect(const char *algorithm, struct span digest)
{
    static const uint8_t flags[] = {0};
    struct span pe_data =
        pki_seq(pki_join(pki_tlv(0x03, span_of(flags, 1)),
                         pki_tlv(0xA0, pki_tlv(0xA2, pki_tlv(0x80, span_of(NULL, 0))))));
    struct span data = pki_seq(pki_join(pki_oid("1.3.6.1.4.1.311.2.1.15"), pe_data));
    struct span info =
        pki_seq(pki_join(pki_algorithm(pki_digest_oid(algorithm)), pki_octets(digest)));
    return pki_seq(pki_join(data, info));
}

/* A plain PE file; `salt` makes it another one. */
static inline struct span pki_pe(uint32_t salt)
{
    struct pe_sample *s = arena_alloc(&pki_mem, sizeof *s);
    pe_sample_make(s, PE_MACHINE_AMD64, true);
    pe_store32(s, PE_SAMPLE_HEADER + 8, salt);
    s->size = (s->size + 7) & ~(size_t)7;
    return pe_sample_span(s);
}

static inline struct span pki_pe_digest(const char *algorithm, struct span file)
{
    struct pe pe;
    uint8_t *out = arena_alloc(&pki_mem, 64);
    size_t len = 0;
    struct err e = {0};
    CHECK(pe_open(file, &pe, &e));
    CHECK(authenticode_digest(&pe, &algorithm, 1, (uint8_t(*)[64])out, &len, &e));
    return span_of(out, len);
}

/* `file` with a certificate table of one entry; `behind` zero-valued or other bytes in the entry.
 */
static inline struct span pki_attach(struct span file, struct span signature, struct span behind)
{
    size_t padded = (file.len + 7) & ~(size_t)7, content = signature.len + behind.len;
    size_t entry = (8 + content + 7) & ~(size_t)7;
    uint8_t *p = arena_alloc(&pki_mem, padded + entry);
    struct pe pe;
    struct err e = {0};
    memcpy(p, file.ptr, file.len);
    CHECK(pe_open(file, &pe, &e));
    const uint32_t words[] = {(uint32_t)padded, (uint32_t)entry};
    for (size_t i = 0; i < 8; i++)
        p[pe.certificate_at + i] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
    for (size_t i = 0; i < 4; i++)
        p[padded + i] = (uint8_t)(words[1] >> 8 * i);
    p[padded + 5] = 2;
    p[padded + 6] = 2;
    memcpy(p + padded + 8, signature.ptr, signature.len);
    if (behind.len)
        memcpy(p + padded + 8 + signature.len, behind.ptr, behind.len);
    return span_of(p, padded + entry);
}

static inline struct span pki_pe_signature(struct span file, const char *algorithm,
                                           const struct pki_sign *how)
{
    return pki_signed_data("1.3.6.1.4.1.311.2.1.4",
                           pki_indirect(algorithm, pki_pe_digest(algorithm, file)), how);
}

static inline struct span pki_signed_pe(uint32_t salt, const struct pki_sign *how)
{
    struct span file = pki_pe(salt);
    return pki_attach(file, pki_pe_signature(file, "sha256", how), span_of(NULL, 0));
}

/* ---- lists and catalogs
 * -------------------------------------------------------------------------- */

static inline struct span pki_entry_attribute(const char *oid, struct span value)
{
    return pki_seq(pki_join(pki_oid(oid), pki_tlv(0x31, value)));
}

/* Certificate property of a list's entry. */
static inline struct span pki_property(unsigned id, struct span bytes)
{
    char oid[64];
    snprintf(oid, sizeof oid, "1.3.6.1.4.1.311.10.11.%u", id);
    return pki_entry_attribute(oid, pki_octets(bytes));
}

static inline struct span pki_entry(struct span id, struct span attributes)
{
    struct span s = pki_octets(id);
    return pki_seq(attributes.len ? pki_join(s, pki_tlv(0x31, attributes)) : s);
}

static inline struct span pki_list_at(const char *usage, const char *algorithm, const char *updated,
                                      unsigned number, struct span entries,
                                      const struct pki_sign *how)
{
    const uint8_t sequence[] = {(uint8_t)(number >> 8 & 0x7F), (uint8_t)number};
    char when[32];
    struct wtime_civil c;
    wtime_civil(pki_day(updated), &c);
    snprintf(when, sizeof when, "%02d%02d%02d000000Z", c.year % 100, c.month % 100, c.day % 100);
    struct span s = pki_seq(pki_oid(usage));
    s = pki_join(s, pki_tlv(0x02, span_of(sequence, 2)));
    s = pki_join(s, pki_tlv(0x17, span_of(when, strlen(when))));
    s = pki_join(s, pki_algorithm(algorithm));
    s = pki_join(s, pki_seq(entries));
    return pki_signed_data("1.3.6.1.4.1.311.10.1", pki_seq(s), how);
}

static inline struct span pki_list(const char *usage, const char *algorithm, const char *updated,
                                   struct span entries, const struct pki_sign *how)
{
    return pki_list_at(usage, algorithm, updated, 0x1401, entries, how);
}

/* An entry of the root list: with its subject's MD5 (29) and what else is given. */
static inline struct span pki_root_entry(const struct pki_cert *root, struct span more)
{
    unsigned char md5[EVP_MAX_MD_SIZE] = {0};
    unsigned n = 0;
    X509_NAME_digest(X509_get_subject_name(root->x), EVP_md5(), md5, &n);
    struct span sha1 = pki_sha("sha1", pki_der(root->x));
    return pki_entry(sha1, pki_join(pki_property(29, span_of(md5, 16)), more));
}

static inline struct span pki_catalog(struct span members, bool v2, const struct pki_sign *how)
{
    return pki_list(PKI_CATALOG_LIST, v2 ? "1.3.6.1.4.1.311.12.1.3" : "1.3.6.1.4.1.311.12.1.2",
                    "2015-01-01", members, how);
}

static inline struct span pki_member(const char *algorithm, struct span digest)
{
    return pki_entry(digest,
                     pki_entry_attribute("1.3.6.1.4.1.311.2.1.4", pki_indirect(algorithm, digest)));
}

/* ---- the host
 * ------------------------------------------------------------------------------------ */

static inline struct span pki_record(uint32_t id, struct span bytes)
{
    uint8_t head[12] = {0};
    for (size_t i = 0; i < 4; i++) {
        head[i] = (uint8_t)(id >> 8 * i);
        head[8 + i] = (uint8_t)(bytes.len >> 8 * i);
    }
    head[4] = 1;
    return pki_join(span_of(head, sizeof head), bytes);
}

/* Puts a certificate with further records into a store below `above` (NULL: the machine's). */
static inline void pki_store_blob(struct host *h, const char *above, const char *store,
                                  const struct pki_cert *c, struct span blob)
{
    char key[512], name[41];
    struct span sha1 = pki_sha("sha1", pki_der(c->x));
    for (size_t i = 0; i < 20; i++)
        snprintf(name + 2 * i, 3, "%02X", sha1.ptr[i]);
    snprintf(key, sizeof key, "%s\\%s\\Certificates\\%s",
             above ? above : "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates", store, name);
    memory_set_value(h, key, "Blob", 3, blob);
}

static inline void pki_store(struct host *h, const char *above, const char *store,
                             const struct pki_cert *c, struct span records)
{
    pki_store_blob(h, above, store, c, pki_join(records, pki_record(32, pki_der(c->x))));
}
