/* Waivers: what they cover, what ends them, and that nothing they cover disappears. */
#include "engine_case.h"

#include "engine/waivers.h"
#include "report/report.h"
#include "system.h"

static const char policy_text[] =
    "local function r(id, want) return rule { id = id, title = id, severity = 'low',\n"
    "  want = want } end\n"
    "return policy { id = 'wv', title = 't',\n"
    "  r('good', registry.value([[HKLM\\SOFTWARE\\T]], 'n', 5)),\n"
    "  r('bad', registry.value([[HKLM\\SOFTWARE\\T]], 'n', 6)),\n"
    "  r('bad-too', registry.value([[HKLM\\SOFTWARE\\T]], 's', 'y')),\n"
    "  r('closed', registry.value([[HKLM\\SOFTWARE\\Closed]], 'n', 5)),\n"
    "  r('broken', registry.value([[HKLM\\SOFTWARE\\T]], 'long', matches '(a+)+$')) }\n";

#define HEAD "{\"schema\": \"rectify.waivers/1\", \"waivers\": [\n"
#define WHO ", \"host\": \"ws-*\", \"reason\": \"known\", \"approver\": \"ann\""
#define LATER ", \"expires\": \"2999-01-01T00:00:00Z\""
#define PAST ", \"expires\": \"2020-01-01T00:00:00+01:00\""

struct world {
    struct engine_case c;
    char dir[40], policy[64], waivers[64];
};

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0 && everybody_may_write(path, false));
}

static void fill(struct host *h, const char *computer)
{
    static char text[2000];
    memory_set_sz(h, "HKLM\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName",
                  "ComputerName", computer);
    memory_set_dword(h, "HKLM\\SOFTWARE\\T", "n", 5);
    memory_set_sz(h, "HKLM\\SOFTWARE\\T", "s", "x");
    memset(text, 'a', sizeof text - 2);
    text[sizeof text - 2] = '!';
    memory_set_sz(h, "HKLM\\SOFTWARE\\T", "long", text);
    memory_set_state(h, "HKLM\\SOFTWARE\\Closed", FACT_UNREADABLE, "bad sector");
}

static void world_run(struct world *w, const char *waivers)
{
    snprintf(w->dir, sizeof w->dir, "/tmp/rectify-waivers-XXXXXX");
    CHECK(temp_folder(w->dir));
    char dir[sizeof w->dir];
    memcpy(dir, w->dir, sizeof dir);
    snprintf(w->policy, sizeof w->policy, "%s/wv.lua", dir);
    snprintf(w->waivers, sizeof w->waivers, "%s/waivers.json", dir);
    put(w->policy, policy_text);
    put(w->waivers, waivers);
    struct str policy = str_of(w->policy), file = str_of(w->waivers);
    struct engine_options options = {
        .policies = &policy, .policy_count = 1, .waivers = &file, .waiver_count = 1};
    case_open(&w->c);
    fill(w->c.host, "WS-0815");
    case_run_with(&w->c, &options);
}

static void world_close(struct world *w)
{
    CHECK(remove_all(w->dir));
    case_close(&w->c);
}

static const struct waiver_note *note_of(const struct world *w, const char *rule)
{
    for (size_t i = 0; i < w->c.run.waiver_note_count; i++)
        if (str_eq(w->c.run.waiver_notes[i].rule, str_of(rule)))
            return &w->c.run.waiver_notes[i];
    return NULL;
}

static void check_note(int line, const struct world *w, const char *rule, enum waiver_state state)
{
    const struct waiver_note *n = note_of(w, rule);
    if (!n || n->state != state) {
        fprintf(stderr, "line %d: %s: %s\n", line, rule, n ? waiver_state_name(n->state) : "none");
        test_failures++;
    }
}

#define CHECK_NOTE(w, rule, state) check_note(__LINE__, (w), (rule), (state))

