/* Lists of the registry: whose signature they carry, and what they say about roots. */
#include "trust_world.h"

static struct span list_of(struct world *w, const char *usage, struct span entries,
                           const struct pki_cert *signer)
{
    (void)w;
    struct pki_sign how = {.signer = signer};
    return pki_list(usage, "1.3.14.3.2.26", "2016-01-01", entries, &how);
}

static void set_list(struct world *w, struct span entries)
{
    memory_set_value(w->h, WORLD_UPDATE, "EncodedCtl", 3,
                     list_of(w, PKI_ROOT_LIST, entries, &w->list_signer));
}

static struct span filetime(const char *day)
{
    uint8_t *p = arena_alloc(&pki_mem, 8);
    uint64_t t = pki_day(day);
    for (size_t i = 0; i < 8; i++)
        p[i] = (uint8_t)(t >> 8 * i);
    return span_of(p, 8);
}

static struct span usages(const char *oid)
{
    return pki_seq(pki_oid(oid));
}

/* Timestamped by the world's stamper. */
static struct pki_sign stamped(const struct world *w, const char *when)
{
    struct pki_sign how = world_how(w);
    how.stamp = PKI_LEGACY;
    how.stamper = &w->stamper;
    how.stamped = when;
    return how;
}

TEST(obtainable_root)
{
    struct world w;
    world_begin_bare(&w);
    struct pki_sign how = world_how(&w);
    struct span file = pki_signed_pe(1, &how);
    set_list(&w, pki_root_entry(&w.root, span_of(NULL, 0)));
    struct trust_verdict v = world_judge(&w, file);
    CHECK_WORD(v, TRUST_ROOT_OBTAINABLE);
    CHECK_STR(v.decided->decided_by, "EncodedCtl");
    CHECK(v.decided->updates_on && v.decided->root_in_program);
    CHECK(trust_state(w.t)->authroot.state == FACT_FOUND);
    CHECK_U64(trust_state(w.t)->authroot.entries, 1);
    CHECK_U64(trust_state(w.t)->authroot.this_update, pki_day("2016-01-01"));
    CHECK_STR(trust_state(w.t)->authroot.sequence, "1401");
    memory_set_dword(w.h, WORLD_POLICY "\\AuthRoot", "DisableRootAutoUpdate", 1);
    v = world_judge(&w, file);
    CHECK_WORD(v, TRUST_ROOT_OBTAINABLE);
    CHECK_U64(v.code, 0x800B0109);
    CHECK(!v.decided->updates_on && !trust_state(w.t)->updates_on);
    /* The root itself in the message changes nothing; in the stores it does. */
    how.with[1] = &w.root;
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_ROOT_OBTAINABLE);
    pki_store(w.h, NULL, "AuthRoot", &w.root, span_of(NULL, 0));
    v = world_judge(&w, file);
    CHECK_WORD(v, TRUST_TRUSTED);
    CHECK(v.decided->root_in_program);
    world_end(&w);
}

TEST(obtainable_and_expired)
{
    struct world w;
    world_begin_bare(&w);
    struct pki_cert leaf = pki_make(
        (struct pki_spec){.cn = "L", .issuer = &w.ca, .usages = PKI_CODE, .to = "2012-01-01"});
    struct pki_sign how = {.signer = &leaf, .with = {&w.ca}};
    set_list(&w, pki_root_entry(&w.root, span_of(NULL, 0)));
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_ROOT_OBTAINABLE);
    world_end(&w);
}

