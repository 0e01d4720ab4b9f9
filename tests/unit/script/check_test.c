/* Check functions against a memory host: verdicts, messages, evidence, and what they may not do. */
#include "evt_log.h"
#include "script_support.h"

#define NOW "2023-03-20T09:00:00Z"
#define RUN_KEY "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run"

struct checked {
    struct loaded l;
    struct host *host;
    struct product_def *products;
    size_t product_count;
    struct result r;
    bool ok;
};

static uint64_t now(void)
{
    uint64_t t = 0;
    CHECK(wtime_parse(STR(NOW), &t));
    return t;
}

static void open_host(struct checked *c)
{
    struct err e = {0};
    memset(c, 0, sizeof *c);
    struct host_options options = {.at = now(), .now = now() + WTIME_HOUR, .jobs = 1};
    CHECK(host_memory(&options, &c->host, &e));
    struct host *h = c->host;
    memory_set_sz(h, "HKLM\\SOFTWARE\\A", "Text", "hello");
    memory_set_dword(h, "HKLM\\SOFTWARE\\A", "Five", 5);
    memory_set_value(h, "HKLM\\SOFTWARE\\A", "Multi", 7, span_of("a\0\0\0b\0\0\0\0\0", 10));
    memory_set_value(h, "HKLM\\SOFTWARE\\A", "Bytes", 3, span_of("\1\0\2", 3));
    memory_set_value(h, "HKLM\\SOFTWARE\\A", "Short", 4, span_of("\1\0", 2));
    memory_set_sz(h, RUN_KEY, "one", "C:\\1.exe");
    memory_set_sz(h, RUN_KEY, "two", "C:\\2.exe");
    memory_set_state(h, "HKLM\\SOFTWARE\\Denied", FACT_UNREADABLE, "bad sector");
    memory_set_state(h, "HKLM\\SOFTWARE\\Missing", FACT_NOT_COLLECTED, "");
    memory_set_dword(h, "HKLM\\SYSTEM\\CurrentControlSet\\Services\\mfevtp", "Start", 4);
}

static void add_log(struct checked *c, unsigned days)
{
    static struct evt_log log;
    evt_begin(&log);
    for (unsigned i = days * 4; i > 0; i--)
        evt_add(&log, now() - i * 6 * WTIME_HOUR, 6013, "EventLog", "up");
    evt_add(&log, now() - WTIME_HOUR, 516, "mfehidk", "**\\VSTSKMGR.EXE");
    memory_set_log(c->host, "System", evt_end(&log));
}

static void close_host(struct checked *c)
{
    unload(&c->l);
    host_close(c->host);
}

static void run_policy_text(struct checked *c, const char *text)
{
    struct script_limits limits = {.milliseconds = 100, .instructions = UINT64_MAX / 2};
    unload(&c->l);
    load_text(&c->l, text);
    c->ok = false;
    if (!c->l.policy) {
        fprintf(stderr, "load: %s\n", c->l.e.text);
        test_failures++;
        return;
    }
    CHECK(script_load_products(NULL, 0, NULL, &c->l.mem, &c->products, &c->product_count, &c->l.e));
    struct script_facts facts = {
        .host = c->host, .products = c->products, .product_count = c->product_count};
    c->ok =
        script_run_check(&c->l.policy->rules[0], &facts, NULL, &limits, &c->l.mem, &c->r, &c->l.e);
}

static void gives_at(struct checked *c, int line, const char *body, enum verdict verdict,
                     const char *message)
{
    run_policy_text(c, with_check("'registry','product','service','events','file'", body));
    struct str m = c->ok ? c->r.message : str_of(c->l.e.text);
    if (!c->ok || c->r.verdict != verdict || !str_eq(m, str_of(message))) {
        fprintf(stderr, "%s:%d: %s\n  gave: %s: " STR_FMT "\n", __FILE__, line, body,
                c->ok ? verdict_name(c->r.verdict) : "broken", STR_ARG(m));
        test_failures++;
    }
}

static void breaks_at(struct checked *c, int line, const char *body, const char *says)
{
    run_policy_text(c, with_check("'registry','product','service','events','file'", body));
    if (c->ok || strcmp(c->l.e.text, says) != 0) {
        fprintf(stderr, "%s:%d: %s\n  gave: %s\n", __FILE__, line, body,
                c->ok ? verdict_name(c->r.verdict) : c->l.e.text);
        test_failures++;
    }
}

#define GIVES(body, verdict, message) gives_at(&c, __LINE__, body, verdict, message)
#define BREAKS(body, says) breaks_at(&c, __LINE__, body, "policies/t.lua:" says)
#define VALUE(name) "host.registry:value([[HKLM\\SOFTWARE\\A]], '" name "')"
#define DENIED "host.registry:value([[HKLM\\SOFTWARE\\Denied]], 'x')"

