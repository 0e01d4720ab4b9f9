/* Really signed files against truth-sign.tsv (osslsigncode and a parse in Python).
 *
 * Where osslsigncode 2.9 and we differ:
 * - It finds no signature where the certificate table has two entries; the table may have several
 *   (PE format specification, "The Attribute Certificate Table"), and both of
 *   pegoat32-authenticode_duplicated.exe cover the file.
 * - "verification failed" there is a chain that ends in no root of its list, or MD5 and expiry
 *   judged now: questions of trust, not of the message, which verifies here.
 * - Page hashes are compared by both; the truth calls them "page hash equal". */
#include "base/wtime.h"
#include "corpus_file.h"
#include "formats/authenticode.h"
#include "truth_tsv.h"

struct subject {
    const char *where;
    const struct tsv *row;
    const struct pe *pe; /* NULL for a catalog */
    struct arena *a;
};

static void same(const struct subject *s, const char *column, struct str have)
{
    char text[1024];
    snprintf(text, sizeof text, STR_FMT, STR_ARG(have));
    CHECK(same_text(s->where, column, text, tsv_get(s->row, column)));
}

static void check_certificate(const struct subject *s, const struct cms_signer *signer)
{
    char hex[HEX_TEXT];
    uint8_t hash[64];
    size_t len = 0;
    CHECK(signer->certificate != NULL);
    if (!signer->certificate)
        return;
    struct str cn = cert_common_name(signer->certificate, s->a);
    same(s, "signer_cn", cn.len ? cn : cert_organisation(signer->certificate, s->a));
    same(s, "signer_issuer_cn", cert_issuer_name(signer->certificate, s->a));
    CHECK(cert_hash(signer->certificate, "sha1", hash, &len));
    same(s, "signer_sha1", str_of(hex_of(hash, len, hex)));
    CHECK(cert_hash(signer->certificate, "sha256", hash, &len));
    same(s, "signer_sha256", str_of(hex_of(hash, len, hex)));
    /* The table writes a serial number as a signed number without leading zeroes. */
    const char *serial = tsv_get(s->row, "signer_serial");
    struct str have = signer->serial;
    while (have.len && have.ptr[0] == '0')
        have.ptr++, have.len--;
    CHECK_STR(have, serial[0] == '-' ? serial + 1 : serial);
}

static void check_timestamp(const struct subject *s, const struct cms_timestamp *t)
{
    static const char *const kinds[] = {"none", "pkcs9 countersignature", "rfc3161"};
    char text[WTIME_TEXT];
    CHECK(same_text(s->where, "timestamp", kinds[t->kind], tsv_get(s->row, "timestamp")));
    if (t->kind == TIMESTAMP_NONE)
        return;
    /* All are intact, VeriSign's too that hold a digest without its DigestInfo. */
    if (!t->intact)
        fprintf(stderr, "%s: " STR_FMT "\n", s->where, STR_ARG(t->why));
    CHECK(t->intact && t->signer);
    if (t->signer)
        same(s, "timestamp_signer", cert_common_name(t->signer, s->a));
    if (tsv_get(s->row, "timestamp_time")[0] != '?') /* the peer could not read the token */
        same(s, "timestamp_time", str_of(wtime_format(t->time, text)));
    CHECK(t->time != 0);
}

static void check_digest(const struct subject *s, const struct cms *c)
{
    char hex[HEX_TEXT], name[32];
    uint8_t have[1][64];
    size_t len[1];
    struct spc_indirect spc;
    struct err e = {0};
    CHECK(spc_indirect_parse(cms_content_element(c), s->a, &spc, &e));
    CHECK(spc.is_pe);
    same(s, "digest_alg", spc.digest_algorithm);
    same(s, "digest_in_signature", str_of(hex_of(spc.digest.ptr, spc.digest.len, hex)));
    snprintf(name, sizeof name, STR_FMT, STR_ARG(spc.digest_algorithm));
    const char *algorithm[] = {name};
    CHECK(authenticode_digest(s->pe, algorithm, 1, have, len, &e));
    same(s, "digest_calculated", str_of(hex_of(have[0], len[0], hex)));
    CHECK(span_eq(spc.digest, span_of(have[0], len[0])));
    const char *pages = tsv_get(s->row, "page_hash");
    same(s, "page_hash",
         !spc.page_hashes.len                           ? STR("")
         : str_eq(spc.page_hash_algorithm, STR("sha1")) ? STR("v1(sha1)")
                                                        : STR("v2(sha256)"));
    CHECK(authenticode_pages(s->pe, &spc) == (pages[0] ? PAGES_MATCH : PAGES_NONE));
    CHECK(!pages[0] || strstr(tsv_get(s->row, "osslsigncode"), "page hash equal"));
}

