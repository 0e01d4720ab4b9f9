/* Several checks in one state: it is kept only while nothing changed, and no rule ever sees what
 * another one did. */
#include "script_support.h"

#include "base/wtime.h"

#define RULE(id, body)                                                                             \
    "  rule { id = '" id "', title = 't', severity = 'low', needs = { 'registry' },\n"             \
    "    check = function(host)\n"                                                                 \
    "      local v = host.registry:value([[HKLM\\SOFTWARE\\A]], 'Five')\n"                         \
    "      local n = v.number\n" body " end },\n"

static const char head[] = "local count, seen, deep = 0, {}, { a = { b = { 'x' } } }\n"
                           "local holes = { 1, 2, 3, nil, 5, nil, 7 }\n"
                           "local helper = { f = function() return 'fine' end }\n"
                           "local alias = helper\n"
                           "local builds = use 'm'\n"
                           "return policy { id = 't', title = 'T',\n";

/* What one rule does that another would see. */
static const struct {
    const char *does;
    bool changes;
} deeds[] = {
    {"local t = { n } table.insert(t, #seen)", false},
    {"local s = '' for i = 1, 2000 do s = s .. i end", false},
    {"for k in pairs(deep) do n = n + #k end", false},
    {"local x = text.matches('abc', 'b') and text.matches('abd', 'c')", false},
    {"local ok = host.inputs", false},
    {"count = count + 1", true},
    {"seen[n] = true", true},
    {"seen.x = true seen.x = nil", false},
    {"for i = 8, 99 do holes[i] = i end for i = 99, 8, -1 do holes[i] = nil end", true},
    {"deep.a.b[1] = 'y'", true},
    {"deep.a.b = { 'x' }", true},
    {"helper.f = function() return 'evil' end", true},
    {"alias.f = nil", true},
    {"builds.list[3] = 'new'", true},
    {"use('m').list[1] = 'new'", true},
    {"use('n')", true},
    {"deep.a = deep", true},
    {"table.remove(builds.list)", true},
};

/* Everything that the deeds could have left behind. */
#define LOOK                                                                                       \
    "      return fail(count .. ' ' .. tostring(seen[5]) .. ' ' .. tostring(seen.x) .. ' '\n"      \
    "        .. tostring(deep.a.b and deep.a.b[1]) .. ' ' .. (helper.f and helper.f() or 'gone')"  \
    " .. ' '\n"                                                                                    \
    "        .. table.concat(builds.list, ',') .. #holes)"

static bool find_module(void *context, struct str name, struct span *text)
{
    static const char words[] = "return { list = { 'one', 'two' } }";
    (void)context;
    (void)name;
    *text = span_of(words, sizeof words - 1);
    return true;
}

static const struct script_modules modules = {find_module, NULL};

struct run {
    struct loaded l;
    struct host *host;
    struct script_checker *checker;
};

static void run_open(struct run *r, const char *text, const struct script_limits *limits)
{
    struct err e = {0};
    struct host_options options = {.at = wtime_from_unix(1679302800), .jobs = 1};
    load_limited(&r->l, span_of(text, strlen(text)), &modules, NULL);
    if (!r->l.policy)
        fprintf(stderr, "%s\n", r->l.e.text);
    CHECK(host_memory(&options, &r->host, &e));
    memory_set_dword(r->host, "HKLM\\SOFTWARE\\A", "Five", 5);
    r->checker = script_checker_new(&modules, limits);
}

static bool run_rule(struct run *r, size_t index, struct result *out, struct err *e)
{
    const struct script_facts facts = {.host = r->host};
    *e = (struct err){0};
    return r->l.policy && index < r->l.policy->rule_count &&
           script_checker_run(r->checker, &r->l.policy->rules[index], &facts, &r->l.mem, out, e);
}

static void run_close(struct run *r)
{
    script_checker_free(r->checker);
    host_close(r->host);
    unload(&r->l);
}

TEST(no_rule_sees_what_another_did)
{
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        struct run r;
        struct result first, second;
        struct err e;
        char text[4096];
        snprintf(text, sizeof text,
                 "%s" RULE("a", "      %s\n      return pass()") RULE("b", LOOK) "}", head,
                 deeds[i].does);
        run_open(&r, text, NULL);
        CHECK(run_rule(&r, 0, &first, &e));
        CHECK(run_rule(&r, 1, &second, &e));
        CHECK_STR(second.message, "0 nil nil x fine one,two7");
        bool again = script_checker_loads(r.checker) == 2;
        if (again != deeds[i].changes) {
            fprintf(stderr, "%s: the file was run %s\n", deeds[i].does, again ? "again" : "once");
            test_failures++;
        }
        run_close(&r);
    }
}

TEST(limits_are_each_rules_own)
{
    struct run r;
    struct result out;
    struct err e;
    const struct script_limits limits = {.instructions = 400000, .memory = (size_t)1 << 20};
    char text[8192];
    snprintf(text, sizeof text, "%s%s%s%s}", head,
             RULE("a", "      for i = 1, 50000 do n = n + i end return pass()"),
             RULE("b", "      local t = {} for i = 1, 6000 do t[i] = 'k' .. i end return pass()"),
             RULE("c", "      while true do end return pass()"));
    run_open(&r, text, &limits);
    for (size_t i = 0; i < 40; i++) {
        CHECK(run_rule(&r, i % 2, &out, &e) && out.verdict == VERDICT_PASS);
        CHECK_U64(script_checker_loads(r.checker), 1);
    }
    CHECK(!run_rule(&r, 2, &out, &e) && e.kind == ERR_LIMIT);
    CHECK(run_rule(&r, 0, &out, &e) && out.verdict == VERDICT_PASS);
    CHECK_U64(script_checker_loads(r.checker), 2);
    run_close(&r);
}

TEST(a_broken_rule_does_not_break_the_next)
{
    struct run r;
    struct result out;
    struct err e;
    char text[4096];
    snprintf(text, sizeof text, "%s%s%s%s}", head, RULE("a", "      error('oops ' .. n)"),
             RULE("b", LOOK), RULE("c", "      return host.registry:value('HKLM\\\\X', 'y').data"));
    run_open(&r, text, NULL);
    CHECK(!run_rule(&r, 0, &out, &e) && strstr(e.text, "oops 5"));
    CHECK(run_rule(&r, 1, &out, &e));
    CHECK(run_rule(&r, 2, &out, &e) && out.verdict == VERDICT_UNKNOWN);
    CHECK(!run_rule(&r, 0, &out, &e) && strstr(e.text, "oops 5"));
    CHECK(run_rule(&r, 1, &out, &e));
    CHECK_STR(out.message, "0 nil nil x fine one,two7");
    CHECK_U64(script_checker_loads(r.checker), 1);
    run_close(&r);
}

/* A policy that reaches too much to be compared is run again for each rule. */
TEST(large_files_are_run_again)
{
    struct run r;
    struct result out;
    struct err e;
    char text[4096];
    snprintf(text, sizeof text, "local big = {} for i = 1, 60000 do big[i] = i end\n%s%s}", head,
             RULE("a", "      if #big == 60000 then big[1] = 7 return pass() end"));
    run_open(&r, text, NULL);
    for (size_t i = 0; i < 3; i++)
        CHECK(run_rule(&r, 0, &out, &e) && out.verdict == VERDICT_PASS);
    CHECK_U64(script_checker_loads(r.checker), 3);
    run_close(&r);
}

TEST_MAIN()
