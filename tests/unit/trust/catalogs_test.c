/* Files signed by catalogs of the host. */
#include <pthread.h>

#include "trust_world.h"

static struct span catalog_of(struct world *w, const char *algorithm, struct span file, bool v2)
{
    struct pki_sign how = world_how(w);
    struct span digest = pki_pe_digest(algorithm, file);
    return pki_catalog(pki_member(algorithm, digest), v2, &how);
}

TEST(member_of_a_catalog)
{
    static const char *const algorithms[] = {"sha1", "sha256"};
    for (int i = 0; i < 2; i++) {
        struct world w;
        world_begin(&w);
        struct span file = pki_pe(7);
        CHECK_WORD(world_judge(&w, file), TRUST_UNSIGNED);
        memory_set_file(w.h, WORLD_CATALOGS "a.cat", catalog_of(&w, algorithms[i], file, i == 1));
        struct trust_verdict v = world_judge(&w, file);
        CHECK_WORD(v, TRUST_TRUSTED);
        CHECK(v.source == TRUST_SOURCE_CATALOG);
        CHECK_STR(v.catalog, WORLD_CATALOGS "a.cat");
        CHECK(v.decided && v.decided->from_catalog);
        CHECK_STR(v.decided->chain[0].common_name, "Test Publisher");
        CHECK_WORD(world_judge(&w, pki_pe(8)), TRUST_UNSIGNED);
        world_end(&w);
    }
}

TEST(flat_member)
{
    struct world w;
    world_begin(&w);
    struct pki_sign how = world_how(&w);
    struct span text = span_of("[Version]", 9);
    struct span members = pki_member("sha1", pki_sha("sha1", text));
    memory_set_file(w.h, WORLD_CATALOGS "a.cat", pki_catalog(members, false, &how));
    CHECK_WORD(world_judge(&w, text), TRUST_TRUSTED);
    CHECK_WORD(world_judge(&w, span_of("[version]", 9)), TRUST_UNSIGNED);
    world_end(&w);
}

/* Version 2 names members by their digest; version 1 by any tag. */
TEST(members_without_indirect_data)
{
    for (int v2 = 0; v2 < 2; v2++) {
        struct world w;
        world_begin(&w);
        struct pki_sign how = world_how(&w);
        struct span members = pki_entry(pki_pe_digest("sha256", pki_pe(7)), span_of(NULL, 0));
        memory_set_file(w.h, WORLD_CATALOGS "a.cat", pki_catalog(members, v2, &how));
        CHECK_WORD(world_judge(&w, pki_pe(7)), v2 ? TRUST_TRUSTED : TRUST_UNSIGNED);
        world_end(&w);
    }
}

TEST(words_of_catalogs)
{
    struct world w;
    world_begin_bare(&w);
    struct span file = pki_pe(7), good = catalog_of(&w, "sha256", file, true);
    memory_set_file(w.h, WORLD_CATALOGS "a.cat", good);
    struct trust_verdict v = world_judge(&w, file);
    CHECK_WORD(v, TRUST_UNTRUSTED_ROOT);
    CHECK(v.source == TRUST_SOURCE_CATALOG);
    pki_store(w.h, NULL, "ROOT", &w.root, span_of(NULL, 0));
    CHECK_WORD(world_judge(&w, file), TRUST_TRUSTED);
    pki_store(w.h, NULL, "Disallowed", &w.ca, span_of(NULL, 0));
    CHECK_WORD(world_judge(&w, file), TRUST_DISALLOWED);
    world_end(&w);
}

/* A catalog whose members were changed after it was signed. */
TEST(tampered_catalog)
{
    struct world w;
    world_begin(&w);
    struct span file = pki_pe(7), catalog = catalog_of(&w, "sha256", pki_pe(8), true);
    struct span from = pki_pe_digest("sha256", pki_pe(8)), to = pki_pe_digest("sha256", file);
    uint8_t *bad = arena_copy(&pki_mem, catalog.ptr, catalog.len);
    for (size_t i = 0; i + from.len <= catalog.len; i++)
        if (memcmp(bad + i, from.ptr, from.len) == 0)
            memcpy(bad + i, to.ptr, to.len);
    memory_set_file(w.h, WORLD_CATALOGS "a.cat", span_of(bad, catalog.len));
    CHECK_WORD(world_judge(&w, file), TRUST_BAD_DIGEST);
    /* A good one beside it decides. */
    memory_set_file(w.h, WORLD_CATALOGS "b.cat", catalog_of(&w, "sha256", file, true));
    struct trust_verdict v = world_judge(&w, file);
    CHECK_WORD(v, TRUST_TRUSTED);
    CHECK_STR(v.catalog, WORLD_CATALOGS "b.cat");
    world_end(&w);
}