TEST(forged_lists)
{
    struct world w;
    world_begin_bare(&w);
    struct pki_sign how = world_how(&w);
    struct span file = pki_signed_pe(1, &how), entries = pki_root_entry(&w.root, span_of(NULL, 0));
    const struct pki_cert signers[] = {
        w.leaf, /* another chain */
        pki_make((struct pki_spec){.cn = "Forger", .usages = PKI_ROOT_LIST}),
        pki_make((struct pki_spec){.cn = "C", .issuer = &w.list_root, .usages = PKI_CODE}),
        pki_make((struct pki_spec){.cn = "N", .issuer = &w.list_root}),
        pki_make(
            (struct pki_spec){.cn = "D", .issuer = &w.list_root, .usages = PKI_DISALLOWED_LIST}),
        pki_make((struct pki_spec){
            .cn = "O", .issuer = &w.list_root, .usages = PKI_ROOT_LIST, .to = "2015-12-31"}),
    };
    for (size_t i = 0; i < sizeof signers / sizeof *signers; i++) {
        memory_set_value(w.h, WORLD_UPDATE, "EncodedCtl", 3,
                         list_of(&w, PKI_ROOT_LIST, entries, &signers[i]));
        CHECK(world_judge(&w, file).word != TRUST_ROOT_OBTAINABLE);
        CHECK(trust_state(w.t)->authroot.state == FACT_UNREADABLE);
        CHECK(trust_state(w.t)->authroot.reason.len > 0);
    }
    /* The right signer, of a list for something else; damaged; no list at all. */
    memory_set_value(w.h, WORLD_UPDATE, "EncodedCtl", 3,
                     list_of(&w, PKI_DISALLOWED_LIST, entries, &w.list_signer));
    CHECK_WORD(world_judge(&w, file), TRUST_UNTRUSTED_ROOT);
    CHECK(trust_state(w.t)->authroot.state == FACT_UNREADABLE);
    struct span good = list_of(&w, PKI_ROOT_LIST, entries, &w.list_signer);
    uint8_t *bad = arena_copy(&pki_mem, good.ptr, good.len);
    for (size_t i = 0; i + 4 < good.len; i++)
        if (memcmp(bad + i, "160101000000Z", 13) == 0)
            bad[i + 1] = '5';
    memory_set_value(w.h, WORLD_UPDATE, "EncodedCtl", 3, span_of(bad, good.len));
    CHECK_WORD(world_judge(&w, file), TRUST_UNTRUSTED_ROOT);
    CHECK(trust_state(w.t)->authroot.state == FACT_UNREADABLE);
    memory_set_value(w.h, WORLD_UPDATE, "EncodedCtl", 3, span_of("x", 1));
    CHECK_WORD(world_judge(&w, file), TRUST_UNTRUSTED_ROOT);
    CHECK(trust_state(w.t)->authroot.state == FACT_UNREADABLE);
    memory_set_value(w.h, WORLD_UPDATE, "EncodedCtl", 3, good);
    CHECK_WORD(world_judge(&w, file), TRUST_ROOT_OBTAINABLE);
    /* Test roots are a parameter: without them this list is as forged as any. */
    w.options.list_root_count = 0;
    CHECK_WORD(world_judge(&w, file), TRUST_UNTRUSTED_ROOT);
    world_end(&w);
}

/* An intermediate may make list signers only if it is a CA and for lists. */
TEST(list_signers_below_an_intermediate)
{
    for (int i = 0; i < 3; i++) {
        struct world w;
        world_begin_bare(&w);
        struct pki_cert ca = pki_make((struct pki_spec){
            .cn = "List CA",
            .issuer = &w.list_root,
            .ca = i != 1,
            .usages = i == 2 ? PKI_CODE : PKI_ROOT_LIST,
        });
        struct pki_cert signer =
            pki_make((struct pki_spec){.cn = "S", .issuer = &ca, .usages = PKI_ROOT_LIST});
        struct pki_sign how = {.signer = &signer, .with = {&ca}};
        memory_set_value(w.h, WORLD_UPDATE, "EncodedCtl", 3,
                         pki_list(PKI_ROOT_LIST, "1.3.14.3.2.26", "2016-01-01",
                                  pki_root_entry(&w.root, span_of(NULL, 0)), &how));
        (void)world_judge(&w, pki_pe(1));
        CHECK(trust_state(w.t)->authroot.state == (i == 0 ? FACT_FOUND : FACT_UNREADABLE));
        world_end(&w);
    }
}

/* Properties of section 6.5, told by the list or by the store, and what a timestamp changes. */
struct limit_case {
    unsigned time_id;
    const char *time; /* "" = a property without bytes */
    unsigned usage_id;
    const char *usage;
    const char *stamped;
    enum trust_word want;
};

