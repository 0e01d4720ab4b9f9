#include "catalog_writer.h"

#include "base/err.h"
#include "base/wtime.h"
#include "cert_store.h"
#include "tlv.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#define OID_CTL "1.3.6.1.4.1.311.10.1"
#define OID_NAME_VALUE "1.3.6.1.4.1.311.12.2.1"
#define OID_MEMBER_INFO "1.3.6.1.4.1.311.12.2.2"
#define OID_MEMBER_INFO2 "1.3.6.1.4.1.311.12.2.3"
#define OID_INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"
#define OID_PROPERTY "1.3.6.1.4.1.311.10.11."

enum { LIST_MAX = 1 << 26 };

static void put_usage(struct sb *b, const char *oid)
{
    size_t at = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, oid);
    tlv_close(b, at);
}

/* ---- catalogs ------------------------------------------------------------------------------ */

static void put_name_value(struct sb *b, const char *name, const char *value)
{
    struct sb text;
    sb_init(&text, LIST_MAX);
    out_utf16z(&text, str_of(value));
    size_t at = tlv_open(b, TLV_SEQUENCE);
    tlv_bmp(b, TLV_BMP, name);
    tlv_int(b, 0x10010001);
    tlv_bytes(b, TLV_OCTETS, sb_span(&text));
    tlv_close(b, at);
    sb_done(&text);
}

static void put_name_attribute(struct sb *b, const char *name, const char *value)
{
    size_t at = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, OID_NAME_VALUE);
    size_t set = tlv_open(b, TLV_SET);
    put_name_value(b, name, value);
    tlv_close(b, set);
    tlv_close(b, at);
}

static void put_digest_attribute(struct sb *b, const struct catalog_member *m, bool version2)
{
    size_t at = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, OID_INDIRECT_DATA);
    size_t set = tlv_open(b, TLV_SET);
    if (version2)
        sign_indirect_data(b, m->pe, SIGN_SHA256, m->sha256);
    else
        sign_indirect_data(b, m->pe, SIGN_SHA1, m->sha1);
    tlv_close(b, set);
    tlv_close(b, at);
}

/* Which subject interface package knows the file: its identifier, in version 1 only. */
static void put_member_info(struct sb *b, const struct catalog_member *m, bool version2)
{
    size_t at = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, version2 ? OID_MEMBER_INFO2 : OID_MEMBER_INFO);
    size_t set = tlv_open(b, TLV_SET);
    if (version2) {
        tlv_bytes(b, TLV_CONTEXT + 0, span_of(NULL, 0));
    } else {
        size_t info = tlv_open(b, TLV_SEQUENCE);
        tlv_bmp(b, TLV_BMP,
                m->pe ? "{C689AAB8-8E78-11D0-8C47-00C04FC295EE}"
                      : "{DE351A42-8E59-11D0-8C47-00C04FC295EE}");
        tlv_int(b, 0x200);
        tlv_close(b, info);
    }
    tlv_close(b, set);
    tlv_close(b, at);
}

static void put_tag(struct sb *b, const struct catalog_member *m, bool version2)
{
    char hex[41];
    if (version2) {
        tlv_bytes(b, TLV_OCTETS, span_of(m->sha256, 32));
        return;
    }
    for (size_t i = 0; i < 20; i++)
        snprintf(hex + 2 * i, 3, "%02X", m->sha1[i]);
    size_t at = tlv_open(b, TLV_OCTETS);
    out_utf16z(b, str_of(hex));
    tlv_close(b, at);
}

static void put_member(struct sb *b, const struct catalog_member *m, bool version2)
{
    size_t at = tlv_open(b, TLV_SEQUENCE);
    put_tag(b, m, version2);
    size_t set = tlv_open(b, TLV_SET);
    if (m->name)
        put_name_attribute(b, "File", m->name);
    put_name_attribute(b, "OSAttr", version2 ? "2:10.0" : "2:6.1");
    put_digest_attribute(b, m, version2);
    put_member_info(b, m, version2);
    tlv_close_set(b, set);
    tlv_close(b, at);
}

/* Attributes of the catalog itself: one extension for each. */
static void put_catalog_attributes(struct sb *b)
{
    size_t all = tlv_open(b, TLV_TAGGED + 0), list = tlv_open(b, TLV_SEQUENCE);
    size_t ext = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, OID_NAME_VALUE);
    size_t octets = tlv_open(b, TLV_OCTETS);
    put_name_value(b, "OS", "XPX86,XPX64,VistaX86,VistaX64,7X86,7X64");
    tlv_close(b, octets);
    tlv_close(b, ext);
    tlv_close(b, list);
    tlv_close(b, all);
}

void catalog_write(bool version2, const struct catalog_member *members, size_t count,
                   const struct sign_spec *spec, struct sb *out)
{
    uint64_t made = 0;
    struct sb b;
    bool ok = wtime_parse(STR("2010-11-20"), &made);
    BUG_ON(!ok || count == 0);
    sb_init(&b, LIST_MAX);
    size_t all = tlv_open(&b, TLV_SEQUENCE);
    put_usage(&b, "1.3.6.1.4.1.311.12.1.1");
    tlv_bytes(&b, TLV_OCTETS, span_of(members[0].sha256, 16)); /* list identifier */
    tlv_utc_time(&b, made);
    tlv_algorithm(&b, version2 ? "1.3.6.1.4.1.311.12.1.3" : "1.3.6.1.4.1.311.12.1.2", true);
    size_t list = tlv_open(&b, TLV_SEQUENCE);
    for (size_t i = 0; i < count; i++)
        put_member(&b, &members[i], version2);
    tlv_close(&b, list);
    put_catalog_attributes(&b);
    tlv_close(&b, all);
    BUG_ON(b.bad);
    sign_content(spec, OID_CTL, sb_span(&b), out);
    sb_done(&b);
}