TEST(a_waived_failure_stays_visible)
{
    struct world w;
    struct sb out;
    const struct report_style style = {.width = 200, .verbose = true};
    world_run(&w, HEAD "{\"rule\": \"wv.bad\", \"ticket\": \"CHG-1\"" WHO LATER "}]}");
    const struct result *r = case_result(&w.c, "bad");
    CHECK_VERDICT(&w.c, "bad", VERDICT_WAIVED);
    CHECK(r->original == VERDICT_FAIL && r->waived);
    CHECK_U64(w.c.run.summary[VERDICT_WAIVED], 1);
    CHECK_U64(w.c.run.summary[VERDICT_FAIL], 1);
    CHECK_NOTE(&w, "wv.bad", WAIVER_APPLIED);
    sb_init(&out, 1 << 20);
    report_terminal(&w.c.run, &style, &out);
    CHECK(has_text((struct str){out.ptr, out.len}, "WAIVED   wv.bad"));
    CHECK(has_text((struct str){out.ptr, out.len}, "fail, waived: known (approved by ann, CHG-1,"));
    CHECK(has_text((struct str){out.ptr, out.len}, r->observed_sha256));
    out.len = 0;
    report_json(&w.c.run, &out);
    CHECK(has_text((struct str){out.ptr, out.len}, "\"verdict\": \"waived\""));
    CHECK(has_text((struct str){out.ptr, out.len}, "\"verdict\": \"fail\",\n        \"reason\""));
    CHECK(has_text((struct str){out.ptr, out.len}, r->observed_sha256));
    out.len = 0;
    report_junit(&w.c.run, &out);
    CHECK(has_text((struct str){out.ptr, out.len}, "<skipped message=\"fail, waived: known"));
    out.len = 0;
    report_csv(&w.c.run, &out);
    CHECK(has_text((struct str){out.ptr, out.len}, "waived,bad,"));
    CHECK(has_text((struct str){out.ptr, out.len}, "\"fail, waived: known"));
    sb_done(&out);
    world_close(&w);
}

TEST(all_waived_is_no_failure)
{
    struct world w;
    world_run(&w,
              HEAD "{\"rule\": \"wv.*\", \"verdicts\": [\"fail\", \"unknown\", \"error\"]" WHO LATER
                   "}]}");
    CHECK_VERDICT(&w.c, "good", VERDICT_PASS);
    CHECK_U64(w.c.run.summary[VERDICT_WAIVED], 4);
    CHECK_U64(engine_exit_code(&w.c.run), 0);
    CHECK(note_of(&w, "wv.good") == NULL); /* a glob may name rules that hold */
    world_close(&w);
}

TEST(unknown_and_error_only_when_the_waiver_says_so)
{
    struct world w;
    world_run(&w, HEAD "{\"rule\": \"wv.closed\"" WHO LATER "},\n{\"rule\": \"wv.broken\"" WHO LATER
                       "}]}");
    CHECK_VERDICT(&w.c, "closed", VERDICT_UNKNOWN);
    CHECK_VERDICT(&w.c, "broken", VERDICT_ERROR);
    CHECK_NOTE(&w, "wv.closed", WAIVER_NOT_COVERED);
    CHECK_NOTE(&w, "wv.broken", WAIVER_NOT_COVERED);
    CHECK_U64(engine_exit_code(&w.c.run), 2);
    world_close(&w);
}

TEST(what_does_not_apply_is_reported)
{
    struct world w;
    struct sb out;
    const struct report_style style = {.width = 300};
    world_run(&w,
              HEAD "{\"rule\": \"wv.bad\"" WHO PAST "},\n{\"rule\": \"wv.good\"" WHO LATER "},\n"
                   "{\"rule\": \"wv.bda\"" WHO LATER "},\n"
                   "{\"rule\": \"wv.bad-too\", \"host\": \"srv-*\", \"reason\": \"r\",\n"
                   " \"approver\": \"a\"" LATER "}]}");
    CHECK_VERDICT(&w.c, "bad", VERDICT_FAIL);
    CHECK_VERDICT(&w.c, "bad-too", VERDICT_FAIL);
    CHECK_NOTE(&w, "wv.bad", WAIVER_EXPIRED);
    CHECK_NOTE(&w, "wv.good", WAIVER_UNNEEDED);
    CHECK_NOTE(&w, "wv.bda", WAIVER_NO_RULE);
    CHECK(note_of(&w, "wv.bad-too") == NULL); /* another host's */
    CHECK(note_of(&w, "wv.bda")->waiver->line == 4);
    sb_init(&out, 1 << 20);
    report_terminal(&w.c.run, &style, &out);
    CHECK(has_text((struct str){out.ptr, out.len}, "Waivers that do not apply"));
    CHECK(has_text((struct str){out.ptr, out.len}, "wv.bad: expired 2019-12-31T23:00:00"));
    CHECK(has_text((struct str){out.ptr, out.len}, "did you mean \"wv.bad\"?"));
    out.len = 0;
    report_json(&w.c.run, &out);
    CHECK(has_text((struct str){out.ptr, out.len}, "\"state\": \"expired\""));
    sb_done(&out);
    world_close(&w);
}