TEST(outcomes)
{
    struct checked c;
    open_host(&c);
    GIVES("if " VALUE("Five") ".data == 5 then return pass 'five' end return fail 'no'",
          VERDICT_PASS, "five");
    GIVES(
        "local v = " VALUE("Five") " return fail('is ' .. v.data, { observed = v.data, expected = "
                                   "{ 'a', 6 } })",
        VERDICT_FAIL, "is 5");
    CHECK_STR(c.r.observed.text, "5");
    CHECK(c.r.observed.value.integer == 5 && c.r.expected.value.list.count == 2);
    CHECK_U64(c.r.evidence.count, 1);
    GIVES("return unknown 'cannot say'", VERDICT_UNKNOWN, "cannot say");
    GIVES("return not_applicable 'none here'", VERDICT_NOT_APPLICABLE, "none here");
    GIVES("local f = findings() f:add('a', 'bad') f:add(" VALUE("Text") ", 5) return f",
          VERDICT_FAIL, "a: bad, and 1 more");
    CHECK_STR(c.r.observed.text, "2 findings");
    CHECK_STR(value_get(&c.r.observed.value.list.items[1], "where")->text,
              "HKLM\\SOFTWARE\\A\\Text");
    GIVES("local f = findings() for v in host.registry:values([[" RUN_KEY "]]) do if not "
          "v.data:glob('C:*') then f:add(v, v.data) end end return f",
          VERDICT_PASS, "nothing found");
    CHECK(c.r.evidence.count >= 2);
    close_host(&c);
}

TEST(data_by_type)
{
    struct checked c;
    open_host(&c);
    GIVES("return fail(" VALUE("Text") ".data .. " VALUE("Text") ".type)", VERDICT_FAIL,
          "helloREG_SZ");
    GIVES("return fail(table.concat(" VALUE("Multi") ".data, '+'))", VERDICT_FAIL, "a+b");
    GIVES("local d = " VALUE("Bytes") ".data return fail(#d .. ':' .. d:byte(3))", VERDICT_FAIL,
          "3:2");
    GIVES("return fail(tostring(" VALUE("Text") "))", VERDICT_FAIL,
          "HKLM\\SOFTWARE\\A\\Text (found)");
    GIVES("return pass(" VALUE("Short") ".data)", VERDICT_UNKNOWN,
          "HKLM\\SOFTWARE\\A\\Short is no number: REG_DWORD of 2 bytes");
    GIVES("return pass(" VALUE("Five") ".text)", VERDICT_UNKNOWN,
          "HKLM\\SOFTWARE\\A\\Five is no text but REG_DWORD");
    GIVES("local t = {} for k in host.registry:keys([[HKLM\\SOFTWARE]]) do table.insert(t, k) end "
          "table.sort(t) return fail(table.concat(t, ' '))",
          VERDICT_FAIL, "A Denied Microsoft Missing");
    close_host(&c);
}

TEST(what_cannot_be_read_is_never_a_pass)
{
    struct checked c;
    open_host(&c);
    GIVES("local v = " DENIED " if v.data ~= 5 then return pass() end", VERDICT_UNKNOWN,
          "HKLM\\SOFTWARE\\Denied\\x is unreadable: bad sector");
    GIVES("local v = " DENIED " if v.state ~= 'found' then return pass 'fine' end", VERDICT_UNKNOWN,
          "HKLM\\SOFTWARE\\Denied\\x is unreadable: bad sector");
    GIVES("local v = " DENIED " if v.state ~= 'found' then return not_applicable 'n' end",
          VERDICT_UNKNOWN, "HKLM\\SOFTWARE\\Denied\\x is unreadable: bad sector");
    GIVES("local v = " DENIED " return pass(" VALUE("Text") ".data)", VERDICT_UNKNOWN,
          "HKLM\\SOFTWARE\\Denied\\x is unreadable: bad sector");
    GIVES("local v = " DENIED " return fail(v.reason)", VERDICT_FAIL, "bad sector");
    GIVES("return pass(" DENIED ":or_default(0))", VERDICT_UNKNOWN,
          "HKLM\\SOFTWARE\\Denied\\x is unreadable: bad sector");
    GIVES("for v in host.registry:values([[HKLM\\SOFTWARE\\Denied]]) do end return pass()",
          VERDICT_UNKNOWN, "HKLM\\SOFTWARE\\Denied is unreadable: bad sector");
    GIVES("return pass(host.registry:value([[HKLM\\SOFTWARE\\Missing]], 'x').data)",
          VERDICT_UNKNOWN, "HKLM\\SOFTWARE\\Missing\\x is not collected");
    GIVES("return pass(" VALUE("None") ".data)", VERDICT_UNKNOWN,
          "HKLM\\SOFTWARE\\A\\None is absent");
    GIVES("table.sort({1, 2}, function() return " DENIED ".data end) return pass()",
          VERDICT_UNKNOWN, "HKLM\\SOFTWARE\\Denied\\x is unreadable: bad sector");
    GIVES("return pass(" VALUE("None") ":or_default('d'))", VERDICT_PASS, "d");
    GIVES("return pass(" VALUE("None") ".state)", VERDICT_PASS, "absent");
    GIVES("for v in host.registry:values([[HKLM\\SOFTWARE\\None]]) do return fail 'x' end return "
          "pass()",
          VERDICT_PASS, "");
    close_host(&c);
}

