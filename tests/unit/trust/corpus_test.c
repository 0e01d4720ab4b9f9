/* Real files judged by a host that holds real roots and real lists. */
#include <openssl/pem.h>

#include "formats/certstore.h"
#include "trust_world.h"
#include "truth_tsv.h"

struct bench {
    struct host *h;
    struct trust *t;
    struct arena a;
};

static struct span corpus_file(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", test_corpus(), name);
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL);
    if (!f)
        return span_of(NULL, 0);
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    uint8_t *p = arena_alloc(&pki_mem, n + 1);
    CHECK(fread(p, 1, n, f) == n);
    fclose(f);
    return span_of(p, n);
}

/* Every root of the list of 2025 in AuthRoot. */
static void add_roots(struct host *h)
{
    struct span pem = corpus_file("ca/authroot-2025-06-16-roots.pem");
    BIO *in = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    struct pki_cert c = {0};
    while ((c.x = PEM_read_bio_X509(in, NULL, NULL, NULL))) {
        pki_store(h, NULL, "AuthRoot", &c, span_of(NULL, 0));
        X509_free(c.x);
    }
    BIO_free(in);
}

static void begin(struct bench *b, const char *at, const char *list, bool roots)
{
    struct host_options options = {0};
    struct err e = {0};
    pki_begin();
    arena_init(&b->a, ARENA_DEFAULT_CAP);
    options.at = options.now = pki_day(at);
    CHECK(host_memory(&options, &b->h, &e));
    memory_set_sz(b->h, "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "CurrentVersion",
                  "6.3");
    memory_set_sz(b->h, "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\MY", "x", "");
    if (roots)
        add_roots(b->h);
    if (list)
        memory_set_value(b->h, WORLD_UPDATE, "EncodedCtl", 3, corpus_file(list));
}

static void open_trust(struct bench *b)
{
    struct err e = {0};
    CHECK(trust_open(b->h, NULL, &b->t, &e));
}

static void end(struct bench *b)
{
    trust_close(b->t);
    host_close(b->h);
    arena_done(&b->a);
    pki_done();
}

static struct trust_verdict judge(struct bench *b, const char *name)
{
    struct trust_verdict v = {0};
    struct err e = {0};
    CHECK(trust_bytes(b->t, corpus_file(name), &b->a, &v, &e));
    return v;
}

/* Every list that Windows Update served verifies with the built-in keys; a flipped bit does not. */
TEST(lists_of_microsoft)
{
    static const struct {
        const char *file, *value;
        size_t entries;
    } lists[] = {
        {"ctl/2007-02-01-authroot.stl", "EncodedCtl", 0},
        {"ctl/2012-02-23-authroot.stl", "EncodedCtl", 0},
        {"ctl/2015-06-18-authroot.stl", "EncodedCtl", 0},
        {"ctl/2018-10-12-authroot.stl", "EncodedCtl", 0},
        {"ctl/2021-04-19-authroot.stl", "EncodedCtl", 0},
        {"ctl/2024-05-14-authroot.stl", "EncodedCtl", 0},
        {"ctl/2025-06-16-authroot.stl", "EncodedCtl", 514},
        {"ctl/2021-01-26-disallowedcert.stl", "DisallowedCertEncodedCtl", 0},
    };
    if (!test_corpus())
        SKIP("no corpus");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (int spoilt = 0; spoilt < 2; spoilt++) {
            struct bench b;
            begin(&b, "2025-07-01", NULL, false);
            struct span list = corpus_file(lists[i].file);
            ((uint8_t *)(uintptr_t)list.ptr)[list.len / 3] ^= (uint8_t)spoilt;
            memory_set_value(b.h, WORLD_UPDATE, lists[i].value, 3, list);
            open_trust(&b);
            const struct trust_state *s = trust_state(b.t);
            const struct trust_list *l = i == 7 ? &s->disallowed : &s->authroot;
            if (l->state != (spoilt ? FACT_UNREADABLE : FACT_FOUND))
                fprintf(stderr, "%s: " STR_FMT "\n", lists[i].file, STR_ARG(l->reason));
            CHECK(l->state == (spoilt ? FACT_UNREADABLE : FACT_FOUND));
            CHECK(spoilt || l->entries > 50);
            CHECK(spoilt || !lists[i].entries || l->entries == lists[i].entries);
            end(&b);
        }
}

/* Lists for something else are no root lists, whoever signed them. */
TEST(lists_in_the_wrong_place)
{
    static const char *const files[] = {"ctl/2021-01-26-pinrules.stl",
                                        "ctl/2021-01-26-disallowedcert.stl",
                                        "cat/115fe8649854ad53.cat", "pe/atapi.sys"};
    if (!test_corpus())
        SKIP("no corpus");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct bench b;
        begin(&b, "2025-07-01", files[i], false);
        open_trust(&b);
        CHECK(trust_state(b.t)->authroot.state == FACT_UNREADABLE);
        end(&b);
    }
}

static bool expects_trust(const char *verdict)
{
    return strstr(verdict, "verification ok; timestamp ok") != NULL;
}

/* The word of each first signature against osslsigncode's, where the two mean the same; where they
 * differ, why. */
