/* Lists and roots from folders, and what they change on a host. */
#include "roots_bench.h"

#include "actions/cert_blob.h"

/* ---- a bare host -------------------------------------------------------------------------------
 */

TEST(a_folder_brings_lists_and_the_needed_root)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    struct pki_sign how = world_how(&b.w);
    struct span file = pki_signed_pe(1, &how);
    CHECK_WORD(world_judge(&b.w, file), TRUST_UNTRUSTED_ROOT);
    CHECK(refresh(&b, b.folder, &b.w.root, &a, &e));
    CHECK(a.kind == ACTION_ROOTS_REFRESH && a.change_count == 5);
    CHECK(listed(&a, "added") == 1 && listed(&a, "missing") == 0 && listed(&a, "removed") == 0);
    CHECK(sequence_is(&a, "roots", "1401") && sequence_is(&a, "disallowed", "1401"));
    const struct change *c = change_of(&a, "LastSyncTime");
    CHECK(c && c->after.type == 3 && span_eq(c->after.data, filetime("2016-06-01")));
    c = change_of(&a, "Blob");
    CHECK(c && c->new_keys >= 1 && !c->before.present && !c->drop_key);
    struct cert_element element;
    struct span s;
    CHECK(c && certstore_blob(c->after.data, &b.w.a, &element, &e));
    CHECK(span_eq(element.certificate, pki_der(b.w.root.x)));
    CHECK(cert_element_property(&element, PROP_SHA1, &s) && s.len == 20);
    CHECK(cert_element_property(&element, PROP_MD5, &s) && s.len == 16);
    CHECK(cert_element_property(&element, PROP_SIGNATURE_HASH, &s) && s.len == 32);
    CHECK(cert_element_property(&element, PROP_KEY_IDENTIFIER, &s) && s.len == 20);
    CHECK(cert_element_property(&element, PROP_FRIENDLY_NAME, &s) && s.len == 10);
    CHECK(cert_element_property(&element, PROP_SHA256_AUTHROOT, &s) && s.len == 32);
    apply(&b, &a);
    CHECK_WORD(world_judge(&b.w, file), TRUST_TRUSTED);
    CHECK(trust_state(b.w.t)->authroot.state == FACT_FOUND);
    CHECK(trust_state(b.w.t)->disallowed.state == FACT_FOUND);
    /* The same again changes nothing. */
    CHECK(refresh(&b, b.folder, &b.w.root, &a, &e) && a.change_count == 0);
    end(&b);
}

TEST(what_the_source_lacks_is_said)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    drop(&b, "one");
    drop(&b, "disallowedcertstl.cab");
    CHECK(refresh(&b, b.folder, &b.w.root, &a, &e));
    CHECK(listed(&a, "missing") == 1 && listed(&a, "added") == 0 && a.change_count == 2);
    CHECK(strstr(a.note.ptr, "cannot be added") && strstr(a.note.ptr, "no list of disallowed"));
    /* A certificate of that name with other bytes is as good as none. */
    CHECK(refresh(&b, b.folder, &b.withdrawn, &a, &e));
    CHECK(listed(&a, "missing") == 1);
    CHECK(strstr(a.note.ptr, "does not name it"));
    end(&b);
}

TEST(the_newest_list_that_verifies_counts)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    struct span entries = entry(&b.w.root, nothing);
    put(&b, "a.stl", roots_list(&b, 0x1405, "2016-03-01", entries));
    put(&b, "z.cab", cab(roots_list(&b, 0x1403, "2016-02-01", entries)));
    struct pki_cert forger = pki_make((struct pki_spec){.cn = "F", .usages = PKI_ROOT_LIST});
    const struct pki_sign forged = {.signer = &forger};
    put(&b, "forged.stl",
        pki_list_at(PKI_ROOT_LIST, "1.3.14.3.2.26", "2016-05-01", 0x7000, entries, &forged));
    CHECK(refresh(&b, b.folder, NULL, &a, &e));
    CHECK(sequence_is(&a, "roots", "1405"));
    CHECK(strstr(a.note.ptr, "forged.stl does not count"));
    /* Lists for something else are nobody's business. */
    drop(&b, "forged.stl");
    const struct pki_sign by = {.signer = &b.w.list_signer};
    put(&b, "pinrulesstl.cab",
        cab(pki_list(PKI_CODE, "1.3.14.3.2.26", "2016-01-01", entries, &by)));
    CHECK(refresh(&b, b.folder, NULL, &a, &e));
    CHECK_STR(a.note, "");
    end(&b);
}

TEST(folders_without_a_list)
{
    struct bench b;
    struct action a;
    begin(&b);
    struct err e = {0};
    CHECK(!refresh(&b, b.folder, NULL, &a, &e) && strstr(e.text, "no list of roots"));
    put(&b, "authroot.stl", span_of("nothing of the kind", 19));
    e = (struct err){0};
    CHECK(!refresh(&b, b.folder, NULL, &a, &e) && strstr(e.text, "authroot.stl does not count"));
    e = (struct err){0};
    CHECK(!refresh(&b, "/nonexistent/folder", NULL, &a, &e) && e.kind == ERR_NOT_FOUND);
    e = (struct err){0};
    CHECK(!refresh(&b, "", NULL, &a, &e) && e.kind == ERR_USAGE);
    end(&b);
}