static const struct limit_case limits[] = {
    {104, "2015-01-01", 0, NULL, NULL, TRUST_UNTRUSTED_ROOT},
    {104, "2015-01-01", 0, NULL, "2014-12-31", TRUST_TRUSTED},
    {104, "2015-01-01", 0, NULL, "2015-01-02", TRUST_UNTRUSTED_ROOT},
    {104, "2017-01-01", 0, NULL, NULL, TRUST_TRUSTED},
    {104, "2015-01-01", 122, PKI_TIME, NULL, TRUST_TRUSTED},
    {104, "2015-01-01", 122, PKI_CODE, NULL, TRUST_UNTRUSTED_ROOT},
    {104, "", 0, NULL, NULL, TRUST_TRUSTED},
    {104, "", 122, PKI_CODE, NULL, TRUST_UNTRUSTED_ROOT},
    {0, NULL, 122, PKI_CODE, "2014-12-31", TRUST_UNTRUSTED_ROOT},
    {126, "2009-01-01", 0, NULL, NULL, TRUST_UNTRUSTED_ROOT},
    {126, "2009-01-01", 0, NULL, "2015-01-02", TRUST_UNTRUSTED_ROOT},
    {126, "2010-01-02", 0, NULL, NULL, TRUST_TRUSTED},
    {126, "2009-01-01", 127, PKI_TIME, NULL, TRUST_TRUSTED},
    {126, "2009-01-01", 127, PKI_CODE, NULL, TRUST_UNTRUSTED_ROOT},
    {126, "", 127, PKI_CODE, NULL, TRUST_UNTRUSTED_ROOT},
    {0, NULL, 9, PKI_CODE, NULL, TRUST_TRUSTED},
    {0, NULL, 9, PKI_TIME, NULL, TRUST_WRONG_USAGE},
    {0, NULL, 9, PKI_TIME, "2014-12-31", TRUST_WRONG_USAGE},
};

static struct span in_list(const struct limit_case *c)
{
    struct span s = {NULL, 0};
    if (c->time)
        s = pki_property(c->time_id, *c->time ? filetime(c->time) : span_of(NULL, 0));
    return c->usage ? pki_join(s, pki_property(c->usage_id, usages(c->usage))) : s;
}

static struct span in_store(const struct limit_case *c)
{
    struct span s = {NULL, 0};
    if (c->time)
        s = pki_record(c->time_id, *c->time ? filetime(c->time) : span_of(NULL, 0));
    return c->usage ? pki_join(s, pki_record(c->usage_id, usages(c->usage))) : s;
}

TEST(limits_of_roots)
{
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        for (int place = 0; place < 3; place++) {
            struct world w;
            world_begin_bare(&w);
            pki_store(w.h, NULL, "ROOT", &w.time_root, span_of(NULL, 0));
            struct pki_sign how =
                limits[i].stamped ? stamped(&w, limits[i].stamped) : world_how(&w);
            if (place != 1)
                set_list(&w, pki_root_entry(&w.root, in_list(&limits[i])));
            pki_store(w.h, NULL, place == 2 ? "ROOT" : "AuthRoot", &w.root,
                      place == 1 ? in_store(&limits[i]) : span_of(NULL, 0));
            /* Who puts a root into ROOT himself does not ask the list. */
            enum trust_word want = place == 2 ? TRUST_TRUSTED : limits[i].want;
            struct trust_verdict v = world_judge(&w, pki_signed_pe(1, &how));
            if (v.word != want)
                fprintf(stderr, "limit %zu, place %d\n", i, place);
            CHECK_WORD(v, want);
            world_end(&w);
        }
}

/* ---- disallowed -------------------------------------------------------------------------------
 */

TEST(disallowed_at_every_position)
{
    static const char *const places[] = {NULL, WORLD_POLICY, WORLD_ENTERPRISE};
    for (size_t i = 0; i < 9; i++) {
        struct world w;
        world_begin(&w);
        struct pki_sign how = stamped(&w, "2012-01-01");
        const struct pki_cert *position[] = {&w.leaf, &w.ca, &w.root};
        pki_store(w.h, places[i / 3], "Disallowed", position[i % 3], span_of(NULL, 0));
        struct trust_verdict v = world_judge(&w, pki_signed_pe(1, &how));
        CHECK_WORD(v, TRUST_DISALLOWED);
        CHECK_U64(v.code, 0x800B0111);
        CHECK_STR(v.decided->decided_by, "Disallowed");
        world_end(&w);
    }
}

