/* Windows' own answer beside ours: asked rightly, told where it differs, and without effect. */
#include "trust_world.h"

#include "host/host_ops.h"
#include "trust/words.h"

struct asked {
    uint32_t answer;
    size_t times;
    struct str path, catalog;
    uint8_t digest[64];
    size_t digest_len;
};

static bool answer(void *context, const struct opinion_query *q, uint32_t *code)
{
    struct asked *asked = context;
    asked->times++;
    asked->path = q->path;
    asked->catalog = q->catalog;
    asked->digest_len = q->digest.len;
    if (q->digest.len && q->digest.len <= sizeof asked->digest)
        memcpy(asked->digest, q->digest.ptr, q->digest.len);
    *code = asked->answer;
    return true;
}

/* The clock is the reference: Windows knows no other time. */
static void begin(struct world *w, struct asked *asked, uint32_t code)
{
    world_begin(w);
    w->h->options.at = 0;
    *asked = (struct asked){.answer = code};
    memory_set_opinion(w->h, answer, asked);
}

static size_t rows(struct world *w, const struct trust_verdict *v, struct str *last)
{
    struct evidence_list list = {.mem = &w->a};
    const struct evidence file = {.artefact = STR("x.dll")};
    trust_evidence(v, &file, &w->a, &list);
    *last = list.count ? list.items[list.count - 1].note : STR("");
    return list.count;
}

TEST(it_agrees)
{
    struct world w;
    struct asked asked;
    struct str last = {NULL, 0};
    begin(&w, &asked, 0);
    struct pki_sign how = world_how(&w);
    struct trust_verdict v = world_judge(&w, pki_signed_pe(1, &how));
    CHECK_WORD(v, TRUST_TRUSTED);
    CHECK(v.windows.asked && v.windows.code == 0 && !trust_differs(&v));
    CHECK(asked.times == 1 && asked.catalog.len == 0);
    CHECK_STR(asked.path, "\\Program Files\\x.dll");
    CHECK(rows(&w, &v, &last) == 1);
    CHECK(host_info(w.h)->note_count == 0);
    asked.answer = 0x800B0100;
    v = world_judge(&w, pki_pe(1));
    CHECK_WORD(v, TRUST_UNSIGNED);
    CHECK(v.windows.asked && !trust_differs(&v));
    asked.answer = 0x800B0101; /* distrusted for another reason is distrusted */
    v = world_judge(&w, pki_pe(1));
    CHECK(!trust_differs(&v));
    world_end(&w);
}

TEST(it_differs)
{
    struct world w;
    struct asked asked;
    struct str last = {NULL, 0};
    begin(&w, &asked, 0x800B0109);
    struct pki_sign how = world_how(&w);
    struct trust_verdict v = world_judge(&w, pki_signed_pe(1, &how));
    CHECK_WORD(v, TRUST_TRUSTED); /* it has no say */
    CHECK(trust_differs(&v) && rows(&w, &v, &last) == 2);
    CHECK_STR(last,
              "Windows (WinVerifyTrust) says untrusted_root 0x800B0109, rectify says trusted");
    CHECK(host_info(w.h)->note_count == 1);
    asked.answer = 0;
    v = world_judge(&w, pki_pe(1));
    CHECK_WORD(v, TRUST_UNSIGNED);
    CHECK(trust_differs(&v) && rows(&w, &v, &last) == 2);
    CHECK_STR(last, "Windows (WinVerifyTrust) says trusted, rectify says unsigned 0x800B0100");
    asked.answer = 0x80096019; /* no word of ours */
    v = world_judge(&w, pki_signed_pe(1, &how));
    (void)rows(&w, &v, &last);
    CHECK_STR(last, "Windows (WinVerifyTrust) says 0x80096019, rectify says trusted");
    world_end(&w);
}

TEST(a_root_that_would_be_fetched)
{
    struct trust_signature s = {.word = TRUST_ROOT_OBTAINABLE, .updates_on = true};
    struct trust_verdict v = {.word = TRUST_ROOT_OBTAINABLE, .decided = &s};
    v.windows = (struct trust_opinion){true, 0x800B0109};
    CHECK(!trust_differs(&v)); /* it was asked without the network */
    v.windows.code = 0;
    CHECK(!trust_differs(&v));
    v.windows.code = 0x80096010;
    CHECK(trust_differs(&v));
    s.updates_on = false;
    v.windows.code = 0;
    CHECK(trust_differs(&v));
}

TEST(a_catalog_and_its_member)
{
    static const char *const algorithms[] = {"sha1", "sha256"};
    for (int i = 0; i < 2; i++) {
        struct world w;
        struct asked asked;
        struct str last = {NULL, 0};
        begin(&w, &asked, 0x800B0109);
        struct pki_sign how = world_how(&w);
        struct span file = pki_pe(7), digest = pki_pe_digest(algorithms[i], file);
        memory_set_file(w.h, WORLD_CATALOGS "a.cat",
                        pki_catalog(pki_member(algorithms[i], digest), i == 1, &how));
        struct trust_verdict v = world_judge(&w, file);
        CHECK_WORD(v, TRUST_TRUSTED);
        CHECK_STR(asked.catalog, WORLD_CATALOGS "a.cat");
        CHECK(span_eq(span_of(asked.digest, asked.digest_len), digest));
        CHECK(trust_differs(&v) && rows(&w, &v, &last) == 3);
        world_end(&w);
    }
}

TEST(where_it_is_not_asked)
{
    struct world w;
    struct asked asked;
    begin(&w, &asked, 0);
    struct pki_sign how = world_how(&w);
    w.h->options.at = pki_day("2016-06-01");
    struct trust_verdict v = world_judge(&w, pki_signed_pe(1, &how));
    CHECK(!v.windows.asked && !trust_differs(&v));
    w.h->options.at = 0;
    memory_set_file_state(w.h, "C:\\Windows\\System32\\CatRoot", FACT_NOT_COLLECTED, "no catalogs");
    v = world_judge(&w, pki_pe(1));
    CHECK_WORD(v, TRUST_CANNOT_TELL);
    CHECK(!v.windows.asked);
    memory_set_opinion(w.h, NULL, NULL);
    v = world_judge(&w, pki_signed_pe(1, &how));
    CHECK(!v.windows.asked && asked.times == 0);
    world_end(&w);
}

TEST_MAIN()