/* ---- a host with lists -------------------------------------------------------------------------
 */

TEST(older_lists_are_refused_and_the_same_changes_nothing)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1410, "2016-03-01");
    CHECK(refresh(&b, b.folder, NULL, &a, &e));
    apply(&b, &a);
    put(&b, "anything.bin", roots_list(&b, 0x140F, "2016-04-01", entry(&b.w.root, nothing)));
    CHECK(!refresh(&b, b.folder, NULL, &a, &e) && e.kind == ERR_DENIED);
    CHECK(strstr(e.text, "older than the host's (2016-03-01, sequence 1410)"));
    CHECK(a.change_count == 0);
    /* An older list of the disallowed spoils it just as well. */
    e = (struct err){0};
    fill(&b, 0x1411, "2016-04-01");
    put(&b, "disallowedcertstl.cab", cab(disallowed_list(&b, 0x1409, &b.withdrawn)));
    CHECK(!refresh(&b, b.folder, NULL, &a, &e));
    CHECK(strstr(e.text, "list of disallowed certificates") && strstr(e.text, "older"));
    /* The same list, long not synchronised: only the times. */
    e = (struct err){0};
    fill(&b, 0x1410, "2016-03-01");
    memory_set_value(b.w.h, WORLD_UPDATE, "LastSyncTime", 3, filetime("2014-01-01"));
    CHECK(refresh(&b, b.folder, NULL, &a, &e) && a.change_count == 1);
    CHECK(change_of(&a, "LastSyncTime") != NULL);
    end(&b);
}

TEST(a_forged_list_of_the_host_is_replaced)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    const struct pki_sign by = {.signer = &b.w.leaf};
    memory_set_value(b.w.h, WORLD_UPDATE, "EncodedCtl", 3,
                     pki_list_at(PKI_ROOT_LIST, "1.3.14.3.2.26", "2016-05-01", 0x7FFF,
                                 entry(&b.other, nothing), &by));
    CHECK(refresh(&b, b.folder, NULL, &a, &e));
    const struct change *c = change_of(&a, "EncodedCtl");
    CHECK(c && c->before.present && c->new_keys == 0);
    end(&b);
}

TEST(roots_follow_their_list)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    struct span blob;
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    const struct pki_cert *const held[] = {&b.w.root, &b.other, &b.withdrawn};
    for (size_t i = 0; i < 3; i++) {
        CHECK(cert_blob_make(pki_der(held[i]->x), NULL, &b.w.a, &blob, &e));
        pki_store_blob(b.w.h, NULL, "AuthRoot", held[i], blob);
    }
    memory_set_value(b.w.h, AUTHROOT "0123456789012345678901234567890123456789", "Blob", 3,
                     span_of("damaged", 7));
    /* The world's root is disabled, the other one as it is, the third named no more. */
    struct span entries = pki_join(entry(&b.w.root, pki_property(104, filetime("2015-01-01"))),
                                   entry(&b.other, nothing));
    put(&b, "anything.bin", roots_list(&b, 0x1402, "2016-02-01", entries));
    struct pki_sign how = world_how(&b.w);
    struct span file = pki_signed_pe(1, &how);
    CHECK_WORD(world_judge(&b.w, file), TRUST_TRUSTED);
    CHECK(refresh(&b, b.folder, NULL, &a, &e));
    CHECK(listed(&a, "updated") == 2 && listed(&a, "removed") == 1 && listed(&a, "damaged") == 1);
    CHECK(listed(&a, "distrusted") == 2); /* the disabled one, and one of the other list */
    size_t gone = 0;
    for (size_t i = 0; i < a.change_count; i++) {
        const struct change *c = &a.changes[i];
        gone += !c->after.present && c->drop_key && c->before.present;
        if (c->after.present)
            memory_set_value(b.w.h, c->key.ptr, c->name.ptr, c->after.type, c->after.data);
    }
    CHECK_U64(gone, 1);
    CHECK(world_judge(&b.w, file).word != TRUST_TRUSTED);
    end(&b);
}

