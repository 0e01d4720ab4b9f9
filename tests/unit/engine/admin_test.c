/* Policies and products of an admin: a folder beside the built-in ones, check functions included.
 */
#include "engine_case.h"

#include "system.h"

static const char product_text[] =
    "return product { id = \"acme.tool\", name = \"Acme Tool\", sources = {\n"
    "  source.registry { label = \"key\", role = \"primary\",\n"
    "    key = [[HKLM\\SOFTWARE\\Acme]], value = \"Version\" } } }\n";

static const char policy_text[] =
    "local function r(id, f) f.id, f.title, f.severity = id, id, \"low\" return rule(f) end\n"
    "return policy { id = \"acme\", title = \"t\",\n"
    "  r(\"version\", { want = product.version(\"acme.tool\", at_least \"2.0\"),\n"
    "                repair = upgrade { product = \"acme.tool\", to = \"2.1\" } }),\n"
    "  r(\"broken\", { needs = { \"registry\" }, check = function(host) error(\"oops\") end }),\n"
    "  r(\"endless\", { needs = { \"registry\" }, check = function(host) while true do end end "
    "}),\n"
    "  r(\"reads\", { needs = { \"registry\" }, check = function(host)\n"
    "    local v = host.registry:value([[HKLM\\SOFTWARE\\Acme]], \"Version\")\n"
    "    if v.data == \"1.5\" then return fail(\"it is 1.5\") end\n"
    "    return pass() end }),\n"
    "  r(\"reads-closed\", { needs = { \"registry\" }, check = function(host)\n"
    "    return host.registry:value([[HKLM\\SOFTWARE\\Closed]], \"x\").data == 1 and pass()\n"
    "      or fail(\"no\") end }),\n"
    "  r(\"listed\", { want = eventlog.none { channel = \"System\", window_days = 1,\n"
    "    ids = { 516 } } }),\n"
    "}\n";

struct admin {
    char dir[64], products[96], policy[96], product[128];
};

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0 && everybody_may_write(path, false));
}

static void admin_open(struct admin *a)
{
    snprintf(a->dir, sizeof a->dir, "/tmp/rectify-admin-XXXXXX");
    CHECK(temp_folder(a->dir));
    snprintf(a->products, sizeof a->products, "%s/products", a->dir);
    snprintf(a->policy, sizeof a->policy, "%s/acme.lua", a->dir);
    snprintf(a->product, sizeof a->product, "%s/acme_tool.lua", a->products);
    CHECK(make_folder(a->products) && everybody_may_write(a->products, false));
    put(a->policy, policy_text);
    put(a->product, product_text);
}

static void admin_close(struct admin *a)
{
    CHECK(remove_all(a->dir));
}

TEST(products_and_checks_of_an_admin)
{
    struct admin a;
    struct engine_case c;
    admin_open(&a);
    struct str path = str_of(a.dir);
    struct engine_options options = {.policies = &path, .policy_count = 1};
    options.limits.instructions = 1000000; /* ends the endless check on every machine alike */
    case_open(&c);
    memory_set_sz(c.host, "HKLM\\SOFTWARE\\Acme", "Version", "1.5");
    memory_set_state(c.host, "HKLM\\SOFTWARE\\Closed", FACT_UNREADABLE, "bad sector");
    case_run_with(&c, &options);
    CHECK_U64(c.run.result_count, 6);
    CHECK_VERDICT(&c, "listed", VERDICT_UNKNOWN); /* no log */
    CHECK_VERDICT(&c, "version", VERDICT_FAIL);
    CHECK_MESSAGE(&c, "version", "Acme Tool 1.5.0.0, want 2.0 or later");
    CHECK_STR(case_result(&c, "version")->remedies[0], "Upgrade Acme Tool to 2.1 or later.");
    CHECK_VERDICT(&c, "broken", VERDICT_ERROR);
    CHECK(has_text(case_result(&c, "broken")->message, "oops"));
    CHECK_VERDICT(&c, "endless", VERDICT_ERROR);
    CHECK_VERDICT(&c, "reads", VERDICT_FAIL);
    CHECK_VERDICT(&c, "reads-closed", VERDICT_UNKNOWN);
    CHECK(has_text(case_result(&c, "reads-closed")->message, "bad sector"));
    CHECK_U64(engine_exit_code(&c.run), 2);
    case_close(&c);
    admin_close(&a);
}

TEST(exit_codes)
{
    static const struct {
        enum verdict verdict;
        int code;
    } rows[] = {
        {VERDICT_PASS, 0},    {VERDICT_NOT_APPLICABLE, 0}, {VERDICT_WAIVED, 0}, {VERDICT_FAIL, 2},
        {VERDICT_UNKNOWN, 3}, {VERDICT_CONFLICT, 3},       {VERDICT_ERROR, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct run_report run = {0};
        run.summary[VERDICT_PASS] = 5;
        run.summary[rows[i].verdict]++;
        CHECK_U64(engine_exit_code(&run), rows[i].code);
        run.summary[VERDICT_FAIL]++;
        CHECK_U64(engine_exit_code(&run), 2);
    }
}

TEST_MAIN()
