/* Bytes as the text of a policy, its rules evaluated on a small host; or as a product definition.
 * Beyond "no crash, no hang": a refusal explains itself in one printable line, the same text gives
 * the same answer, and no check passes without evidence. */
#include "engine/engine.h"
#include "host/host_memory.h"
#include "script/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct script_limits limits = {
    .memory = 4 << 20, .instructions = 300000, .milliseconds = 200};

static bool find_module(void *context, struct str name, struct span *text)
{
    static const char words[] = "return { KEY = [[HKLM\\SOFTWARE\\A]], again = use }";
    (void)context;
    if (name.len != 1 || name.ptr[0] != 'm')
        return false;
    *text = span_of(words, sizeof words - 1);
    return true;
}

static const struct script_modules modules = {find_module, NULL};

static struct host *small_host(void)
{
    struct host *h = NULL;
    struct err e = {0};
    struct host_options options = {.at = UINT64_C(133237764000000000), .jobs = 1};
    if (!host_memory(&options, &h, &e))
        abort();
    memory_set_dword(h, "HKLM\\SOFTWARE\\A", "Five", 5);
    memory_set_sz(h, "HKLM\\SOFTWARE\\A", "Text", "hello");
    memory_set_state(h, "HKLM\\SOFTWARE\\B", FACT_UNREADABLE, "bad sector");
    return h;
}

static void check_refusal(const struct err *e)
{
    if (e->kind == ERR_NONE || !e->text[0])
        abort();
    for (const char *p = e->text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            abort();
}

static void check_result(const struct result *r)
{
    if ((size_t)r->verdict >= VERDICTS)
        abort();
    if (r->verdict == VERDICT_PASS && r->evidence.count == 0)
        abort();
    if (r->verdict != VERDICT_PASS && !r->message.ptr)
        abort();
}

static void run_checks(const struct policy *p, struct host *h, const struct product_def *products,
                       size_t count, struct arena *a)
{
    struct script_facts facts = {.host = h, .products = products, .product_count = count};
    for (size_t i = 0; i < p->rule_count && i < 4; i++) {
        struct result r;
        struct err e = {0};
        if (!p->rules[i].has_check)
            continue;
        if (script_run_check(&p->rules[i], &facts, &modules, &limits, a, &r, &e))
            check_result(&r);
        else
            check_refusal(&e);
    }
}

/* Wanted states and conditions as the engine judges them. */
static void evaluate(struct policy *p, struct host *h, struct product_def *products, size_t count,
                     struct arena *a)
{
    enum { RULES = 4 };
    const struct rule *rules[RULES];
    struct catalogue c = {.policies = &p, .policy_count = 1, .selected = rules};
    struct run_report run = {0};
    struct err e = {0};
    c.products = products;
    c.product_count = count;
    c.limits = limits;
    for (size_t i = 0; i < p->rule_count && c.selected_count < RULES; i++)
        if (!p->rules[i].has_check)
            rules[c.selected_count++] = &p->rules[i];
    if (!engine_check(&c, h, NULL, NULL, a, &run, &e)) {
        if (e.kind != ERR_NOMEM)
            abort();
        return;
    }
    for (size_t i = 0; i < run.result_count; i++)
        check_result(&run.results[i]);
}

static bool load(struct span text, struct arena *a, struct policy **p, struct err *e)
{
    struct script_source source = {STR("policies/t.lua"), text, false};
    bool ok = script_load_policy(&source, &modules, &limits, a, p, e);
    if (!ok)
        check_refusal(e);
    return ok;
}

static void as_policy(struct span text)
{
    struct arena a, b;
    struct policy *p, *q;
    struct err e = {0}, f = {0};
    arena_init(&a, 8 << 20);
    arena_init(&b, 8 << 20);
    bool one = load(text, &a, &p, &e), two = load(text, &b, &q, &f);
    if (e.kind != ERR_LIMIT && f.kind != ERR_LIMIT && (one != two || strcmp(e.text, f.text) != 0))
        abort();
    if (one && (p->rule_count == 0 || p->rules[0].id.len == 0 || p->rules[0].title.len == 0))
        abort();
    if (one) {
        struct product_def *products = NULL;
        size_t count = 0;
        struct err none = {0};
        struct host *h = small_host();
        if (!script_load_products(NULL, 0, NULL, &b, &products, &count, &none))
            abort();
        run_checks(p, h, products, count, &a);
        evaluate(p, h, products, count, &a);
        host_close(h);
    }
    arena_done(&a);
    arena_done(&b);
}

static void as_product(struct span text)
{
    struct script_source source = {STR("lua/products/p.lua"), text, false};
    struct arena a;
    struct product_def *defs;
    size_t count;
    struct err e = {0};
    arena_init(&a, 8 << 20);
    if (!script_load_products(&source, 1, &limits, &a, &defs, &count, &e))
        check_refusal(&e);
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 8 && memcmp(data, "-- prod", 7) == 0)
        as_product(span_of(data, size));
    else
        as_policy(span_of(data, size));
    return 0;
}
