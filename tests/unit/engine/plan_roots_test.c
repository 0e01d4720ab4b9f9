/* Plans that change certificates: what they add and remove, which files change trust by it, and
 * roots.refresh from a folder that closed networks have. */
#include <openssl/pem.h>

#include "formats/certstore.h"
#include "plan_case.h"
#include "roots_bench.h"

#define STORES "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\"
#define FILE_RULE "file.signed { paths = { [[C:\\Program Files\\x.dll]] } }"

/* The host of a world below the rules of a test. */
struct scene {
    struct bench b;
    struct plan_case c;
    struct host *spare;
};

static void scene_open(struct scene *s, const char *rules)
{
    memset(s, 0, sizeof *s);
    begin(&s->b);
    plan_case_open(&s->c, rules);
    s->spare = s->c.base.host;
    s->c.base.host = s->b.w.h;
    s->c.trust = s->b.w.options;
    s->c.options.list_roots = s->b.w.list_roots;
    s->c.options.list_root_count = 1;
    struct pki_sign how = world_how(&s->b.w);
    memory_set_file(s->b.w.h, WORLD_FILE, pki_signed_pe(1, &how));
}

static void scene_close(struct scene *s)
{
    s->c.base.host = s->spare;
    plan_case_close(&s->c);
    end(&s->b);
}

/* A certificate as PEM, between Lua's long brackets. */
static const char *pem(const struct pki_cert *c)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    CHECK(PEM_write_bio_X509(out, c->x) == 1);
    long len = BIO_get_mem_data(out, &text);
    char *copy = arena_strdup(&pki_mem, text, (size_t)len);
    BIO_free(out);
    return copy;
}

static char *rules_with(const char *fmt, const char *text)
{
    size_t size = strlen(fmt) + strlen(text) + 1;
    char *out = arena_alloc(&pki_mem, size);
    snprintf(out, size, fmt, text);
    return out;
}

TEST(a_certificate_is_added_and_trust_follows)
{
    struct scene s;
    scene_open(&s, "");
    CHECK(remove_all(s.c.folder));
    plan_case_policy(&s.c, rules_with("r('f', " FILE_RULE ", certificate.add { store = 'ROOT', "
                                      "pem = [[%s]] }),\n",
                                      pem(&s.b.w.root)));
    plan_case_run(&s.c);
    CHECK_ACTIONS(&s.c, 1);
    const struct action *x = action_of(&s.c, 0);
    CHECK(x->kind == ACTION_CERTIFICATE_ADD && x->change_count == 1);
    struct cert_element element;
    CHECK(certstore_blob(x->changes[0].after.data, &s.b.w.a, &element, NULL));
    CHECK(span_eq(element.certificate, pki_der(s.b.w.root.x)));
    CHECK(prediction_of(&s.c, "f")->now == VERDICT_FAIL);
    CHECK(prediction_of(&s.c, "f")->then == VERDICT_PASS);
    CHECK_U64(s.c.plan.trust_change_count, 1);
    CHECK_STR(s.c.plan.trust_changes[0].path, WORLD_FILE);
    CHECK_STR(s.c.plan.trust_changes[0].now, "untrusted_root");
    CHECK_STR(s.c.plan.trust_changes[0].then, "trusted");
    plan_case_apply(&s.c);
    plan_case_run(&s.c);
    CHECK_ACTIONS(&s.c, 0);
    CHECK(prediction_of(&s.c, "f")->now == VERDICT_PASS);
    scene_close(&s);
}

