/* When a signature is judged: reference time, timestamps, lifetime signing. */
#include "trust_world.h"

static struct pki_cert old_leaf(const struct world *w)
{
    return pki_make((struct pki_spec){.cn = "Old",
                                      .issuer = &w->ca,
                                      .usages = PKI_CODE,
                                      .from = "2010-01-01",
                                      .to = "2014-01-01"});
}

static struct pki_sign stamped(const struct world *w, const struct pki_cert *leaf,
                               enum pki_stamp kind, const char *when)
{
    return (struct pki_sign){
        .signer = leaf, .with = {&w->ca}, .stamp = kind, .stamper = &w->stamper, .stamped = when};
}

TEST(expired_without_timestamp)
{
    struct world w;
    world_begin(&w);
    struct pki_cert leaf = old_leaf(&w);
    struct pki_sign how = {.signer = &leaf, .with = {&w.ca}};
    struct trust_verdict v = world_judge(&w, pki_signed_pe(1, &how));
    CHECK_WORD(v, TRUST_EXPIRED);
    CHECK_U64(v.code, 0x800B0101);
    CHECK_U64(v.decided->judged_at, pki_day("2016-06-01"));
    leaf = pki_make((struct pki_spec){.cn = "New", .issuer = &w.ca, .from = "2017-01-01"});
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_NOT_YET_VALID);
    world_end(&w);
}

TEST(timestamps)
{
    for (int kind = PKI_LEGACY; kind <= PKI_RFC3161; kind++) {
        struct world w;
        world_begin(&w);
        struct pki_cert leaf = old_leaf(&w);
        struct pki_sign how = stamped(&w, &leaf, (enum pki_stamp)kind, "2012-05-05");
        struct trust_verdict v = world_judge(&w, pki_signed_pe(1, &how));
        CHECK_WORD(v, TRUST_TRUSTED);
        CHECK(v.decided->timestamp == (kind == PKI_LEGACY ? TIMESTAMP_LEGACY : TIMESTAMP_RFC3161));
        CHECK_U64(v.decided->signed_at, pki_day("2012-05-05"));
        CHECK_U64(v.decided->judged_at, pki_day("2012-05-05"));
        CHECK_STR(v.decided->timestamper.common_name, "Time Stamper");
        /* After the certificate had expired, and before it was made. */
        how.stamped = "2015-05-05";
        CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_EXPIRED);
        how.stamped = "2009-05-05";
        CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_NOT_YET_VALID);
        /* One over something else does not count. */
        how.stamped = "2012-05-05";
        how.spoil_stamp = true;
        v = world_judge(&w, pki_signed_pe(1, &how));
        CHECK_WORD(v, TRUST_EXPIRED);
        CHECK_U64(v.decided->signed_at, 0);
        world_end(&w);
    }
}

/* Of a root that is not there, for another usage, expired when it stamped. */
TEST(timestamps_that_do_not_count)
{
    for (int i = 0; i < 3; i++) {
        struct world w;
        world_begin_bare(&w);
        pki_store(w.h, NULL, "ROOT", &w.root, span_of(NULL, 0));
        if (i)
            pki_store(w.h, NULL, "ROOT", &w.time_root, span_of(NULL, 0));
        struct pki_cert leaf = old_leaf(&w);
        struct pki_cert stamper = pki_make((struct pki_spec){
            .cn = "S",
            .issuer = &w.time_root,
            .usages = i == 1 ? PKI_CODE : PKI_TIME,
            .to = i == 2 ? "2011-01-01" : NULL,
        });
        struct pki_sign how = stamped(&w, &leaf, PKI_LEGACY, "2012-05-05");
        how.stamper = &stamper;
        CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_EXPIRED);
        /* The signature itself stays good as long as its certificate does. */
        how.signer = &w.leaf;
        CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_TRUSTED);
        world_end(&w);
    }
}

TEST(lifetime_signing)
{
    struct world w;
    world_begin(&w);
    struct pki_cert leaf = pki_make((struct pki_spec){
        .cn = "Life", .issuer = &w.ca, .usages = PKI_CODE "," PKI_LIFETIME, .to = "2014-01-01"});
    struct pki_sign how = stamped(&w, &leaf, PKI_LEGACY, "2012-05-05");
    struct trust_verdict v = world_judge(&w, pki_signed_pe(1, &how));
    CHECK_WORD(v, TRUST_EXPIRED);
    CHECK_U64(v.decided->signed_at, pki_day("2012-05-05"));
    CHECK_U64(v.decided->judged_at, pki_day("2016-06-01"));
    world_end(&w);
}

