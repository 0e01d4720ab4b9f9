/* Every word, and which of two defects gives the word. */
#include "trust_world.h"

TEST(trusted_and_its_details)
{
    struct world w;
    world_begin(&w);
    struct pki_sign how = world_how(&w);
    struct trust_verdict v = world_judge(&w, pki_signed_pe(1, &how));
    CHECK_WORD(v, TRUST_TRUSTED);
    CHECK_U64(v.code, 0);
    CHECK(v.source == TRUST_SOURCE_EMBEDDED);
    CHECK_U64(v.signature_count, 1);
    CHECK(v.decided == &v.signatures[0]);
    CHECK_STR(v.decided->decided_by, "ROOT");
    CHECK_U64(v.decided->chain_count, 3);
    CHECK_STR(v.decided->chain[0].common_name, "Test Publisher");
    CHECK_STR(v.decided->chain[0].organisation, "McAfee, Inc.");
    CHECK_STR(v.decided->chain[0].store, "message");
    CHECK_STR(v.decided->chain[2].store, "ROOT");
    CHECK(!v.decided->root_in_program);
    CHECK_U64(v.decided->judged_at, pki_day("2016-06-01"));
    CHECK_U64(v.at, pki_day("2016-06-01"));
    CHECK_U64(strlen(v.sha256), 64);
    world_end(&w);
}

TEST(unsigned_file)
{
    struct world w;
    world_begin(&w);
    struct trust_verdict v = world_judge(&w, pki_pe(1));
    CHECK_WORD(v, TRUST_UNSIGNED);
    CHECK_U64(v.code, 0x800B0100);
    CHECK(v.decided == NULL && v.source == TRUST_SOURCE_NONE);
    CHECK_WORD(world_judge(&w, span_of("text", 4)), TRUST_UNSIGNED);
    CHECK_WORD(world_judge(&w, span_of("", 0)), TRUST_UNSIGNED);
    memory_set_file_state(w.h, "C:\\Windows\\System32\\CatRoot", FACT_NOT_COLLECTED, "no catalogs");
    CHECK_WORD(world_judge(&w, pki_pe(1)), TRUST_CANNOT_TELL);
    world_end(&w);
}

TEST(root_added_and_removed)
{
    static const struct {
        const char *above, *store, *by;
    } places[] = {
        {NULL, "ROOT", "ROOT"},
        {NULL, "Root", "Root"},
        {NULL, "AuthRoot", "AuthRoot"},
        {NULL, "SmartCardRoot", "SmartCardRoot"},
        {WORLD_POLICY, "Root", "policy Root"},
        {WORLD_ENTERPRISE, "Root", "enterprise Root"},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct world w;
        world_begin_bare(&w);
        struct pki_sign how = world_how(&w);
        struct span file = pki_signed_pe(1, &how);
        struct trust_verdict v = world_judge(&w, file);
        CHECK_WORD(v, TRUST_UNTRUSTED_ROOT);
        CHECK_U64(v.code, 0x800B0109);
        pki_store(w.h, places[i].above, places[i].store, &w.root, span_of(NULL, 0));
        v = world_judge(&w, file);
        CHECK_WORD(v, TRUST_TRUSTED);
        CHECK_STR(v.decided->decided_by, places[i].by);
        world_end(&w);
    }
}

TEST(stores_that_make_no_root)
{
    static const char *const stores[] = {"CA", "TrustedPublisher", "MY", "Trust"};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        struct world w;
        world_begin_bare(&w);
        struct pki_sign how = world_how(&w);
        pki_store(w.h, NULL, stores[i], &w.root, span_of(NULL, 0));
        CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_UNTRUSTED_ROOT);
        world_end(&w);
    }
    struct world w;
    world_begin_bare(&w);
    struct pki_sign how = world_how(&w);
    pki_store(w.h, "HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Services\\x\\SystemCertificates",
              "ROOT", &w.root, span_of(NULL, 0));
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_UNTRUSTED_ROOT);
    CHECK_U64(trust_state(w.t)->stored_count, 1);
    CHECK_STR(trust_state(w.t)->stored[0].location, "service:x");
    world_end(&w);
}

TEST(intermediate_from_the_host)
{
    struct world w;
    world_begin(&w);
    struct pki_sign how = {.signer = &w.leaf};
    struct span file = pki_signed_pe(1, &how);
    CHECK_WORD(world_judge(&w, file), TRUST_UNTRUSTED_ROOT);
    pki_store(w.h, NULL, "CA", &w.ca, span_of(NULL, 0));
    struct trust_verdict v = world_judge(&w, file);
    CHECK_WORD(v, TRUST_TRUSTED);
    CHECK_STR(v.decided->chain[1].store, "CA");
    world_end(&w);
}