TEST(a_certificate_is_removed_with_its_key)
{
    struct scene s;
    scene_open(&s, "");
    pki_store(s.b.w.h, NULL, "ROOT", &s.b.w.root, nothing);
    pki_store(s.b.w.h, NULL, "CA", &s.b.w.root, nothing);
    pki_store(s.b.w.h, NULL, "Disallowed", &s.b.other, nothing);
    CHECK(remove_all(s.c.folder));
    plan_case_policy(&s.c, rules_with("r('gone', certificate.absent { sha1 = '%s' }, enforce()),\n"
                                      "r('f', " FILE_RULE ", manual 'x'),\n",
                                      thumb(&s.b.w.root).ptr));
    plan_case_run(&s.c);
    CHECK_ACTIONS(&s.c, 2);
    for (size_t i = 0; i < s.c.plan.action_count; i++) {
        const struct action *x = action_of(&s.c, i);
        CHECK(x->kind == ACTION_CERTIFICATE_REMOVE && x->changes[0].drop_key);
        CHECK(x->changes[0].before.present && !x->changes[0].after.present);
    }
    CHECK(prediction_of(&s.c, "gone")->then == VERDICT_PASS);
    /* The price is shown. */
    CHECK(prediction_of(&s.c, "f")->now == VERDICT_PASS);
    CHECK(prediction_of(&s.c, "f")->then == VERDICT_FAIL && !prediction_of(&s.c, "f")->repaired);
    CHECK_U64(s.c.plan.trust_change_count, 1);
    scene_close(&s);
}

TEST(roots_come_from_a_folder)
{
    struct scene s;
    scene_open(&s, "r('f', " FILE_RULE ", roots.refresh {}),\n"
                   "r('old', certificate.present { needed_by = { [[C:\\Program Files\\x.dll]] } "
                   "}, enforce()),\n");
    plan_case_run(&s.c);
    CHECK_ACTIONS(&s.c, 0);
    CHECK(has_text(why_of(&s.c, "f"), "no source of roots is named"));
    fill(&s.b, 0x1401, "2016-01-01");
    s.c.options.roots_source = str_of(s.b.folder);
    plan_case_run(&s.c);
    CHECK_ACTIONS(&s.c, 1);
    const struct action *x = action_of(&s.c, 0);
    CHECK(x->kind == ACTION_ROOTS_REFRESH && x->rule_count == 2);
    /* The host's file ends at an issuer that only the new list names. */
    CHECK_U64(listed(x, "added"), 1);
    CHECK(prediction_of(&s.c, "f")->then == VERDICT_PASS);
    CHECK(prediction_of(&s.c, "old")->then == VERDICT_PASS);
    CHECK_U64(s.c.plan.trust_change_count, 1);
    char digest[65];
    memcpy(digest, s.c.plan.digest, sizeof digest);
    plan_case_run(&s.c);
    CHECK(strcmp(digest, s.c.plan.digest) == 0);
    plan_case_apply(&s.c);
    plan_case_run(&s.c);
    CHECK_ACTIONS(&s.c, 0);
    CHECK_U64(plan_exit_code(&s.c.plan), 0);
    scene_close(&s);
}

TEST(a_file_with_wrong_bytes_is_not_mended_by_roots)
{
    struct scene s;
    scene_open(&s, "r('f', " FILE_RULE ", roots.refresh {}),\n");
    pki_store(s.b.w.h, NULL, "ROOT", &s.b.w.root, nothing);
    memory_set_file(s.b.w.h, WORLD_FILE, pki_pe(1));
    fill(&s.b, 0x1401, "2016-01-01");
    s.c.options.roots_source = str_of(s.b.folder);
    plan_case_run(&s.c);
    CHECK_ACTIONS(&s.c, 0);
    CHECK_STR(why_of(&s.c, "f"), "none of the files lacks its root");
    scene_close(&s);
}

TEST(a_source_that_cannot_be_used_is_an_error)
{
    struct scene s;
    scene_open(&s, "r('f', " FILE_RULE ", roots.refresh {}),\n");
    s.c.options.roots_source = STR("/no/such/folder");
    CHECK(!plan_case_try(&s.c));
    CHECK(strncmp(s.c.e.text, "roots.source: ", 14) == 0);
    scene_close(&s);
}

TEST_MAIN()
