/* registry.value and registry.absent through a policy, on a memory host. */
#include "engine_case.h"

#include "system.h"

static const char policy_text[] =
    "local K <const> = [[HKLM\\SOFTWARE\\T]]\n"
    "local function r(id, want) return rule { id = id, title = id, severity = \"low\",\n"
    "  want = want } end\n"
    "return policy { id = \"reg\", title = \"t\",\n"
    "  inputs = { most = input.int { default = 4 } },\n"
    "  r(\"equals\", registry.value(K, \"n\", 5)),\n"
    "  r(\"typed\", registry.value(K, \"n\", dword(5))),\n"
    "  r(\"other-type\", registry.value(K, \"n\", sz \"5\")),\n"
    "  r(\"between\", registry.value(K, \"count\", between(0, input \"most\"))),\n"
    "  r(\"one-of\", registry.value(K, \"n\", one_of { 1, 5 })),\n"
    "  r(\"glob\", registry.value(K, \"s\", glob \"Alpha*\")),\n"
    "  r(\"contains\", registry.value(K, \"s\", contains \"HAB\")),\n"
    "  r(\"version\", registry.value(K, \"v\", at_least \"1.10\")),\n"
    "  r(\"missing\", registry.value(K, \"none\", 1)),\n"
    "  r(\"missing-pass\", registry.value(K, \"none\", 1, { if_absent = \"pass\" })),\n"
    "  r(\"missing-na\", registry.value(K, \"none\", 1, { if_absent = \"not_applicable\" })),\n"
    "  r(\"is-absent\", registry.value(K, \"none\", absent)),\n"
    "  r(\"not-absent\", registry.value(K, \"n\", absent)),\n"
    "  r(\"no-key\", registry.absent([[HKLM\\SOFTWARE\\None]])),\n"
    "  r(\"a-key\", registry.absent(K)),\n"
    "  r(\"no-value\", registry.absent(K, \"none\")),\n"
    "  r(\"closed\", registry.value([[HKLM\\SOFTWARE\\Closed]], \"x\", absent)),\n"
    "  r(\"closed-key\", registry.absent([[HKLM\\SOFTWARE\\Closed]])),\n"
    "}\n";

static const struct {
    const char *id;
    enum verdict verdict;
} expected[] = {
    {"equals", VERDICT_PASS},
    {"typed", VERDICT_PASS},
    {"other-type", VERDICT_FAIL},
    {"between", VERDICT_FAIL},
    {"one-of", VERDICT_PASS},
    {"glob", VERDICT_PASS},
    {"contains", VERDICT_PASS},
    {"version", VERDICT_PASS},
    {"missing", VERDICT_FAIL},
    {"missing-pass", VERDICT_PASS},
    {"missing-na", VERDICT_NOT_APPLICABLE},
    {"is-absent", VERDICT_PASS},
    {"not-absent", VERDICT_FAIL},
    {"no-key", VERDICT_PASS},
    {"a-key", VERDICT_FAIL},
    {"no-value", VERDICT_PASS},
    {"closed", VERDICT_UNKNOWN},
    {"closed-key", VERDICT_UNKNOWN},
};

TEST(wants)
{
    const char key[] = "HKLM\\SOFTWARE\\T";
    char path[] = "/tmp/rectify-registry-XXXXXX", file[64];
    struct engine_case c;
    CHECK(temp_folder(path));
    snprintf(file, sizeof file, "%s/reg.lua", path);
    FILE *out = fopen(file, "wb");
    CHECK(out && fputs(policy_text, out) >= 0 && fclose(out) == 0 &&
          everybody_may_write(file, false));
    struct str one = str_of(file);
    struct engine_options options = {.policies = &one, .policy_count = 1};
    case_open(&c);
    memory_set_dword(c.host, key, "n", 5);
    memory_set_sz(c.host, key, "count", "10");
    memory_set_sz(c.host, key, "s", "alphabet");
    memory_set_sz(c.host, key, "v", "1.9.9");
    memory_set_sz(c.host, key, "v", "1.10.0");
    memory_set_state(c.host, "HKLM\\SOFTWARE\\Closed", FACT_UNREADABLE, "bad sector");
    case_run_with(&c, &options);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        CHECK_VERDICT(&c, expected[i].id, expected[i].verdict);
    CHECK_MESSAGE(&c, "between", "HKLM\\SOFTWARE\\T count is 10, want between 0 and 4");
    CHECK_MESSAGE(&c, "missing", "HKLM\\SOFTWARE\\T none is absent, want 1");
    CHECK_MESSAGE(&c, "closed", "HKLM\\SOFTWARE\\Closed x is unreadable (bad sector), want absent");
    case_close(&c);
    CHECK(remove_all(path));
}

TEST_MAIN()