TEST(tampered)
{
    struct world w;
    world_begin(&w);
    struct pki_sign how = world_how(&w);
    struct span file = pki_signed_pe(1, &how);
    ((uint8_t *)(uintptr_t)file.ptr)[PE_SAMPLE_RAW + 8] ^= 1;
    struct trust_verdict v = world_judge(&w, file);
    CHECK_WORD(v, TRUST_BAD_DIGEST);
    CHECK_U64(v.code, 0x80096010);
    how.spoil_digest = true;
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_BAD_DIGEST);
    /* A digest of another file, signed properly. */
    how.spoil_digest = false;
    file = pki_attach(pki_pe(1), pki_pe_signature(pki_pe(2), "sha256", &how), span_of(NULL, 0));
    CHECK_WORD(world_judge(&w, file), TRUST_BAD_DIGEST);
    file = pki_attach(pki_pe(1), pki_pe_signature(pki_pe(1), "sha1", &how), span_of(NULL, 0));
    CHECK_WORD(world_judge(&w, file), TRUST_TRUSTED);
    world_end(&w);
}

TEST(malformed)
{
    struct world w;
    world_begin(&w);
    struct pki_sign how = world_how(&w);
    struct span whole = pki_signed_pe(1, &how), junk = span_of("\x30\x03\x02\x01\x01", 5);
    CHECK_WORD(world_judge(&w, pki_attach(pki_pe(1), junk, span_of(NULL, 0))), TRUST_MALFORMED);
    CHECK_WORD(world_judge(&w, span_of(whole.ptr, whole.len - 8)), TRUST_MALFORMED);
    how.no_certificate = true;
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_MALFORMED);
    how.no_certificate = false;
    struct span list = pki_catalog(span_of(NULL, 0), false, &how);
    CHECK_WORD(world_judge(&w, pki_attach(pki_pe(1), list, span_of(NULL, 0))), TRUST_MALFORMED);
    world_end(&w);
}

TEST(extra_bytes_in_the_table)
{
    struct world w;
    world_begin(&w);
    struct pki_sign how = world_how(&w);
    struct span file = pki_pe(1);
    file = pki_attach(file, pki_pe_signature(file, "sha256", &how), span_of("hidden bytes", 12));
    struct trust_verdict v = world_judge(&w, file);
    CHECK_WORD(v, TRUST_TRUSTED);
    bool noted = false;
    for (size_t i = 0; i < v.decided->note_count; i++)
        noted = noted || strstr(v.decided->notes[i].ptr, "behind");
    CHECK(noted);
    memory_set_sz(w.h, "HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Wintrust\\Config",
                  "EnableCertPaddingCheck", "1");
    CHECK_WORD(world_judge(&w, file), TRUST_MALFORMED);
    world_end(&w);
}

TEST(usages)
{
    struct world w;
    world_begin(&w);
    struct pki_spec spec = {.cn = "L", .issuer = &w.ca};
    struct pki_cert leaf = pki_make(spec);
    struct pki_sign how = {.signer = &leaf, .with = {&w.ca}};
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_TRUSTED);
    spec.usages = PKI_TIME;
    leaf = pki_make(spec);
    struct trust_verdict v = world_judge(&w, pki_signed_pe(1, &how));
    CHECK_WORD(v, TRUST_WRONG_USAGE);
    CHECK_U64(v.code, 0x800B0110);
    spec.usages = NULL;
    spec.extra = "1.2.3.4.5=critical,DER:0500";
    leaf = pki_make(spec);
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_WRONG_USAGE);
    world_end(&w);
}

TEST(issuers_that_may_not_issue)
{
    const struct pki_spec specs[] = {
        {.cn = "CA 1", .usages = PKI_TIME, .ca = true},
        {.cn = "CA 2", .ca = false},
        {.cn = "CA 3", .ca = true, .key_usage = "digitalSignature"},
        {.cn = "CA 4", .ca = true, .usages = PKI_CODE},
        {.cn = "CA 5", .ca = true, .usages = "2.5.29.37.0", .key_usage = "keyCertSign"},
    };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct world w;
        world_begin(&w);
        struct pki_spec spec = specs[i];
        spec.issuer = &w.root;
        struct pki_cert ca = pki_make(spec);
        struct pki_cert leaf =
            pki_make((struct pki_spec){.cn = "L", .issuer = &ca, .usages = PKI_CODE});
        struct pki_sign how = {.signer = &leaf, .with = {&ca}};
        CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)),
                   i < 3 ? TRUST_WRONG_USAGE : TRUST_TRUSTED);
        world_end(&w);
    }
}

