#include "catalog_writer.h"

#include "base/err.h"
#include "base/wtime.h"
#include "cert_store.h"
#include "der_out.h"

#define OID_CTL "1.3.6.1.4.1.311.10.1"
#define OID_NAME_VALUE "1.3.6.1.4.1.311.12.2.1"
#define OID_MEMBER_INFO "1.3.6.1.4.1.311.12.2.2"
#define OID_MEMBER_INFO2 "1.3.6.1.4.1.311.12.2.3"
#define OID_INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"
#define OID_PROPERTY "1.3.6.1.4.1.311.10.11."

enum { LIST_MAX = 1 << 26 };

static void put_usage(struct sb *b, const char *oid)
{
    size_t at = der_open(b, DER_SEQUENCE);
    der_oid(b, oid);
    der_close(b, at);
}

/* ---- catalogs ------------------------------------------------------------------------------ */

static void put_name_value(struct sb *b, const char *name, const char *value)
{
    struct sb text;
    sb_init(&text, LIST_MAX);
    out_utf16z(&text, str_of(value));
    size_t at = der_open(b, DER_SEQUENCE);
    der_bmp(b, DER_BMP, name);
    der_int(b, 0x10010001);
    der_bytes(b, DER_OCTETS, sb_span(&text));
    der_close(b, at);
    sb_done(&text);
}

static void put_name_attribute(struct sb *b, const char *name, const char *value)
{
    size_t at = der_open(b, DER_SEQUENCE);
    der_oid(b, OID_NAME_VALUE);
    size_t set = der_open(b, DER_SET);
    put_name_value(b, name, value);
    der_close(b, set);
    der_close(b, at);
}

static void put_digest_attribute(struct sb *b, const struct catalog_member *m, bool version2)
{
    size_t at = der_open(b, DER_SEQUENCE);
    der_oid(b, OID_INDIRECT_DATA);
    size_t set = der_open(b, DER_SET);
    if (version2)
        sign_indirect_data(b, m->pe, SIGN_SHA256, m->sha256);
    else
        sign_indirect_data(b, m->pe, SIGN_SHA1, m->sha1);
    der_close(b, set);
    der_close(b, at);
}

/* Which subject interface package knows the file: its identifier, in version 1 only. */
static void put_member_info(struct sb *b, const struct catalog_member *m, bool version2)
{
    size_t at = der_open(b, DER_SEQUENCE);
    der_oid(b, version2 ? OID_MEMBER_INFO2 : OID_MEMBER_INFO);
    size_t set = der_open(b, DER_SET);
    if (version2) {
        der_bytes(b, DER_CONTEXT + 0, span_of(NULL, 0));
    } else {
        size_t info = der_open(b, DER_SEQUENCE);
        der_bmp(b, DER_BMP,
                m->pe ? "{C689AAB8-8E78-11D0-8C47-00C04FC295EE}"
                      : "{DE351A42-8E59-11D0-8C47-00C04FC295EE}");
        der_int(b, 0x200);
        der_close(b, info);
    }
    der_close(b, set);
    der_close(b, at);
}

static void put_tag(struct sb *b, const struct catalog_member *m, bool version2)
{
    char hex[41];
    if (version2) {
        der_bytes(b, DER_OCTETS, span_of(m->sha256, 32));
        return;
    }
    for (size_t i = 0; i < 20; i++)
        snprintf(hex + 2 * i, 3, "%02X", m->sha1[i]);
    size_t at = der_open(b, DER_OCTETS);
    out_utf16z(b, str_of(hex));
    der_close(b, at);
}

static void put_member(struct sb *b, const struct catalog_member *m, bool version2)
{
    size_t at = der_open(b, DER_SEQUENCE);
    put_tag(b, m, version2);
    size_t set = der_open(b, DER_SET);
    if (m->name)
        put_name_attribute(b, "File", m->name);
    put_name_attribute(b, "OSAttr", version2 ? "2:10.0" : "2:6.1");
    put_digest_attribute(b, m, version2);
    put_member_info(b, m, version2);
    der_close_set(b, set);
    der_close(b, at);
}

/* Attributes of the catalog itself: one extension for each. */
static void put_catalog_attributes(struct sb *b)
{
    size_t all = der_open(b, DER_TAGGED + 0), list = der_open(b, DER_SEQUENCE);
    size_t ext = der_open(b, DER_SEQUENCE);
    der_oid(b, OID_NAME_VALUE);
    size_t octets = der_open(b, DER_OCTETS);
    put_name_value(b, "OS", "XPX86,XPX64,VistaX86,VistaX64,7X86,7X64");
    der_close(b, octets);
    der_close(b, ext);
    der_close(b, list);
    der_close(b, all);
}