TEST(files_against_the_truth)
{
    struct tsv t;
    struct bench b;
    size_t seen = 0;
    if (!test_corpus())
        SKIP("no corpus");
    CHECK(tsv_open(&t, test_corpus(), "truth-sign.tsv"));
    begin(&b, "2025-08-01", "ctl/2025-06-16-authroot.stl", true);
    open_trust(&b);
    while (tsv_next(&t)) {
        const char *path = tsv_get(&t, "path");
        if (strncmp(tsv_get(&t, "container"), "PE", 2) != 0 || strcmp(tsv_get(&t, "sig"), "0") != 0)
            continue;
        struct trust_verdict v = judge(&b, path);
        bool want = expects_trust(tsv_get(&t, "osslsigncode"));
        seen++;
        /* Signed in 2008 and timestamped then: osslsigncode judges the old intermediates now. */
        if (strstr(path, "SoftwareUpdate.exe"))
            want = true;
        if ((v.word == TRUST_TRUSTED) != want)
            fprintf(stderr, "%s: %s " STR_FMT "\n", path, trust_word_name(v.word),
                    STR_ARG(v.reason));
        CHECK((v.word == TRUST_TRUSTED) == want);
        CHECK(v.signature_count > 0 && v.signatures[0].chain_count > 0);
        if (v.signature_count && v.signatures[0].chain_count)
            CHECK_STR(v.signatures[0].chain[0].common_name, tsv_get(&t, "signer_cn"));
    }
    CHECK(seen > 15);
    tsv_done(&t);
    end(&b);
}

/* The same files on a host without a single root: what the list makes obtainable. */
TEST(roots_that_are_missing)
{
    struct bench b;
    if (!test_corpus())
        SKIP("no corpus");
    begin(&b, "2025-08-01", "ctl/2025-06-16-authroot.stl", false);
    open_trust(&b);
    struct trust_verdict v = judge(&b, "pe/atapi.sys");
    CHECK_WORD(v, TRUST_ROOT_OBTAINABLE);
    CHECK_STR(v.decided->decided_by, "EncodedCtl");
    CHECK(v.decided->signed_at != 0);
    CHECK_WORD(judge(&b, "pe/DXCore.dll"), TRUST_ROOT_OBTAINABLE);
    CHECK_WORD(judge(&b, "pe/kdbazis.dll"), TRUST_UNTRUSTED_ROOT);
    CHECK_WORD(judge(&b, "pe/pegoat32.exe"), TRUST_UNSIGNED);
    end(&b);
    begin(&b, "2025-08-01", NULL, false);
    open_trust(&b);
    CHECK_WORD(judge(&b, "pe/atapi.sys"), TRUST_UNTRUSTED_ROOT);
    CHECK(trust_state(b.t)->authroot.state == FACT_ABSENT);
    end(&b);
}

/* The 2001 root of Microsoft vouches for certificates made before 2017-04-30 only; sigcheck's
 * second signature has another root. */
TEST(limits_of_a_real_root)
{
    struct bench b;
    if (!test_corpus())
        SKIP("no corpus");
    begin(&b, "2025-08-01", "ctl/2025-06-16-authroot.stl", true);
    open_trust(&b);
    struct trust_verdict v = judge(&b, "pe/sigcheck.exe");
    CHECK_WORD(v, TRUST_TRUSTED);
    CHECK(v.signature_count == 2 && v.decided == &v.signatures[1]);
    CHECK(v.signatures[0].word == TRUST_UNTRUSTED_ROOT);
    CHECK(v.decided->root_in_program);
    end(&b);
}

/* The disallowed list names certificates by the hash of their part to be signed or by the MD5 of
 * their key: it finds every certificate of the store that Windows Update served beside it. */
TEST(disallowed_by_hashes)
{
    struct bench b;
    struct sst sst;
    struct err e = {0};
    size_t disallowed = 0;
    if (!test_corpus())
        SKIP("no corpus");
    begin(&b, "2021-06-01", NULL, false);
    memory_set_value(b.h, WORLD_UPDATE, "DisallowedCertEncodedCtl", 3,
                     corpus_file("ctl/2021-01-26-disallowedcert.stl"));
    CHECK(sst_parse(corpus_file("sst/2021-disallowedcert.sst"), &pki_mem, &sst, &e));
    for (size_t i = 0; i < sst.count; i++) {
        struct pki_cert c = {.x = cert_parse(sst.elements[i].certificate, &e)};
        if (c.x)
            pki_store(b.h, NULL, "ROOT", &c, span_of(NULL, 0));
        X509_free(c.x);
    }
    open_trust(&b);
    const struct trust_state *s = trust_state(b.t);
    for (size_t i = 0; i < s->stored_count; i++) {
        struct str by;
        disallowed += trust_root(b.t, s->stored[i].certificate.sha1, &by) == TRUST_DISALLOWED;
    }
    CHECK_U64(s->stored_count, 80);
    CHECK_U64(disallowed, s->stored_count);
    CHECK_U64(s->disallowed.entries, 73);
    end(&b);
}

/* Catalogs and what they hold: each member file of the truth is trusted through its catalog. */
TEST(catalogs_against_the_truth)
{
    struct tsv t;
    size_t members = 0;
    if (!test_corpus())
        SKIP("no corpus");
    CHECK(tsv_open(&t, test_corpus(), "truth-cat-membership.tsv"));
    while (tsv_next(&t)) {
        struct bench b;
        bool member = strcmp(tsv_get(&t, "member"), "yes") == 0;
        begin(&b, "2025-08-01", "ctl/2025-06-16-authroot.stl", true);
        memory_set_file(b.h, WORLD_CATALOGS "x.cat", corpus_file(tsv_get(&t, "catalog")));
        open_trust(&b);
        struct trust_verdict v = judge(&b, tsv_get(&t, "file"));
        bool by_catalog = v.source == TRUST_SOURCE_CATALOG;
        bool embedded = v.source == TRUST_SOURCE_EMBEDDED;
        if (!embedded && by_catalog != member)
            fprintf(stderr, "%s in %s: %s\n", tsv_get(&t, "file"), tsv_get(&t, "catalog"),
                    trust_word_name(v.word));
        CHECK(embedded || by_catalog == member);
        members += by_catalog;
        end(&b);
    }
    CHECK(members > 3);
    tsv_done(&t);
}

TEST_MAIN()