TEST(path_length)
{
    struct world w;
    world_begin(&w);
    struct pki_cert a =
        pki_make((struct pki_spec){.cn = "A", .ca = true, .path_length = 1, .issuer = &w.root});
    struct pki_cert b = pki_make((struct pki_spec){.cn = "B", .ca = true, .issuer = &a});
    struct pki_cert one = pki_make((struct pki_spec){.cn = "1", .issuer = &a});
    struct pki_cert two = pki_make((struct pki_spec){.cn = "2", .issuer = &b});
    struct pki_sign how = {.signer = &one, .with = {&a, &b}};
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_TRUSTED);
    how.signer = &two;
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_WRONG_USAGE);
    world_end(&w);
}

/* A certificate signed by another key under the CA's name. */
TEST(forged_issuer)
{
    struct world w;
    world_begin(&w);
    struct pki_cert fake = pki_make((struct pki_spec){.cn = "Test CA", .o = "Test", .ca = true});
    struct pki_cert leaf = pki_make((struct pki_spec){.cn = "L", .issuer = &fake});
    struct pki_sign how = {.signer = &leaf, .with = {&w.ca}};
    CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_UNTRUSTED_ROOT);
    world_end(&w);
}

/* Each defect alone gives its word, each two of them the stronger one's. */
enum { BAD_TABLE = 1, BAD_FILE = 2, REFUSED = 4, USAGE = 8, NO_ROOT = 16, OLD = 32, ALL = 64 };

static enum trust_word expected(unsigned defects)
{
    return defects & BAD_TABLE  ? TRUST_MALFORMED
           : defects & BAD_FILE ? TRUST_BAD_DIGEST
           : defects & REFUSED  ? TRUST_DISALLOWED
           : defects & USAGE    ? TRUST_WRONG_USAGE
           : defects & NO_ROOT  ? TRUST_UNTRUSTED_ROOT
           : defects & OLD      ? TRUST_EXPIRED
                                : TRUST_TRUSTED;
}

TEST(precedence)
{
    for (unsigned defects = 0; defects < ALL; defects++) {
        struct world w;
        world_begin_bare(&w);
        struct pki_cert leaf = pki_make((struct pki_spec){
            .cn = "L",
            .issuer = &w.ca,
            .usages = defects & USAGE ? PKI_TIME : PKI_CODE,
            .to = defects & OLD ? "2012-01-01" : NULL,
        });
        struct pki_sign how = {.signer = &leaf, .with = {&w.ca}};
        struct span file = pki_pe(defects), signature = pki_pe_signature(file, "sha256", &how);
        if (!(defects & NO_ROOT))
            pki_store(w.h, NULL, "ROOT", &w.root, span_of(NULL, 0));
        if (defects & REFUSED)
            pki_store(w.h, NULL, "Disallowed", &leaf, span_of(NULL, 0));
        file = pki_attach(file, signature, span_of(NULL, 0));
        if (defects & BAD_FILE)
            ((uint8_t *)(uintptr_t)file.ptr)[PE_SAMPLE_RAW + 8] ^= 1;
        if (defects & BAD_TABLE) {
            /* Bytes of the table that belong to no entry. */
            size_t more = 4;
            uint8_t *longer = arena_alloc(&pki_mem, file.len + more);
            memcpy(longer, file.ptr, file.len);
            struct pe pe;
            CHECK(pe_open(file, &pe, NULL));
            longer[pe.certificate_at + 4] = (uint8_t)(longer[pe.certificate_at + 4] + more);
            file = span_of(longer, file.len + more);
        }
        CHECK_WORD(world_judge(&w, file), expected(defects));
        world_end(&w);
    }
}

TEST(stores_that_cannot_be_read)
{
    static const char *const keys[] = {
        "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates",
        "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\Disallowed\\Certificates",
        "HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates",
        "HKLM\\SOFTWARE\\Microsoft\\EnterpriseCertificates",
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct world w;
        world_begin(&w);
        struct pki_sign how = world_how(&w);
        memory_set_value(w.h, keys[1], "x", 3, span_of("", 0));
        memory_set_state(w.h, keys[i], FACT_UNREADABLE, "damaged");
        CHECK_WORD(world_judge(&w, pki_signed_pe(1, &how)), TRUST_CANNOT_TELL);
        CHECK_WORD(world_judge(&w, pki_pe(1)), TRUST_UNSIGNED);
        world_end(&w);
    }
}

TEST(missing_file)
{
    struct world w;
    struct trust_verdict v;
    struct str reason;
    world_begin(&w);
    (void)world_judge(&w, pki_pe(1));
    CHECK(trust_file(w.t, STR("C:\\none.dll"), VIEW_NATIVE, &w.a, &v, &reason) == FACT_ABSENT);
    memory_set_file_state(w.h, "C:\\no.dll", FACT_UNREADABLE, "bad sector");
    CHECK(trust_file(w.t, STR("C:\\no.dll"), VIEW_NATIVE, &w.a, &v, &reason) == FACT_UNREADABLE);
    CHECK_STR(reason, "bad sector");
    world_end(&w);
}

TEST_MAIN()
