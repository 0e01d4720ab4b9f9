/* Serialized stores against truth-sst.tsv, and Blob values of real hives against
 * truth-certblob.tsv. */
#include "corpus_file.h"
#include "formats/certstore.h"
#include "formats/cms.h"
#include "formats/regf.h"
#include "truth_tsv.h"

/* "3:20 11:88": ids and lengths of the properties; with or without the certificate itself. */
static void properties(const struct cert_element *c, bool content, char out[HEX_TEXT])
{
    size_t at = 0;
    out[0] = 0;
    for (size_t i = 0; i < c->count && at < HEX_TEXT - 64; i++)
        if (content || c->records[i].id != PROP_CERTIFICATE)
            at += (size_t)snprintf(out + at, HEX_TEXT - at, "%s%u:%zu", at ? " " : "",
                                   c->records[i].id, c->records[i].bytes.len);
}

static void check_element(const char *where, const struct tsv *row, const struct cert_element *c)
{
    char hex[HEX_TEXT];
    uint8_t hash[64];
    size_t len = 0;
    struct span sha1;
    struct err e = {0};
    X509 *x = cert_parse(c->certificate, &e);
    if (!x)
        fprintf(stderr, "%s: %s\n", where, e.text);
    CHECK(x != NULL);
    if (!x)
        return;
    CHECK(cert_hash(x, "sha1", hash, &len));
    CHECK(same_text(where, "sha1", hex_of(hash, len, hex), tsv_get(row, "sha1_of_certificate")));
    CHECK(!cert_element_property(c, PROP_SHA1, &sha1) || span_eq(sha1, span_of(hash, len)));
    CHECK(cert_hash(x, "sha256", hash, &len));
    CHECK(
        same_text(where, "sha256", hex_of(hash, len, hex), tsv_get(row, "sha256_of_certificate")));
    X509_free(x);
}

static void check_sst_row(const struct tsv *row, const struct sst *s)
{
    char want[HEX_TEXT], have[HEX_TEXT];
    if (strcmp(tsv_get(row, "index"), "end") == 0)
        return;
    size_t i = strtoul(tsv_get(row, "index"), NULL, 10);
    CHECK(i < s->count);
    if (i >= s->count)
        return;
    check_element(tsv_get(row, "path"), row, &s->elements[i]);
    properties(&s->elements[i], false, have);
    snprintf(want, sizeof want, "%s", tsv_get(row, "properties(id:len)"));
    char *list = strncmp(want, "properties ", 11) == 0 ? want + 11 : want;
    list[strcspn(list, ";")] = 0;
    CHECK(same_text(tsv_get(row, "path"), "properties", have, list));
}

TEST(serialized_stores_equal_the_truth)
{
    const char *corpus = test_corpus();
    struct tsv rows;
    struct sst s = {0};
    struct file_map map;
    struct arena a;
    char open[256] = "";
    size_t count = 0, stores = 0, elements = 0;
    if (!corpus)
        SKIP("no corpus");
    arena_init(&a, 1 << 26);
    CHECK(tsv_open(&rows, corpus, "truth-sst.tsv"));
    for (; tsv_next(&rows); count++) {
        struct err e = {0};
        if (strcmp(open, tsv_get(&rows, "path")) != 0) {
            if (stores++)
                file_unmap(&map);
            snprintf(open, sizeof open, "%s", tsv_get(&rows, "path"));
            if (!corpus_map(corpus, open, &map))
                break;
            CHECK(sst_parse(map.bytes, &a, &s, &e));
            elements += s.count;
        }
        check_sst_row(&rows, &s);
    }
    CHECK_U64(stores, 4);
    CHECK_U64(count, elements + stores); /* one row says where each store ends */
    file_unmap(&map);
    arena_done(&a);
    tsv_done(&rows);
}

static void check_blob(const struct tsv *row, const struct regf *r, struct arena *a)
{
    struct regf_key k;
    struct regf_value v;
    struct span data;
    struct err e = {0};
    struct cert_element c;
    char have[HEX_TEXT];
    const char *where = tsv_get(row, "key");
    bool found = regf_path(r, str_of(where), &k, &e) == REGF_FOUND &&
                 regf_value(r, &k, STR("Blob"), &v, &e) == REGF_FOUND &&
                 regf_value_data(r, &v, a, &data, &e);
    CHECK(found);
    if (!found)
        return;
    CHECK_U64(data.len, strtoul(tsv_get(row, "bytes"), NULL, 10));
    bool ok = certstore_blob(data, a, &c, &e);
    CHECK(ok);
    if (!ok)
        return;
    properties(&c, true, have);
    CHECK(same_text(where, "properties", have, tsv_get(row, "properties(id:len)")));
    check_element(where, row, &c);
}

TEST(blobs_of_hives_equal_the_truth)
{
    const char *corpus = test_corpus();
    struct tsv rows;
    size_t count = 0;
    if (!corpus)
        SKIP("no corpus");
    CHECK(tsv_open(&rows, corpus, "truth-certblob.tsv"));
    for (; tsv_next(&rows); count++) {
        struct file_map map;
        struct regf r;
        struct arena a;
        struct err e = {0};
        if (!corpus_map(corpus, tsv_get(&rows, "path"), &map))
            continue;
        arena_init(&a, 1 << 24);
        CHECK(regf_open(map.bytes, &r, &e));
        check_blob(&rows, &r, &a);
        arena_done(&a);
        file_unmap(&map);
    }
    CHECK_U64(count, 16);
    tsv_done(&rows);
}

TEST_MAIN()
