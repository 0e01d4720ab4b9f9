/* Bytes as a file of policy tests.  Beyond "no crash, no hang": a refusal explains itself in one
 * printable line, the same text gives the same cases, and what was read can be made a host and
 * evaluated. */
#include "engine/policy_case.h"
#include "script/cases.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct script_limits limits = {
    .memory = 4 << 20, .instructions = 300000, .milliseconds = 200};

static const char policy_text[] =
    "return policy { id = 't', title = 'T', rule { id = 'r', title = 'R', severity = 'low',"
    " want = all { registry.value([[HKLM\\SOFTWARE\\A]], 'Five', dword(5)),"
    " eventlog.none { channel = 'System', window_days = 3 },"
    " file.signed { path = [[C:\\a.dll]] }, ctl.fresh { name = 'EncodedCtl', days = 9 } } } }";

static bool load(struct span text, struct arena *a, struct policy_cases **out, struct err *e)
{
    struct script_source source = {STR("t_test.lua"), text, false};
    if (script_load_cases(&source, NULL, &limits, a, out, e))
        return true;
    if (e->kind == ERR_NONE || !e->text[0])
        abort();
    for (const char *p = e->text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            abort();
    return false;
}

static void evaluate(const struct policy_cases *cases, struct arena *a)
{
    enum { CASES = 4, MOST_EVENTS = 2000 };
    struct script_source source = {STR("t.lua"), span_of(policy_text, sizeof policy_text - 1),
                                   false};
    struct policy *p;
    struct catalogue c = {.limits = limits};
    struct err e = {0};
    if (!script_load_policy(&source, NULL, &limits, a, &p, &e) ||
        !script_load_products(NULL, 0, NULL, a, &c.products, &c.product_count, &e))
        abort();
    for (size_t i = 0; i < cases->count && i < CASES; i++) {
        struct host *h;
        struct run_report run;
        size_t events = 0;
        for (size_t k = 0; k < cases->items[i].given.log_count; k++)
            for (size_t n = 0; n < cases->items[i].given.logs[k].event_count; n++)
                events += cases->items[i].given.logs[k].events[n].count;
        if (events > MOST_EVENTS || !policy_case_host(&c, &cases->items[i], &h, &e))
            continue;
        (void)policy_case_run(&c, &p->rules[0], &cases->items[i], NULL, h, a, &run, &e);
        host_close(h);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a, b;
    struct policy_cases *p, *q;
    struct err e = {0}, f = {0};
    arena_init(&a, 32 << 20);
    arena_init(&b, 8 << 20);
    bool one = load(span_of(data, size), &a, &p, &e), two = load(span_of(data, size), &b, &q, &f);
    if (e.kind != ERR_LIMIT && f.kind != ERR_LIMIT && (one != two || strcmp(e.text, f.text) != 0))
        abort();
    if (one && two && (p->count == 0 || p->count != q->count))
        abort();
    if (one)
        evaluate(p, &a);
    arena_done(&a);
    arena_done(&b);
    return 0;
}
