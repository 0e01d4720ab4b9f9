#include "formats/authenticode.h"

#include <openssl/evp.h>

#include "formats/der.h"

/* WIN_CERTIFICATE: u32 dwLength, u16 wRevision, u16 wCertificateType, then bCertificate; entries
 * begin at multiples of 8 bytes (PE format specification, "The Attribute Certificate Table"). */
enum { CERTIFICATE_TABLE = 4, ENTRY_HEAD = 8, ENTRY_ALIGN = 8 };

static bool malformed(struct authenticode_table *out, const char *why)
{
    out->malformed = true;
    out->why = str_of(why);
    return true;
}

/* Bytes behind the PKCS #7 of an entry, without the zeroes that align the next. */
static uint64_t behind_message(struct span der)
{
    struct der d;
    struct span rest = der;
    if (!der_next(&rest, &d))
        return 0;
    bool padding = rest.len < ENTRY_ALIGN;
    for (size_t i = 0; i < rest.len && padding; i++)
        padding = rest.ptr[i] == 0;
    return padding ? 0 : rest.len;
}

static bool read_entry(struct span table, uint64_t base, uint64_t *at,
                       struct authenticode_table *out)
{
    struct span head, der;
    if (!span_sub(table, *at, ENTRY_HEAD, &head))
        return malformed(out, "an entry of the certificate table is cut short");
    uint32_t len = load_u32(head.ptr);
    if (len < ENTRY_HEAD || !span_sub(table, *at + ENTRY_HEAD, (uint64_t)len - ENTRY_HEAD, &der))
        return malformed(out, "an entry's length does not fit the certificate table");
    struct authenticode_entry *entry = &out->entry[out->count++];
    *entry = (struct authenticode_entry){
        .der = der,
        .at = base + *at,
        .revision = load_u16(head.ptr + 4),
        .type = load_u16(head.ptr + 6),
    };
    if (entry->type == AUTHENTICODE_PKCS7)
        out->extra += behind_message(der);
    *at += ((uint64_t)len + ENTRY_ALIGN - 1) / ENTRY_ALIGN * ENTRY_ALIGN;
    return true;
}

bool authenticode_table(const struct pe *pe, struct arena *a, struct authenticode_table *out,
                        struct err *e)
{
    (void)a;
    (void)e;
    *out = (struct authenticode_table){0};
    if (pe->directory_count <= CERTIFICATE_TABLE)
        return true;
    struct pe_directory d = pe->directory[CERTIFICATE_TABLE];
    struct span table;
    if (d.rva == 0 && d.size == 0)
        return true;
    if (d.rva % ENTRY_ALIGN || d.rva < pe->header_size ||
        !span_sub(pe->bytes, d.rva, d.size, &table))
        return malformed(out, "the certificate table lies outside the file");
    if (d.size < ENTRY_HEAD)
        return malformed(out, "the certificate table is too small for an entry");
    for (uint64_t at = 0; at < table.len && !out->malformed;) {
        if (out->count == AUTHENTICODE_ENTRIES)
            return malformed(out, "the certificate table has more than 16 entries");
        if (!read_entry(table, d.rva, &at, out))
            return false;
    }
    return true;
}

/* ---- digest -------------------------------------------------------------------------------- */

enum { DIGESTS = 4 };

struct hasher {
    EVP_MD_CTX *ctx[DIGESTS];
    size_t count;
    bool ok;
};

static void feed(struct hasher *h, struct span s, uint64_t from, uint64_t to)
{
    /* In pieces that stay in the cache, so that several algorithms cost one trip to memory. */
    enum { PIECE = 128 * 1024 };
    struct span piece = {NULL, 0};
    for (uint64_t at = from; h->ok && at < to; at += PIECE) {
        uint64_t len = to - at < PIECE ? to - at : PIECE;
        h->ok = span_sub(s, at, len, &piece);
        for (size_t i = 0; i < h->count && h->ok; i++)
            h->ok = EVP_DigestUpdate(h->ctx[i], piece.ptr, piece.len) == 1;
    }
}

/* Everything but CheckSum, the directory entry, and the table; a file whose length is no multiple
 * of 8 and that has no table is hashed as if padded with zeroes, as signers pad it. */
static void feed_file(struct hasher *h, const struct pe *pe)
{
    struct span s = pe->bytes;
    uint64_t end = s.len, at = 0;
    bool has_table = pe->certificate_at && pe->directory_count > CERTIFICATE_TABLE &&
                     pe->directory[CERTIFICATE_TABLE].rva != 0 &&
                     pe->directory[CERTIFICATE_TABLE].rva <= s.len;
    if (has_table)
        end = pe->directory[CERTIFICATE_TABLE].rva;
    feed(h, s, at, pe->checksum_at);
    at = pe->checksum_at + 4;
    if (pe->certificate_at) {
        feed(h, s, at, pe->certificate_at);
        at = pe->certificate_at + 8;
    }
    feed(h, s, at, end);
    if (has_table) {
        uint64_t behind = end + pe->directory[CERTIFICATE_TABLE].size;
        if (behind < s.len)
            feed(h, s, behind, s.len);
        return;
    }
    static const uint8_t zeroes[8] = {0};
    if (s.len % 8)
        feed(h, span_of(zeroes, sizeof zeroes), 0, 8 - s.len % 8);
}