/* Two ways up, one of them through an expired cross certificate. */
TEST(best_of_several_paths)
{
    struct world w;
    world_begin(&w);
    struct pki_cert old = pki_make((struct pki_spec){.cn = "Test CA",
                                                     .o = "Test",
                                                     .ca = true,
                                                     .issuer = &w.root,
                                                     .key_of = &w.ca,
                                                     .to = "2012-01-01"});
    struct pki_cert stray = pki_make((struct pki_spec){
        .cn = "Test CA", .o = "Test", .ca = true, .issuer = &w.list_root, .key_of = &w.ca});
    struct pki_sign how = {.signer = &w.leaf, .with = {&old, &stray}};
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_EXPIRED);
    how.with[2] = &w.ca;
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_TRUSTED);
    world_end(&w);
}

/* Certificates that sign each other, and more names than any path may have. */
TEST(cycles_and_limits)
{
    struct world w;
    world_begin(&w);
    struct pki_cert key_a = pki_make((struct pki_spec){.cn = "A", .ca = true});
    struct pki_cert b = pki_make((struct pki_spec){.cn = "B", .ca = true, .issuer = &key_a});
    struct pki_cert a =
        pki_make((struct pki_spec){.cn = "A", .ca = true, .issuer = &b, .key_of = &key_a});
    struct pki_cert leaf = pki_make((struct pki_spec){.cn = "L", .issuer = &a});
    struct pki_sign how = {.signer = &leaf, .with = {&a, &b}};
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_UNTRUSTED_ROOT);
    struct pki_cert chain[20];
    chain[0] = pki_make((struct pki_spec){.cn = "0", .ca = true, .issuer = &w.root});
    for (int i = 1; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        chain[i] = pki_make((struct pki_spec){.cn = name, .ca = true, .issuer = &chain[i - 1]});
        pki_store(w.h, NULL, "CA", &chain[i - 1], span_of(NULL, 0));
    }
    struct pki_sign longest = {.signer = &chain[19]};
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &longest)), TRUST_CANNOT_TELL);
    struct pki_sign shorter = {.signer = &chain[8]};
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &shorter)), TRUST_TRUSTED);
    world_end(&w);
}

TEST(weak_algorithms)
{
    struct world w;
    world_begin(&w);
    struct pki_cert leaf = pki_make(
        (struct pki_spec){.cn = "Weak", .issuer = &w.ca, .usages = PKI_CODE, .md = EVP_sha1()});
    struct pki_sign how = {.signer = &leaf, .with = {&w.ca}};
    struct span file = pki_signed_pe(1, &how);
    CHECK_WORD(world_judge(&w, file), TRUST_TRUSTED);
    w.options.strict_weak_algorithms = true;
    CHECK_WORD(world_judge(&w, file), TRUST_UNTRUSTED_ROOT);
    how.signer = &w.leaf;
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_TRUSTED);
    world_end(&w);
}

TEST(nested_signatures)
{
    struct world w;
    world_begin(&w);
    struct pki_cert stranger = pki_make((struct pki_spec){.cn = "X", .usages = PKI_CODE});
    struct pki_sign inner = world_how(&w), outer = {.signer = &stranger};
    outer.nested = pki_pe_signature(pki_pe(1), "sha256", &inner);
    struct span file = pki_signed_pe(1, &outer);
    struct trust_verdict v = world_judge(&w, file); /* Windows 7 */
    CHECK_WORD(v, TRUST_UNTRUSTED_ROOT);
    CHECK_U64(v.signature_count, 2);
    CHECK(v.signatures[1].nested && v.signatures[1].word == TRUST_TRUSTED);
    memory_set_sz(w.h, "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "CurrentVersion",
                  "6.2");
    v = world_judge(&w, file);
    CHECK_WORD(v, TRUST_TRUSTED);
    CHECK(v.decided == &v.signatures[1]);
    /* A nested signature over another file. */
    outer.nested = pki_pe_signature(pki_pe(2), "sha256", &inner);
    v = world_judge(&w, pki_signed_pe(1, &outer));
    CHECK_WORD(v, TRUST_UNTRUSTED_ROOT);
    CHECK(v.signatures[1].word == TRUST_BAD_DIGEST);
    world_end(&w);
}

TEST_MAIN()