/* ---- lists of certificates ----------------------------------------------------------------- */

static void put_property(struct sb *b, uint32_t id, struct span data)
{
    char oid[40];
    snprintf(oid, sizeof oid, OID_PROPERTY "%u", id);
    size_t at = tlv_open(b, TLV_SEQUENCE);
    tlv_oid(b, oid);
    size_t set = tlv_open(b, TLV_SET);
    tlv_bytes(b, TLV_OCTETS, data);
    tlv_close(b, set);
    tlv_close(b, at);
}

static void put_time_property(struct sb *b, uint32_t id, uint64_t t)
{
    uint8_t raw[8];
    store_u64(raw, t);
    if (t)
        put_property(b, id, span_of(raw, sizeof raw));
}

/* How Windows finds the root of a chain that ends without it: by name and by key. */
static void put_root_identity(struct sb *b, const struct pki_cert *c)
{
    uint8_t hash[SIGN_DIGEST_MAX];
    const unsigned char *name;
    size_t len;
    const ASN1_OCTET_STRING *key = X509_get0_subject_key_id(c->x509);
    BUG_ON(!X509_NAME_get0_der(X509_get_subject_name(c->x509), &name, &len) || !key);
    BUG_ON(!EVP_Digest(name, len, hash, NULL, EVP_md5(), NULL));
    put_property(b, 29, span_of(hash, 16));
    put_property(b, 20, span_of(ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key)));
}

static void put_root(struct sb *b, const struct ctl_entry *e)
{
    uint8_t hash[SIGN_DIGEST_MAX];
    struct sb name;
    const struct pki_cert *c = pki(e->id);
    size_t at = tlv_open(b, TLV_SEQUENCE);
    tlv_bytes(b, TLV_OCTETS, span_of(c->sha1, sizeof c->sha1));
    size_t set = tlv_open(b, TLV_SET);
    put_time_property(b, 104, e->disabled);
    put_time_property(b, 126, e->not_before);
    sign_hash(SIGN_SHA256, c->der, hash);
    put_property(b, 98, span_of(hash, 32));
    put_root_identity(b, c);
    sb_init(&name, LIST_MAX);
    out_utf16z(&name, str_of(e->friendly_name));
    put_property(b, 11, sb_span(&name));
    sb_done(&name);
    tlv_close_set(b, set);
    tlv_close(b, at);
}

/* Version, identifier and NextUpdate are absent, as in Microsoft's own. */
static size_t open_list(struct sb *b, const char *usage, const char *identifier, uint64_t t)
{
    uint8_t sequence[9] = {0x14}; /* 14 and the update's FILETIME, big-endian */
    size_t all = tlv_open(b, TLV_SEQUENCE);
    put_usage(b, usage);
    if (identifier) {
        size_t at = tlv_open(b, TLV_OCTETS);
        out_utf16z(b, str_of(identifier));
        tlv_close(b, at);
    }
    for (int i = 0; i < 8; i++)
        sequence[1 + i] = (uint8_t)(t >> (56 - 8 * i));
    tlv_bytes(b, TLV_INTEGER, span_of(sequence, sizeof sequence));
    tlv_utc_time(b, t);
    return all;
}

void ctl_write_roots(const struct ctl_entry *entries, size_t count, uint64_t this_update,
                     const struct sign_spec *spec, struct sb *out)
{
    struct sb b;
    sb_init(&b, LIST_MAX);
    size_t all = open_list(&b, "1.3.6.1.4.1.311.10.3.9", NULL, this_update);
    tlv_algorithm(&b, sign_digest_oid(SIGN_SHA1), true);
    size_t list = tlv_open(&b, TLV_SEQUENCE);
    for (size_t i = 0; i < count; i++)
        put_root(&b, &entries[i]);
    tlv_close(&b, list);
    tlv_close(&b, all);
    BUG_ON(b.bad);
    sign_content(spec, OID_CTL, sb_span(&b), out);
    sb_done(&b);
}

void ctl_write_disallowed(const enum pki_id *ids, size_t count, uint64_t this_update,
                          const struct sign_spec *spec, struct sb *out)
{
    uint8_t hash[SIGN_DIGEST_MAX];
    struct sb b;
    sb_init(&b, LIST_MAX);
    size_t all =
        open_list(&b, "1.3.6.1.4.1.311.10.3.30", "DisallowedCert_AutoUpdate_1", this_update);
    tlv_algorithm(&b, OID_PROPERTY "15", true);
    size_t list = tlv_open(&b, TLV_SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        size_t at = tlv_open(&b, TLV_SEQUENCE);
        cert_store_signature_hash(pki(ids[i]), hash);
        tlv_bytes(&b, TLV_OCTETS, span_of(hash, 32));
        tlv_close(&b, at);
    }
    tlv_close(&b, list);
    tlv_close(&b, all);
    BUG_ON(b.bad);
    sign_content(spec, OID_CTL, sb_span(&b), out);
    sb_done(&b);
}