TEST(broken_checks)
{
    struct checked c;
    open_host(&c);
    BREAKS(
        "local v = " VALUE("Five") ".data",
        "2: rule \"r\": the check returned nothing (nil), want findings(), pass, fail, unknown or "
        "not_applicable");
    BREAKS("return true", "2: rule \"r\": the check returned true, want findings(), pass, fail, "
                          "unknown or not_applicable");
    BREAKS("return " VALUE("Five"),
           "2: rule \"r\": the check returned a fact, want findings(), pass, "
           "fail, unknown or not_applicable");
    BREAKS("return pass()", "2: rule \"r\": the check passes without having read a fact");
    BREAKS("return findings()", "2: rule \"r\": the check passes without having read a fact");
    BREAKS("local v = " VALUE("Five") " if v == 5 then return fail 'x' end return pass()",
           "2: rule \"r\": the check passes without having read a fact");
    BREAKS("\nreturn " VALUE("Five") ".daat",
           "5: a fact has no field \"daat\" (did you mean \"data\"?)");
    BREAKS("local v = " VALUE("Five") " v.data = 6", "4: a fact cannot be changed");
    BREAKS("host.registry = nil", "4: the host cannot be changed");
    BREAKS("return host.registri", "4: the host has no field \"registri\" (did you mean "
                                   "\"registry\"?)");
    BREAKS("return host.inputs.dyas", "4: host.inputs has no \"dyas\" (did you mean \"days\"?)");
    BREAKS("host.inputs.days = 1", "4: host.inputs.days cannot be changed");
    BREAKS("return host.registry.value([[HKLM\\A]], 'x')",
           "4: write host.registry:value(...), with a colon");
    BREAKS("return host:product('mcafee.vse')", "4: write host.product(...), with a dot");
    BREAKS("return host.product('mcafee.vsee')",
           "4: there is no product \"mcafee.vsee\" (did you mean \"mcafee.vse\"?)");
    BREAKS("return host.events { chanel = 'System' }",
           "4: host.events: unknown field \"chanel\" (did you mean \"channel\"?)");
    BREAKS("return host.events { channel = 'System', window_days = 1, since = 1 }",
           "4: host.events: window_days beside since or until_");
    BREAKS("return fail({})", "4: fail is a table, want text");
    BREAKS("return fail()", "4: fail is nothing (nil), want text");
    BREAKS("return fail('x', { obsrved = 1 })",
           "4: fail: unknown field \"obsrved\" (did you mean \"observed\"?)");
    BREAKS("findings():add('x')", "4: add: the text is nothing (nil), want text");
    BREAKS("error { 1 }", "4: error value that is no text (a table)");
    BREAKS("while true do end", "4: ran longer than its 100 ms");
    BREAKS("local t = {} t.t = t return fail('x', { observed = t })",
           "4: a value is nested more than 8 deep");
    BREAKS("return host.registry:value(5, 'x')", "4: the key is a number, want text");
    BREAKS("leaked = host", "4: global variable \"leaked\" cannot be made: write local leaked");
    close_host(&c);
}

TEST(only_what_it_needs)
{
    struct checked c;
    open_host(&c);
    static const char *const names[] = {"registry", "product", "service", "events", "file"};
    for (size_t i = 0; i < 5; i++) {
        char body[64], says[160];
        snprintf(body, sizeof body, "return host.%s", names[i]);
        snprintf(says, sizeof says,
                 "policies/t.lua:4: rule \"r\" reads host.%s, but its needs do not list \"%s\"",
                 names[i], names[i]);
        run_policy_text(&c, with_check("", body));
        CHECK(!c.ok);
        CHECK_STR(str_of(c.l.e.text), says);
    }
    run_policy_text(&c, with_check("", "return fail('in ' .. host.inputs.days .. ' at ' .. "
                                       "host.reference_time)"));
    CHECK(c.ok);
    CHECK_STR(c.r.message, "in 30 at 1679302800");
    close_host(&c);
}