TEST(approved_facts_only)
{
    struct world w;
    char digest[SHA256_HEX], text[512];
    world_run(&w, HEAD "]}");
    memcpy(digest, case_result(&w.c, "bad")->observed_sha256, sizeof digest);
    CHECK_U64(strlen(digest), 64);
    CHECK(!case_result(&w.c, "good")->observed_sha256[0]);
    world_close(&w);
    snprintf(text, sizeof text, HEAD "{\"rule\": \"wv.bad*\", \"observed\": \"%s\"" WHO LATER "}]}",
             digest);
    world_run(&w, text);
    CHECK_VERDICT(&w.c, "bad", VERDICT_WAIVED);
    CHECK_VERDICT(&w.c, "bad-too", VERDICT_FAIL);
    CHECK_NOTE(&w, "wv.bad-too", WAIVER_CHANGED);
    world_close(&w);
    /* The digest is that of the compact JSON. */
    static const char json[] = "{\"text\":\"5\",\"value\":5}";
    char again[SHA256_HEX];
    struct err e = {0};
    CHECK(sha256_hex(span_of(json, sizeof json - 1), again, &e));
    CHECK(strcmp(again, digest) == 0);
}

TEST(the_clock_of_the_target_does_not_count)
{
    /* The reference time of the case is 2023: the waiver had not expired then. */
    struct world w;
    world_run(&w, HEAD "{\"rule\": \"wv.bad\"" WHO ", \"expires\": \"2025-01-01T00:00:00Z\"}]}");
    CHECK_VERDICT(&w.c, "bad", VERDICT_FAIL);
    CHECK_NOTE(&w, "wv.bad", WAIVER_EXPIRED);
    world_close(&w);
}

TEST(mistakes)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"{", "w.json:1: string or '}' expected"},
        {"[]", "w.json:1: want {\"schema\": \"rectify.waivers/1\""},
        {"{\"schema\": \"rectify.waivers/2\", \"waivers\": []}", "w.json:1: want {\"schema\""},
        {"{\"schema\": \"rectify.waivers/1\",\n\"waiver\": [], \"waivers\": []}",
         "w.json:2: unknown member \"waiver\""},
        {HEAD "5]}", "w.json:2: waiver: want an object"},
        {HEAD "{\"rule\": \"a\"" LATER WHO "},\n{\"reson\": \"x\"}]}",
         "w.json:3: waiver: unknown field \"reson\" (did you mean \"reason\"?)"},
        {HEAD "{\"rule\": \"a\"" WHO "}]}", "w.json:2: waiver: field \"expires\" is missing"},
        {HEAD "{\n\"rule\": 5" WHO LATER "}]}", "w.json:3: waiver: field \"rule\" is no text"},
        {HEAD "{\"rule\": \"\"" WHO LATER "}]}", "w.json:2: waiver: field \"rule\" is empty"},
        {HEAD "{\"rule\": \"a\"" WHO ",\n\"expires\": \"2999-01-01\"}]}",
         "w.json:3: waiver: expires is \"2999-01-01\", want a time with its zone"},
        {HEAD "{\"rule\": \"a\"" WHO ",\n\"expires\": \"2999-01-01T00:00:00\"}]}",
         "w.json:3: waiver: expires is"},
        {HEAD "{\"rule\": \"a\"" WHO LATER ", \"observed\": \"abc\"}]}",
         "w.json:2: waiver: observed is \"abc\", want the 64 lower-case digits"},
        {HEAD "{\"rule\": \"a\"" WHO LATER ", \"verdicts\": [\"pass\"]}]}",
         "w.json:2: waiver: verdicts: \"pass\" is none of"},
        {HEAD "{\"rule\": \"a\"" WHO LATER ", \"verdicts\": \"fail\"}]}",
         "w.json:2: waiver: verdicts: want a list"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a;
        struct waiver *w;
        size_t count;
        struct err e = {0};
        arena_init(&a, ARENA_DEFAULT_CAP);
        bool ok = waivers_parse(span_of(rows[i].text, strlen(rows[i].text)), STR("w.json"), &a, &w,
                                &count, &e);
        if (ok || !has_text(str_of(e.text), rows[i].says) || strchr(e.text, '\n')) {
            fprintf(stderr, "row %zu\n", i);
            test_failures++;
        }
        arena_done(&a);
    }
}

TEST_MAIN()