/* A list of roots is no catalog, whoever signed it. */
TEST(lists_that_are_no_catalogs)
{
    struct world w;
    world_begin(&w);
    struct pki_sign how = world_how(&w);
    struct span members = pki_member("sha256", pki_pe_digest("sha256", pki_pe(7)));
    memory_set_file(w.h, WORLD_CATALOGS "a.cat",
                    pki_list(PKI_ROOT_LIST, "1.3.6.1.4.1.311.12.1.3", "2015-01-01", members, &how));
    memory_set_file(w.h, WORLD_CATALOGS "b.cat", span_of("no catalog", 10));
    memory_set_file(w.h, WORLD_CATALOGS "empty.cat", span_of("", 0));
    CHECK_WORD(world_judge(&w, pki_pe(7)), TRUST_UNSIGNED);
    world_end(&w);
}

TEST(embedded_before_catalog)
{
    struct world w;
    world_begin(&w);
    struct pki_cert stranger = pki_make((struct pki_spec){.cn = "X", .usages = PKI_CODE});
    struct pki_sign how = {.signer = &stranger};
    struct span file = pki_signed_pe(7, &how);
    CHECK_WORD(world_judge(&w, file), TRUST_UNTRUSTED_ROOT);
    /* The digest leaves the certificate table out, so a catalog may hold a signed file. */
    memory_set_file(w.h, WORLD_CATALOGS "a.cat", catalog_of(&w, "sha256", file, true));
    struct trust_verdict v = world_judge(&w, file);
    CHECK_WORD(v, TRUST_TRUSTED);
    CHECK(v.source == TRUST_SOURCE_CATALOG);
    CHECK_U64(v.signature_count, 2);
    how = world_how(&w);
    v = world_judge(&w, pki_signed_pe(7, &how));
    CHECK_WORD(v, TRUST_TRUSTED);
    CHECK(v.source == TRUST_SOURCE_EMBEDDED);
    world_end(&w);
}

TEST(unreadable_catalogs)
{
    struct world w;
    world_begin(&w);
    memory_set_file(w.h, WORLD_CATALOGS "a.cat", catalog_of(&w, "sha256", pki_pe(7), true));
    memory_set_file(w.h, WORLD_CATALOGS "b.cat", catalog_of(&w, "sha256", pki_pe(8), true));
    memory_set_file_state(w.h, WORLD_CATALOGS "b.cat", FACT_UNREADABLE, "bad sector");
    CHECK_WORD(world_judge(&w, pki_pe(9)), TRUST_CANNOT_TELL);
    CHECK_WORD(world_judge(&w, pki_pe(7)), TRUST_TRUSTED);
    world_end(&w);
}

/* ---- several threads ---------------------------------------------------------------------------
 */

enum { THREADS = 4, FILES = 24, ROUNDS = 6 };

struct work {
    struct trust *t;
    const struct span *files;
    unsigned wrong;
};

static enum trust_word wanted(size_t i)
{
    return i % 3 == 2 ? TRUST_UNSIGNED : TRUST_TRUSTED;
}

static void *judge_all(void *arg)
{
    struct work *w = arg;
    for (size_t i = 0; i < (size_t)FILES * ROUNDS; i++) {
        struct trust_verdict v;
        struct str reason;
        struct arena a;
        char path[32];
        arena_init(&a, ARENA_DEFAULT_CAP);
        snprintf(path, sizeof path, "C:\\f%zu.dll", i % FILES);
        enum fact_state state = trust_file(w->t, str_of(path), VIEW_NATIVE, &a, &v, &reason);
        w->wrong += state != FACT_FOUND || v.word != wanted(i % FILES);
        arena_done(&a);
    }
    return NULL;
}

/* Embedded, of a catalog of their own, unsigned: one trust for all threads. */
TEST(threads)
{
    struct world w;
    struct err e = {0};
    pthread_t threads[THREADS];
    struct work work[THREADS];
    world_begin(&w);
    for (uint32_t i = 0; i < FILES; i++) {
        char path[512];
        struct pki_sign how = world_how(&w);
        struct span file = i % 3 ? pki_pe(i) : pki_signed_pe(i, &how);
        snprintf(path, sizeof path, "C:\\f%u.dll", i);
        memory_set_file(w.h, path, file);
        snprintf(path, sizeof path, WORLD_CATALOGS "c%u.cat", i);
        if (i % 3 == 1)
            memory_set_file(w.h, path, catalog_of(&w, "sha256", file, true));
    }
    CHECK(trust_open(w.h, &w.options, &w.t, &e));
    for (int i = 0; i < THREADS; i++) {
        work[i] = (struct work){.t = w.t};
        CHECK(pthread_create(&threads[i], NULL, judge_all, &work[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_U64(work[i].wrong, 0);
    }
    world_end(&w);
}

TEST_MAIN()