/* What the list says nothing about stays in a Blob. */
TEST(blobs_keep_what_is_theirs)
{
    struct bench b;
    struct err e = {0};
    struct ctl ctl;
    struct ctl_entry first;
    struct span blob, then, s;
    struct cert_element element;
    size_t cursor = 0;
    bool changed;
    begin(&b);
    struct span list = roots_list(&b, 1, "2016-01-01",
                                  entry(&b.w.root, pki_property(126, filetime("2015-01-01"))));
    struct cms *message;
    CHECK(cms_open(list, &message, &e));
    CHECK(ctl_parse(cms_content_element(message), &b.w.a, &ctl, &e));
    CHECK(ctl_next(&ctl, &cursor, &first, &e));
    CHECK(cert_blob_make(pki_der(b.w.root.x), NULL, &b.w.a, &blob, &e));
    /* 80: somebody's own property; 122 is the list's and goes. */
    blob = pki_join(pki_record(80, span_of("own", 3)),
                    pki_join(pki_record(122, pki_seq(pki_oid(PKI_CODE))), blob));
    CHECK(cert_blob_update(blob, &first, &b.w.a, &then, &changed, &e) && changed);
    CHECK(certstore_blob(then, &b.w.a, &element, &e));
    CHECK(cert_element_property(&element, 80, &s) && span_eq(s, span_of("own", 3)));
    CHECK(!cert_element_property(&element, 122, &s));
    CHECK(cert_element_property(&element, 126, &s) && s.len == 8);
    CHECK(span_eq(element.certificate, pki_der(b.w.root.x)));
    CHECK(cert_blob_update(then, &first, &b.w.a, &blob, &changed, &e) && !changed);
    CHECK(!cert_blob_update(span_of("x", 1), &first, &b.w.a, &blob, &changed, &e));
    cms_close(message);
    end(&b);
}

/* An image must not send us anywhere. */
TEST(root_dir_url_of_live_hosts_only)
{
    static const struct {
        const char *url, *want; /* NULL: refused */
    } cases[] = {
        {"http://mirror/roots", "http://mirror/roots"},
        {"FILE://\\\\server\\share", "\\\\server\\share"},
        {"file:///C:/roots", "C:/roots"},
        {"", NULL},
        {"ftp://mirror", NULL},
        {"file://", NULL},
    };
    struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int kind = TARGET_LIVE; kind <= TARGET_ARCHIVE; kind++) {
            struct target_info target = {.kind = (enum target_kind)kind};
            struct trust_state state = {.root_dir_url = str_of(cases[i].url)};
            struct str out = {NULL, 0};
            struct err e = {0};
            bool ok = roots_source_of(STR("root-dir-url"), &target, &state, &a, &out, &e);
            CHECK(ok == (kind == TARGET_LIVE && cases[i].want != NULL));
            CHECK(ok ? str_eq(out, str_of(cases[i].want)) : e.kind != ERR_NONE);
            CHECK(roots_source_of(STR("dir"), &target, &state, &a, &out, &e));
            CHECK_STR(out, "dir");
        }
    arena_done(&a);
}

TEST(an_unreadable_hive_is_no_host_without_lists)
{
    struct bench b;
    struct action a;
    struct err e = {0};
    begin(&b);
    fill(&b, 0x1401, "2016-01-01");
    memory_set_state(b.w.h, "HKLM\\SOFTWARE", FACT_UNREADABLE, "torn");
    CHECK(!refresh(&b, b.folder, NULL, &a, &e) && strstr(e.text, "torn"));
    end(&b);
}

/* ---- real lists --------------------------------------------------------------------------------
 */

static void corpus_source(const struct bench *b, const char *name)
{
    char path[4096];
    uint8_t *p = arena_alloc(&pki_mem, 1 << 20);
    snprintf(path, sizeof path, "%s/ctl/%s", test_corpus(), name);
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL);
    size_t n = f ? fread(p, 1, 1 << 20, f) : 0;
    if (f)
        fclose(f);
    put(b, "list", span_of(p, n));
}

TEST(real_lists_go_forward_only)
{
    static const char *const lists[] = {"2007-02-01-authrootstl.cab", "2012-02-23-authrootstl.cab",
                                        "2015-06-18-authrootstl.cab", "2018-10-12-authrootstl.cab",
                                        "2021-04-19-authrootstl.cab", "2024-05-14-authrootstl.cab",
                                        "2025-06-16-authrootstl.cab"};
    const size_t count = sizeof lists / sizeof *lists;
    struct bench b;
    struct action a;
    if (!test_corpus())
        SKIP("no corpus");
    begin(&b);
    b.w.options.list_root_count = 0; /* Microsoft's alone */
    for (size_t i = 0; i < count; i++) {
        struct err e = {0};
        corpus_source(&b, lists[i]);
        CHECK(refresh(&b, b.folder, NULL, &a, &e));
        CHECK(change_of(&a, "EncodedCtl") != NULL);
        apply(&b, &a);
        CHECK(refresh(&b, b.folder, NULL, &a, &e) && a.change_count == 0);
        CHECK(trust_state(b.w.t)->authroot.state == FACT_FOUND);
        for (size_t k = 0; k < i; k++) {
            struct err older = {0};
            corpus_source(&b, lists[k]);
            CHECK(!refresh(&b, b.folder, NULL, &a, &older) && older.kind == ERR_DENIED);
            CHECK(strstr(older.text, "is older than the host's") && a.change_count == 0);
        }
    }
    end(&b);
}

TEST_MAIN()