/* Only properties, a damaged element, the hash of the part to be signed. */
TEST(disallowed_without_a_certificate)
{
    for (int i = 0; i < 3; i++) {
        struct world w;
        world_begin(&w);
        struct pki_sign how = world_how(&w);
        struct der outer, tbs;
        struct span der = pki_der(w.leaf.x), blob;
        CHECK(der_next(&der, &outer) && der_next(&outer.content, &tbs));
        const struct pki_cert *named = i == 2 ? &w.stamper : &w.leaf;
        blob = i == 0   ? pki_record(11, span_of("x\0\0", 4))
               : i == 1 ? span_of("damaged", 7)
                        : pki_record(15, pki_sha("sha256", tbs.whole));
        pki_store_blob(w.h, NULL, "Disallowed", named, blob);
        CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_DISALLOWED);
        bool told = false;
        for (size_t k = 0; k < trust_state(w.t)->stored_count; k++)
            told = told || trust_state(w.t)->stored[k].damage.len > 0;
        CHECK(told);
        world_end(&w);
    }
}

TEST(disallowed_list)
{
    for (size_t i = 0; i < 4; i++) {
        struct world w;
        world_begin(&w);
        struct pki_sign how = stamped(&w, "2012-01-01");
        const struct pki_cert *position[] = {&w.leaf, &w.ca, &w.root, &w.leaf};
        struct der outer, tbs;
        struct span der = pki_der(position[i]->x);
        CHECK(der_next(&der, &outer) && der_next(&outer.content, &tbs));
        struct span id = pki_sha("sha256", tbs.whole);
        memory_set_value(w.h, WORLD_UPDATE, "DisallowedCertEncodedCtl", 3,
                         list_of(&w, PKI_DISALLOWED_LIST, pki_entry(id, span_of(NULL, 0)),
                                 i == 3 ? &w.leaf : &w.list_signer));
        struct trust_verdict v = world_judge(&w, pki_signed_pe(1, &how));
        CHECK_WORD(v, i == 3 ? TRUST_TRUSTED : TRUST_DISALLOWED);
        if (i < 3)
            CHECK_STR(v.decided->decided_by, "DisallowedCertEncodedCtl");
        CHECK(trust_state(w.t)->disallowed.state == (i == 3 ? FACT_UNREADABLE : FACT_FOUND));
        world_end(&w);
    }
}

/* The disallowed intermediate is known from the store alone, not from the message. */
TEST(disallowed_stamper_takes_the_timestamp_away)
{
    struct world w;
    world_begin(&w);
    struct pki_cert leaf = pki_make(
        (struct pki_spec){.cn = "L", .issuer = &w.ca, .usages = PKI_CODE, .to = "2014-01-01"});
    struct pki_sign how = stamped(&w, "2012-01-01");
    how.signer = &leaf;
    struct span file = pki_signed_pe(1, &how);
    CHECK_WORD(world_judge(&w, file), TRUST_TRUSTED);
    pki_store(w.h, NULL, "Disallowed", &w.stamper, span_of(NULL, 0));
    CHECK_WORD(world_judge(&w, file), TRUST_EXPIRED);
    world_end(&w);
}

TEST(asking_for_a_root)
{
    struct world w;
    struct str by;
    char hex[41];
    world_begin_bare(&w);
    struct span sha1 = pki_sha("sha1", pki_der(w.root.x));
    for (size_t i = 0; i < 20; i++)
        snprintf(hex + 2 * i, 3, "%02X", sha1.ptr[i]);
    (void)world_judge(&w, pki_pe(1));
    CHECK(trust_root(w.t, hex, &by) == TRUST_UNTRUSTED_ROOT);
    CHECK(trust_root(w.t, "12", &by) == TRUST_CANNOT_TELL);
    set_list(&w, pki_root_entry(&w.root, span_of(NULL, 0)));
    (void)world_judge(&w, pki_pe(1));
    CHECK(trust_root(w.t, hex, &by) == TRUST_ROOT_OBTAINABLE);
    CHECK_STR(by, "EncodedCtl");
    pki_store(w.h, NULL, "AuthRoot", &w.root, span_of(NULL, 0));
    (void)world_judge(&w, pki_pe(1));
    CHECK(trust_root(w.t, hex, &by) == TRUST_TRUSTED);
    CHECK_STR(by, "AuthRoot");
    pki_store(w.h, NULL, "Disallowed", &w.root, span_of(NULL, 0));
    (void)world_judge(&w, pki_pe(1));
    CHECK(trust_root(w.t, hex, &by) == TRUST_DISALLOWED);
    world_end(&w);
}

TEST_MAIN()