TEST(products_and_versions)
{
    struct checked c;
    open_host(&c);
    GIVES("return pass(host.product('mcafee.vse').state)", VERDICT_PASS, "absent");
    GIVES("return pass(host.product('mcafee.vse').version)", VERDICT_UNKNOWN,
          "VirusScan Enterprise is absent");
    memory_set_sz(c.host, "HKLM\\SOFTWARE\\McAfee\\DesktopProtection", "szProductVer",
                  "8.8.0.1128");
    GIVES("local p = host.product('mcafee.vse') local v = p.version\n"
          "if v >= '8.8.0.975' and v < '8.8.0.1129' and '8.8.0.20000' > v and v == version "
          "'8.8.0.1128' and v <= v and v ~= version '9' then return pass('has ' .. v) end",
          VERDICT_PASS, "has 8.8.0.1128");
    BREAKS("return host.product('mcafee.vse').version > 8",
           "4: a version beside a number, want a version in quotes");
    BREAKS("return host.product('mcafee.vse').version > 'x'", "4: \"x\" is no version");
    memory_set_sz(c.host,
                  "HKLM\\SOFTWARE\\Network Associates\\ePolicy Orchestrator\\Application "
                  "Plugins\\VIRUSCAN8800",
                  "Version", "8.8.0.777");
    run_policy_text(&c, with_check("'product'", "return pass(host.product('mcafee.vse').version)"));
    CHECK(c.ok && c.r.verdict == VERDICT_CONFLICT);
    run_policy_text(&c, with_check("'product'", "return pass(host.product('mcafee.vse').state)"));
    CHECK(c.ok && c.r.verdict == VERDICT_CONFLICT);
    close_host(&c);
}

TEST(services_and_files)
{
    struct checked c;
    open_host(&c);
    GIVES("local s = host.service 'mfevtp' return fail(s.start .. ' ' .. s.name)", VERDICT_FAIL,
          "disabled mfevtp");
    GIVES("return pass(host.service('none').start)", VERDICT_UNKNOWN, "service none is absent");
    memory_set_file(c.host, "C:\\t.txt", span_of("abc", 3));
    GIVES("local f = host.file [[C:\\t.txt]] return fail(f.size .. f.machine .. "
          "tostring(f.version) .. f.sha256:sub(1, 8))",
          VERDICT_FAIL, "3nilba7816bf");
    memory_set_file_state(c.host, "C:\\d.txt", FACT_UNREADABLE, "because");
    GIVES("return pass(host.file([[C:\\d.txt]]).state)", VERDICT_UNKNOWN,
          "C:\\d.txt is unreadable: because");
    close_host(&c);
}

TEST(events)
{
    static const char none[] =
        "local e = host.events { channel = 'System', providers = 'mfehidk', ids = { 514, 519 }, "
        "window_days = host.inputs.days } if e.count == 0 then return pass() end return "
        "fail(e.count)";
    struct checked c;
    open_host(&c);
    add_log(&c, 40);
    GIVES(none, VERDICT_PASS, "");
    CHECK(c.r.coverage.known && c.r.coverage.complete);
    GIVES(
        "local e = host.events { channel = 'System', ids = 516, window_days = 30, group_by = "
        "'image' } local g = e.groups[1] return fail(g.id .. g.image .. g.count .. ' ' .. e.last - "
        "host.reference_time)",
        VERDICT_FAIL, "516VSTSKMGR.EXE1 -3600");
    close_host(&c);

    open_host(&c);
    add_log(&c, 3);
    run_policy_text(&c, with_check("'events'", none));
    CHECK(c.ok && c.r.verdict == VERDICT_UNKNOWN);
    CHECK(c.r.coverage.known && !c.r.coverage.complete);
    close_host(&c);

    open_host(&c);
    memory_set_log_state(c.host, "System", FACT_NOT_COLLECTED, "");
    GIVES(none, VERDICT_UNKNOWN, "System log is not collected");
    close_host(&c);
}

TEST(the_same_twice)
{
    struct checked c;
    char first[512];
    open_host(&c);
    const char *body = "local t = {} for i = 1, 50 do t['k' .. i] = {} end local s = '' for k in "
                       "pairs(t) do s = s .. k end return fail(s .. tostring(t) .. tostring(host))";
    run_policy_text(&c, with_check("", body));
    snprintf(first, sizeof first, STR_FMT, STR_ARG(c.r.message));
    run_policy_text(&c, with_check("", body));
    CHECK_STR(c.r.message, first);
    close_host(&c);
}

TEST_MAIN()
