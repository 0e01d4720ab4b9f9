/* Memory that runs out at every possible moment: no leak, no panic, no wrong verdict. */
#include "script_support.h"

#include "base/wtime.h"

static const char policy[] =
    "local KEY <const> = [[HKLM\\SOFTWARE\\A]]\n"
    "return policy { id = 't', title = 'T', references = { 'KB1' },\n"
    "  inputs = { days = input.int { default = 30, minimum = 1 },\n"
    "             names = input.list { default = { 'a', 'b' } } },\n"
    "  rule { id = 'c', title = 'C', severity = 'high', needs = { 'registry', 'service', 'product' "
    "},\n"
    "    check = function(host)\n"
    "      local bad, names = findings(), {}\n"
    "      for v in host.registry:values(KEY) do table.insert(names, v.name) end\n"
    "      table.sort(names)\n"
    "      for k, n in pairs(host.inputs.names) do bad:add(n, k) end\n"
    "      local v = host.registry:value(KEY, 'Five'):or_default(0)\n"
    "      bad:add(('%s %d'):format(table.concat(names, ','), v), "
    "host.service('x').state:upper())\n"
    "      bad:add('p', host.product('mcafee.vse').state)\n"
    "      return bad\n"
    "    end, repair = { manual 'x', upgrade { product = 'a', to = '1.0' } } },\n"
    "  rule { id = 'w', title = 'W', severity = 'low', want = when(service.enabled { name = 's' "
    "},\n"
    "    all { registry.value(KEY, 'Five', between(1, input 'days')),\n"
    "          eventlog.none { channel = 'System', ids = { 1, 2 }, window_days = input 'days' },\n"
    "          any { product.version('a.b', one_of { '1.0', '2.0' }) } }) },\n"
    "}\n";

static struct host *open_host(void)
{
    struct host *h = NULL;
    struct err e = {0};
    struct host_options options = {.at = wtime_from_unix(1679302800), .jobs = 1};
    CHECK(host_memory(&options, &h, &e));
    memory_set_dword(h, "HKLM\\SOFTWARE\\A", "Five", 5);
    memory_set_sz(h, "HKLM\\SOFTWARE\\A", "Text", "hello");
    return h;
}

/* Loads, then checks; whatever succeeds gives what it always gives.  True: all of it did. */
static bool attempt(struct host *h, const struct product_def *products, size_t product_count,
                    size_t cap, const struct script_limits *load_limits,
                    const struct script_limits *check_limits)
{
    struct script_source source = {STR("t.lua"), span_of(policy, sizeof policy - 1), false};
    struct script_facts facts = {.host = h, .products = products, .product_count = product_count};
    struct arena a;
    struct policy *p = NULL;
    struct result r;
    struct err e = {0};
    arena_init(&a, cap);
    bool ok = script_load_policy(&source, NULL, load_limits, &a, &p, &e);
    if (ok) {
        CHECK(p->rule_count == 2 && p->rules[1].want->nodes == 7 && p->input_count == 2);
        ok = script_run_check(&p->rules[0], &facts, NULL, check_limits, &a, &r, &e);
    }
    if (ok) {
        CHECK(r.verdict == VERDICT_FAIL);
        CHECK_STR(r.message, "a: 1, and 3 more");
        CHECK_STR(value_get(&r.observed.value.list.items[2], "where")->text, "Five,Text 5");
    } else {
        CHECK(e.kind != ERR_NONE && e.text[0] && !strchr(e.text, '\n'));
    }
    arena_done(&a);
    return ok;
}

/* The first of 1, 1+step, ... with which all succeeds; the sweep must end. */
static size_t sweep(bool of_check, bool of_arena, size_t step)
{
    struct host *h = open_host();
    struct arena mem;
    struct product_def *products = NULL;
    size_t count = 0, n = 1;
    struct err e = {0};
    arena_init(&mem, ARENA_DEFAULT_CAP);
    CHECK(script_load_products(NULL, 0, NULL, &mem, &products, &count, &e));
    for (; n < 200000; n += step) {
        struct script_limits failing = {.fail_allocation = of_arena ? 0 : n}, whole = {0};
        if (attempt(h, products, count, of_arena ? n : ARENA_DEFAULT_CAP,
                    of_check ? &whole : &failing, of_check ? &failing : &whole))
            break;
    }
    CHECK(n > 100 && n < 200000);
    arena_done(&mem);
    host_close(h);
    return n;
}

TEST(every_allocation_of_loading)
{
    printf("loading: %zu allocations\n", sweep(false, false, 1));
}

TEST(every_allocation_of_a_check)
{
    printf("a check: %zu allocations\n", sweep(true, false, 1));
}

TEST(every_size_of_the_arena)
{
    printf("arena: %zu bytes\n", sweep(false, true, 48));
}

TEST(every_allocation_of_products)
{
    for (uint64_t n = 1;; n++) {
        struct script_limits limits = {.fail_allocation = n};
        struct arena a;
        struct product_def *defs;
        size_t count;
        struct err e = {0};
        arena_init(&a, ARENA_DEFAULT_CAP);
        bool ok = script_load_products(NULL, 0, &limits, &a, &defs, &count, &e);
        CHECK(ok || e.kind != ERR_NONE);
        arena_done(&a);
        if (ok)
            break;
    }
}

TEST_MAIN()