void catalog_write(bool version2, const struct catalog_member *members, size_t count,
                   const struct sign_spec *spec, struct sb *out)
{
    uint64_t made = 0;
    struct sb b;
    bool ok = wtime_parse(STR("2010-11-20"), &made);
    BUG_ON(!ok || count == 0);
    sb_init(&b, LIST_MAX);
    size_t all = der_open(&b, DER_SEQUENCE);
    put_usage(&b, "1.3.6.1.4.1.311.12.1.1");
    der_bytes(&b, DER_OCTETS, span_of(members[0].sha256, 16)); /* list identifier */
    der_utc_time(&b, made);
    der_algorithm(&b, version2 ? "1.3.6.1.4.1.311.12.1.3" : "1.3.6.1.4.1.311.12.1.2", true);
    size_t list = der_open(&b, DER_SEQUENCE);
    for (size_t i = 0; i < count; i++)
        put_member(&b, &members[i], version2);
    der_close(&b, list);
    put_catalog_attributes(&b);
    der_close(&b, all);
    BUG_ON(b.bad);
    sign_content(spec, OID_CTL, sb_span(&b), out);
    sb_done(&b);
}

/* ---- lists of certificates ----------------------------------------------------------------- */

static void put_property(struct sb *b, uint32_t id, struct span data)
{
    char oid[40];
    snprintf(oid, sizeof oid, OID_PROPERTY "%u", id);
    size_t at = der_open(b, DER_SEQUENCE);
    der_oid(b, oid);
    size_t set = der_open(b, DER_SET);
    der_bytes(b, DER_OCTETS, data);
    der_close(b, set);
    der_close(b, at);
}

static void put_time_property(struct sb *b, uint32_t id, uint64_t t)
{
    uint8_t raw[8];
    store_u64(raw, t);
    if (t)
        put_property(b, id, span_of(raw, sizeof raw));
}

static void put_root(struct sb *b, const struct ctl_entry *e)
{
    uint8_t hash[SIGN_DIGEST_MAX];
    struct sb name;
    const struct pki_cert *c = pki(e->id);
    size_t at = der_open(b, DER_SEQUENCE);
    der_bytes(b, DER_OCTETS, span_of(c->sha1, sizeof c->sha1));
    size_t set = der_open(b, DER_SET);
    put_time_property(b, 104, e->disabled);
    put_time_property(b, 126, e->not_before);
    sign_hash(SIGN_SHA256, c->der, hash);
    put_property(b, 98, span_of(hash, 32));
    sb_init(&name, LIST_MAX);
    out_utf16z(&name, str_of(e->friendly_name));
    put_property(b, 11, sb_span(&name));
    sb_done(&name);
    der_close_set(b, set);
    der_close(b, at);
}

/* Version, identifier and NextUpdate are absent, as in Microsoft's own. */
static size_t open_list(struct sb *b, const char *usage, const char *identifier, uint64_t t)
{
    uint8_t sequence[9] = {0x14}; /* 14 and the update's FILETIME, big-endian */
    size_t all = der_open(b, DER_SEQUENCE);
    put_usage(b, usage);
    if (identifier) {
        size_t at = der_open(b, DER_OCTETS);
        out_utf16z(b, str_of(identifier));
        der_close(b, at);
    }
    for (int i = 0; i < 8; i++)
        sequence[1 + i] = (uint8_t)(t >> (56 - 8 * i));
    der_bytes(b, DER_INTEGER, span_of(sequence, sizeof sequence));
    der_utc_time(b, t);
    return all;
}

void ctl_write_roots(const struct ctl_entry *entries, size_t count, uint64_t this_update,
                     const struct sign_spec *spec, struct sb *out)
{
    struct sb b;
    sb_init(&b, LIST_MAX);
    size_t all = open_list(&b, "1.3.6.1.4.1.311.10.3.9", NULL, this_update);
    der_algorithm(&b, sign_digest_oid(SIGN_SHA1), true);
    size_t list = der_open(&b, DER_SEQUENCE);
    for (size_t i = 0; i < count; i++)
        put_root(&b, &entries[i]);
    der_close(&b, list);
    der_close(&b, all);
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
    der_algorithm(&b, OID_PROPERTY "15", true);
    size_t list = der_open(&b, DER_SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        size_t at = der_open(&b, DER_SEQUENCE);
        cert_store_signature_hash(pki(ids[i]), hash);
        der_bytes(&b, DER_OCTETS, span_of(hash, 32));
        der_close(&b, at);
    }
    der_close(&b, list);
    der_close(&b, all);
    BUG_ON(b.bad);
    sign_content(spec, OID_CTL, sb_span(&b), out);
    sb_done(&b);
}
