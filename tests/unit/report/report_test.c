#include "report/report.h"

#include "base/wtime.h"
#include "check.h"

/* A run with one failing rule whose every text is `evil`, and one that passes. */
struct sample {
    struct policy policy;
    struct rule rules[2];
    struct result results[2];
    struct run_report run;
    struct arena mem;
    struct str remedies[2];
};

static void sample_init(struct sample *s, const char *evil)
{
    struct str text = str_of(evil);
    *s = (struct sample){0};
    arena_init(&s->mem, 1 << 20);
    s->policy = (struct policy){.id = STR("kb71083"), .title = STR("pack")};
    s->rules[0] = (struct rule){.policy = &s->policy,
                                .id = STR("one"),
                                .qualified = STR("kb71083.one"),
                                .title = text,
                                .severity = SEVERITY_HIGH};
    s->rules[1] = (struct rule){.policy = &s->policy,
                                .id = STR("two"),
                                .qualified = STR("kb71083.two"),
                                .title = STR("second"),
                                .severity = SEVERITY_LOW};
    s->remedies[0] = text;
    s->remedies[1] = STR("call somebody");
    s->results[0] = (struct result){.rule = &s->rules[0],
                                    .verdict = VERDICT_FAIL,
                                    .message = text,
                                    .observed = {text, value_text(text)},
                                    .expected = {text, value_int(3)},
                                    .coverage = {.known = true,
                                                 .from = WTIME_UNIX_EPOCH,
                                                 .to = WTIME_UNIX_EPOCH + WTIME_DAY,
                                                 .reason = text},
                                    .remedies = s->remedies,
                                    .remedy_count = 2};
    s->results[0].evidence.mem = &s->mem;
    evidence_add(&s->results[0].evidence, &(struct evidence){text, text, text, "ab12"});
    s->results[1] = (struct result){.rule = &s->rules[1], .verdict = VERDICT_PASS};
    s->run = (struct run_report){.tool_version = STR("0.1.0"),
                                 .run_id = STR("00"),
                                 .reference_time = WTIME_UNIX_EPOCH,
                                 .results = s->results,
                                 .result_count = 2};
    s->run.target = (struct target_info){.kind = TARGET_TREE, .location = text};
    s->run.summary[VERDICT_FAIL] = 1;
    s->run.summary[VERDICT_PASS] = 1;
}

static void render(const char *evil, void (*report)(const struct run_report *, struct sb *),
                   struct sb *out)
{
    struct sample s;
    sample_init(&s, evil);
    sb_init(out, 1 << 24);
    report(&s.run, out);
    CHECK(!out->bad && out->ptr);
    arena_done(&s.mem);
}

static void terminal(const struct run_report *run, struct sb *out)
{
    struct report_style style = {.width = 80, .verbose = true};
    report_terminal(run, &style, out);
}

static const char evil_text[] = "a\x1b[31mred\x07 \xe2\x80\xae rtl \xe2\x80\x8b "
                                "\xed\xa0\x80 \xff <&\"'> ]]>\r\n=cmd|' /C calc'!A0, tail";

TEST(terminal_has_no_raw_controls)
{
    struct sb out;
    render(evil_text, terminal, &out);
    for (size_t i = 0; i < out.len; i++)
        CHECK((uint8_t)out.ptr[i] >= 0x20 || out.ptr[i] == '\n');
    CHECK(strstr(out.ptr, "\\u{1b}[31mred\\u{7}"));
    CHECK(strstr(out.ptr, "\\u{202e}") && strstr(out.ptr, "\\u{200b}"));
    CHECK(!strstr(out.ptr, "\xe2\x80\xae"));
    sb_done(&out);
}

TEST(terminal_keeps_to_its_width)
{
    static const char *const texts[] = {
        "HKLM\\SOFTWARE\\Wow6432Node\\McAfee\\DesktopProtection\\A\\Very\\Long\\Key\\Path\\That\\"
        "Goes\\On\\And\\On",
        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe3\x83\x97\xe3\x83\xad\xe3\x83\x95\xe3"
        "\x82\xa1\xe3\x82\xa4\xe3\x83\xab\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe3\x83"
        "\x97\xe3\x83\xad\xe3\x83\x95\xe3\x82\xa1\xe3\x82\xa4\xe3\x83\xab\xe6\x97\xa5\xe6\x9c\xac"
        "\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
        "words and words and words and words and words and words and words and words and words",
        evil_text,
    };
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        struct sb out;
        render(texts[t], terminal, &out);
        for (char *line = out.ptr, *end; (end = strchr(line, '\n')); line = end + 1)
            CHECK(terminal_columns((struct str){line, (size_t)(end - line)}) <= 80);
        sb_done(&out);
    }
}

