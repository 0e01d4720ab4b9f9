/* host.signature, host.certificates, host.lists, and the constructors about them. */
#include "script_support.h"
#include "trust_world.h"

static struct trust *open_world(void *context, struct err *e)
{
    struct world *w = context;
    if (!w->t && !trust_open(w->h, &w->options, &w->t, e))
        w->t = NULL;
    return w->t;
}

static void gives(struct world *w, bool with_trust, const char *body, enum verdict verdict,
                  const char *message)
{
    struct loaded l;
    struct result r = {.verdict = VERDICT_ERROR};
    load_text(&l, with_check("'signature', 'certificates', 'lists', 'file'", body));
    CHECK(l.policy != NULL);
    struct script_facts facts = {.host = w->h};
    facts.trust = with_trust ? open_world : NULL;
    facts.trust_context = w;
    bool ok =
        l.policy && script_run_check(&l.policy->rules[0], &facts, NULL, NULL, &l.mem, &r, &l.e);
    struct str text = ok ? r.message : str_of(l.e.text);
    if (r.verdict != verdict || (message && !str_eq(text, str_of(message)))) {
        fprintf(stderr, "%s\n  %s: " STR_FMT "\n  want %s: %s\n", body, verdict_name(r.verdict),
                STR_ARG(text), verdict_name(verdict), message ? message : "");
        test_failures++;
    }
    unload(&l);
}

#define FILE_LUA "local s = host.signature([[C:\\Program Files\\x.dll]]) "

TEST(signatures)
{
    struct world w;
    world_begin(&w);
    struct pki_sign how = world_how(&w);
    memory_set_file(w.h, WORLD_FILE, pki_signed_pe(1, &how));
    gives(&w, true, FILE_LUA "return pass(s.word .. ' ' .. s.signer .. ' ' .. s.root)",
          VERDICT_PASS, "trusted McAfee, Inc. Test Root");
    gives(&w, true,
          FILE_LUA "return pass(s.state .. ' ' .. s.code .. ' ' .. s.decided_by .. ' ' .. s.source "
                   ".. ' ' .. tostring(s.trusted) .. ' ' .. tostring(s.root_in_program) .. ' ' .. "
                   "#s.sha256 .. #s.root_sha1)",
          VERDICT_PASS, "found 0 ROOT embedded true false 6440");
    gives(&w, false, FILE_LUA "return pass(s.word)", VERDICT_UNKNOWN,
          "C:\\Program Files\\x.dll is unreadable: signatures are not decided here");
    gives(&w, true, "return pass(host.signature('C:\\\\no.dll').word)", VERDICT_UNKNOWN,
          "C:\\no.dll is absent");
    gives(&w, true, "host:signature('x') return pass()", VERDICT_ERROR,
          "policies/t.lua:4: write host.signature(...), with a dot");
    gives(&w, true, "host.signature('x', '64') return pass()", VERDICT_ERROR,
          "policies/t.lua:4: host.signature: the view is \"64\", want native or 32");
    world_end(&w);
}

TEST(excuses)
{
    struct world w;
    world_begin(&w);
    memory_set_file_state(w.h, WORLD_FILE, FACT_NOT_COLLECTED, "left out");
    gives(&w, true, FILE_LUA "return pass(s.state)", VERDICT_UNKNOWN,
          "C:\\Program Files\\x.dll is not collected: left out");
    gives(&w, true, FILE_LUA "s:excuse('it is Windows own') return pass(s.state)", VERDICT_PASS,
          "not_collected");
    gives(&w, true,
          FILE_LUA
          "s:excuse('one') local f = host.file([[C:\\Program Files\\x.dll]]) return pass('')",
          VERDICT_UNKNOWN, "C:\\Program Files\\x.dll is not collected: left out");
    gives(&w, true, FILE_LUA "s:excuse('one') return pass(s.word)", VERDICT_UNKNOWN,
          "C:\\Program Files\\x.dll is not collected: left out");
    memory_set_file(w.h, WORLD_FILE, pki_pe(1));
    gives(
        &w, true, FILE_LUA "s:excuse('x') return pass('')", VERDICT_ERROR,
        "policies/t.lua:4: excuse: C:\\Program Files\\x.dll is found, there is nothing to excuse");
    world_end(&w);
}