static void check_message(const struct subject *s, const struct cms *c)
{
    if (strcmp(tsv_get(s->row, "signature_ok"), "no signer") == 0) {
        /* catfiletest.cat: a catalog that was made and never signed. */
        CHECK_U64(cms_signer_count(c), 0);
        return;
    }
    CHECK_U64(cms_signer_count(c), 1);
    const struct cms_signer *signer = cms_signer(c, 0);
    check_certificate(s, signer);
    same(s, "signer_digest_alg", signer->digest_algorithm);
    CHECK(signer->digest_ok == (strcmp(tsv_get(s->row, "messageDigest_ok"), "yes") == 0));
    CHECK(signer->signature_ok == (strcmp(tsv_get(s->row, "signature_ok"), "yes") == 0));
    CHECK(cms_certificate_count(c) >= strtoul(tsv_get(s->row, "n_certs"), NULL, 10));
    same(s, "program_name", signer->program_name);
    check_timestamp(s, &signer->timestamp);
    if (s->pe)
        check_digest(s, c);
}

/* "0", "1" (nested in it), "e1" (a second entry of the table). */
static void check_signature(const struct subject *s, const struct authenticode_table *t)
{
    const char *sig = tsv_get(s->row, "sig");
    size_t entry = sig[0] == 'e' ? strtoul(sig + 1, NULL, 10) : 0;
    size_t nested = sig[0] == 'e' ? 0 : strtoul(sig, NULL, 10);
    struct cms *outer = NULL, *inner = NULL;
    struct err e = {0};
    CHECK(entry < t->count);
    bool ok = entry < t->count && cms_open(t->entry[entry].der, &outer, &e);
    CHECK(ok);
    if (ok && nested) {
        const struct cms_signer *signer = cms_signer(outer, 0);
        CHECK(nested <= signer->nested_count);
        ok = nested <= signer->nested_count &&
             cms_open_nested(signer->nested[nested - 1], outer, &inner, &e);
        CHECK(ok);
        CHECK(ok && !cms_detached(inner));
    }
    if (ok)
        check_message(s, nested ? inner : outer);
    cms_close(inner);
    cms_close(outer);
}

static void check_row(const char *corpus, const struct tsv *row)
{
    struct file_map map;
    struct arena a;
    struct pe pe;
    struct err e = {0};
    struct authenticode_table t = {0};
    if (!corpus_map(corpus, tsv_get(row, "path"), &map))
        return;
    char where[512];
    snprintf(where, sizeof where, "%s#%s", tsv_get(row, "path"), tsv_get(row, "sig"));
    arena_init(&a, 1 << 24);
    struct subject s = {.where = where, .row = row, .a = &a};
    if (pe_open(map.bytes, &pe, &e)) {
        s.pe = &pe;
        CHECK(authenticode_table(&pe, &a, &t, &e));
        CHECK(!t.malformed);
        CHECK_U64(t.extra, 0);
        size_t entries = strstr(where, "duplicated") ? 2 : 1;
        CHECK_U64(t.count, strcmp(tsv_get(row, "sig"), "-") == 0 ? 0 : entries);
    } else {
        t.count = 1;
        t.entry[0].der = map.bytes;
    }
    if (strcmp(tsv_get(row, "sig"), "-") != 0)
        check_signature(&s, &t);
    arena_done(&a);
    file_unmap(&map);
}

TEST(signatures_equal_the_truth)
{
    const char *corpus = test_corpus();
    struct tsv rows;
    size_t count = 0;
    if (!corpus)
        SKIP("no corpus");
    CHECK(tsv_open(&rows, corpus, "truth-sign.tsv"));
    for (; tsv_next(&rows); count++)
        check_row(corpus, &rows);
    CHECK_U64(count, 46);
    tsv_done(&rows);
}

TEST_MAIN()