TEST(terminal_shows_findings_beside_what_is_wanted)
{
    struct sb out;
    render("plain", terminal, &out);
    CHECK(strstr(out.ptr, "FAIL     kb71083.one"));
    CHECK(strstr(out.ptr, "observed  plain") && strstr(out.ptr, "expected  plain"));
    CHECK(strstr(out.ptr, "next      1. plain"));
    CHECK(strstr(out.ptr, "2 rules: 1 failed, 1 passed"));
    CHECK(strstr(out.ptr, "covers    1970-01-01T00:00:00Z to 1970-01-02T00:00:00Z"));
    sb_done(&out);
}

TEST(json_is_utf8_and_escaped)
{
    struct sb out;
    render(evil_text, report_json, &out);
    for (size_t i = 0; i < out.len;) {
        uint32_t cp = 0;
        size_t n = utf8_decode(out.ptr + i, out.len - i, &cp);
        CHECK(n > 0);
        CHECK(cp >= 0x20 || cp == '\n');
        i += n ? n : 1;
    }
    CHECK(strstr(out.ptr, "a\\u001b[31mred\\u0007 \\u202e rtl \\u200b \xef\xbf\xbd"));
    CHECK(strstr(out.ptr, "\"schema\": \"rectify.report/1\""));
    CHECK(strstr(out.ptr, "\"rule\": \"kb71083.one\""));
    CHECK(strstr(out.ptr, "\"coverage\": {"));
    /* Coverage stands only where events were counted. */
    CHECK(!strstr(strstr(out.ptr, "kb71083.two"), "coverage"));
    sb_done(&out);
}

TEST(csv_guards_against_formulas)
{
    static const char *const formulas[] = {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"};
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++) {
        struct sb b;
        sb_init(&b, 1024);
        sb_csv(&b, str_of(formulas[i]));
        CHECK(b.ptr[0] == '"' && b.ptr[1] == '\'' && b.ptr[2] == formulas[i][0]);
        sb_done(&b);
    }
    struct sb b;
    sb_init(&b, 1024);
    sb_csv(&b, STR("say \"hi\", then\nleave"));
    CHECK_STR(((struct str){b.ptr, b.len}), "\"say \"\"hi\"\", then\nleave\"");
    sb_done(&b);
}

TEST(xml_has_only_allowed_characters)
{
    struct sb out;
    render(evil_text, report_junit, &out);
    for (size_t i = 0; i < out.len; i++)
        CHECK((uint8_t)out.ptr[i] >= 0x20 || out.ptr[i] == '\n');
    CHECK(strstr(out.ptr, "&lt;&amp;&quot;'&gt; ]]&gt;&#13;&#10;"));
    CHECK(strstr(out.ptr, "<testsuites name=\"rectify\" tests=\"2\" failures=\"1\" errors=\"0\""));
    sb_done(&out);
}

TEST(unknown_is_an_error_in_junit)
{
    struct sample s;
    sample_init(&s, "why");
    s.results[0].verdict = VERDICT_UNKNOWN;
    s.results[1].verdict = VERDICT_NOT_APPLICABLE;
    struct sb out;
    sb_init(&out, 1 << 20);
    report_junit(&s.run, &out);
    CHECK(strstr(out.ptr, "failures=\"0\" errors=\"1\" skipped=\"1\""));
    CHECK(strstr(out.ptr, "<error type=\"unknown\" message=\"why\">"));
    sb_done(&out);
    arena_done(&s.mem);
}

TEST(same_result_same_bytes)
{
    struct sb a, b;
    render("x", report_json, &a);
    render("x", report_json, &b);
    CHECK(a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0);
    sb_done(&a);
    sb_done(&b);
}

TEST_MAIN()