TEST(certificates_and_lists)
{
    struct world w;
    world_begin(&w);
    gives(
        &w, true,
        "local c = host.certificates{ store = 'root' } return pass(#c .. ' ' .. c[1].store .. ' ' "
        ".. c[1].location .. ' ' .. #c[1].sha1)",
        VERDICT_PASS, "2 ROOT machine 40");
    gives(&w, true, "return pass(#host.certificates{ sha1 = string.rep('0', 40) })", VERDICT_PASS,
          "0");
    gives(&w, false, "return pass(#host.certificates{})", VERDICT_UNKNOWN,
          "signatures are not decided here");
    gives(&w, true, "host.certificates{ stor = 'x' } return pass()", VERDICT_ERROR,
          "policies/t.lua:4: host.certificates: unknown field \"stor\" (did you mean \"store\"?)");
    gives(&w, true,
          "local l = host.lists('EncodedCtl') return pass(l.state .. tostring(l.last_sync))",
          VERDICT_PASS, "absentnil");
    gives(&w, true, "return pass(host.lists('EncodedCtl').entries)", VERDICT_UNKNOWN,
          "EncodedCtl is absent");
    gives(&w, true, "host.lists('Encoded') return pass()", VERDICT_ERROR,
          "policies/t.lua:4: host.lists: \"Encoded\", want EncodedCtl or DisallowedCertEncodedCtl");
    world_end(&w);
}

static void refuses(const char *body, const char *message)
{
    struct loaded l;
    load_text(&l, with_rule(body));
    CHECK(l.policy == NULL);
    CHECK_STR(str_of(l.e.text), message);
    unload(&l);
}

TEST(constructors)
{
    static const char hex[] = "policies/t.lua:1: certificate.absent: \"12\" does not begin with a "
                              "thumbprint (40 hex digits)";
    refuses("want = file.signed{}", "policies/t.lua:1: file.signed: want one of path and paths");
    refuses("want = file.signed{ path = 'a', paths = { 'b' } }",
            "policies/t.lua:1: file.signed: want one of path and paths");
    refuses("want = file.signed{ path = 'a', pin = true }",
            "policies/t.lua:1: file.signed: pin without roots");
    refuses("want = file.signed{ path = 'a', signer = 'x' }",
            "policies/t.lua:1: file.signed: unknown field \"signer\" (did you mean \"signers\"?)");
    refuses("want = certificate.absent{ sha1 = '12' }", hex);
    refuses("want = certificate.present{}",
            "policies/t.lua:1: certificate.present: want sha1, needed_by or both");
    refuses("want = ctl.fresh{ name = 'EncodedCtl', days = 0 }",
            "policies/t.lua:1: ctl.fresh: field \"days\" is 0, want 1 to 1000000");
}

TEST(diagnoses)
{
    static const char form[] =
        "return policy { id = 't', title = 'T', diagnosis = diagnosis { symptom = '%s', article = "
        "'A', %s }, rule { id = 'r', title = 'R', severity = 'low', want = "
        "registry.absent([[HKLM\\SOFTWARE\\X]]) } }";
    static const char *const rows[][3] = {
        {"r", "cause { title = 'C', article = 'B', rules = { 'r' } }", NULL},
        {"s", "cause { title = 'C', article = 'B', rules = { 'r' } }",
         "policies/t.lua:1: diagnosis: the policy has no rule \"s\""},
        {"r", "cause { title = 'C', article = 'B', rules = { 'r' }, hints = { 'q' } }",
         "policies/t.lua:1: diagnosis: the policy has no rule \"q\""},
        {"r", "", "policies/t.lua:1: diagnosis: want 1 to 64 causes"},
        {"r", "'x'", "policies/t.lua:1: diagnosis: list element 1 is text, want cause{...}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1024];
        struct loaded l;
        snprintf(text, sizeof text, form, rows[i][0], rows[i][1]);
        load_text(&l, text);
        CHECK((l.policy != NULL) == (rows[i][2] == NULL));
        if (l.policy)
            CHECK(l.policy->cause_count == 1 && str_eq(l.policy->causes[0].article, STR("B")));
        else
            CHECK_STR(str_of(l.e.text), rows[i][2]);
        unload(&l);
    }
}

TEST_MAIN()