bool authenticode_digest(const struct pe *pe, const char *const *algorithms, size_t count,
                         uint8_t (*out)[64], size_t *len, struct err *e)
{
    struct hasher h = {.count = count, .ok = true};
    BUG_ON(count > DIGESTS);
    for (size_t i = 0; i < count && h.ok; i++) {
        const EVP_MD *md = EVP_get_digestbyname(algorithms[i]);
        h.ctx[i] = EVP_MD_CTX_new();
        h.ok = md && h.ctx[i] && EVP_DigestInit_ex(h.ctx[i], md, NULL) == 1;
    }
    if (h.ok)
        feed_file(&h, pe);
    for (size_t i = 0; i < count && h.ok; i++) {
        unsigned n = 0;
        h.ok = EVP_DigestFinal_ex(h.ctx[i], out[i], &n) == 1;
        len[i] = n;
    }
    for (size_t i = 0; i < count; i++)
        EVP_MD_CTX_free(h.ctx[i]);
    return h.ok || err_set(e, ERR_UNSUPPORTED, 0, "the file's digest cannot be computed");
}

/* ---- what the signature says about the file -------------------------------------------------- */

static struct str algorithm_name(struct span oid, struct arena *a)
{
    static const struct {
        struct str oid; /* content octets */
        struct str name;
    } known[] = {
        {{"\x60\x86\x48\x01\x65\x03\x04\x02\x01", 9}, {"sha256", 6}},
        {{"\x2B\x0E\x03\x02\x1A", 5}, {"sha1", 4}},
        {{"\x2A\x86\x48\x86\xF7\x0D\x02\x05", 8}, {"md5", 3}},
        {{"\x60\x86\x48\x01\x65\x03\x04\x02\x02", 9}, {"sha384", 6}},
        {{"\x60\x86\x48\x01\x65\x03\x04\x02\x03", 9}, {"sha512", 6}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (span_eq(oid, span_of(known[i].oid.ptr, known[i].oid.len)))
            return known[i].name;
    return der_oid(oid, a);
}

/* The table of page hashes in an SpcSerializedObject, or nothing: it is never needed to decide. */
static void page_hashes(struct span data, struct spc_indirect *out)
{
    static const uint8_t class_id[16] = {0xA6, 0xB5, 0x86, 0xD5, 0xB4, 0xA1, 0x24, 0x66,
                                         0xAE, 0x05, 0xA2, 0x17, 0xDA, 0x8E, 0x60, 0xD6};
    /* 1.3.6.1.4.1.311.2.3.1 and .2 */
    static const uint8_t arc[] = {0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x03};
    struct der pe_data, file, moniker, id, blob, set, attribute, oid, values, table;
    if (!der_next(&data, &pe_data) || !der_next(&pe_data.content, &file)) /* SpcPeImageFlags */
        return;
    if (!der_next(&pe_data.content, &file) || !der_next(&file.content, &moniker) ||
        moniker.tag != (DER_CONTEXT_0 | 1) ||
        !der_expect(&moniker.content, DER_OCTET_STRING, &id) ||
        !span_eq(id.content, span_of(class_id, sizeof class_id)) ||
        !der_expect(&moniker.content, DER_OCTET_STRING, &blob) ||
        !der_expect(&blob.content, DER_SET, &set) ||
        !der_expect(&set.content, DER_SEQUENCE, &attribute) ||
        !der_expect(&attribute.content, DER_OID, &oid) ||
        !der_expect(&attribute.content, DER_SET, &values) ||
        !der_expect(&values.content, DER_OCTET_STRING, &table))
        return;
    if (oid.content.len != sizeof arc + 1 || memcmp(oid.content.ptr, arc, sizeof arc) != 0)
        return;
    out->page_hashes = table.content;
    out->page_hash_algorithm = oid.content.ptr[sizeof arc] == 1 ? STR("sha1") : STR("sha256");
}

bool spc_indirect_parse(struct span der, struct arena *a, struct spc_indirect *out, struct err *e)
{
    static const uint8_t pe_data[] = {0x2B, 0x06, 0x01, 0x04, 0x01,
                                      0x82, 0x37, 0x02, 0x01, 0x0F}; /* 1.3.6.1.4.1.311.2.1.15 */
    struct der whole, data, type, info, algorithm, oid, digest;
    struct spc_indirect s = {0};
    if (!der_expect(&der, DER_SEQUENCE, &whole) ||
        !der_expect(&whole.content, DER_SEQUENCE, &data) ||
        !der_expect(&data.content, DER_OID, &type) ||
        !der_expect(&whole.content, DER_SEQUENCE, &info) ||
        !der_expect(&info.content, DER_SEQUENCE, &algorithm) ||
        !der_expect(&algorithm.content, DER_OID, &oid) ||
        !der_expect(&info.content, DER_OCTET_STRING, &digest))
        return err_set(e, ERR_FORMAT, 0, "malformed SpcIndirectDataContent");
    s.is_pe = span_eq(type.content, span_of(pe_data, sizeof pe_data));
    s.digest_algorithm = algorithm_name(oid.content, a);
    s.digest = digest.content;
    if (s.is_pe)
        page_hashes(data.content, &s);
    *out = s;
    return true;
}
