/* Bytes as a file of waivers, and as a file of inputs.  Beyond "no crash": a refusal is one
 * printable line that begins with file and line; what was read survives being written and read
 * again; a waiver has all that it must have. */
#include "engine/catalogue.h"
#include "engine/waivers.h"
#include "model/value_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refusal(const struct err *e)
{
    if (e->kind == ERR_NONE || strncmp(e->text, "f.json:", 7) != 0 || e->text[7] < '1' ||
        e->text[7] > '9')
        abort();
    for (const char *p = e->text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            abort();
}

static void as_waivers(struct span text)
{
    struct arena a;
    struct waiver *w = NULL;
    size_t count = 0;
    struct err e = {0};
    arena_init(&a, 8 << 20);
    if (!waivers_parse(text, STR("f.json"), &a, &w, &count, &e)) {
        if (e.kind != ERR_NOMEM)
            check_refusal(&e);
    } else {
        for (size_t i = 0; i < count; i++)
            if (!w[i].rule.len || !w[i].host.len || !w[i].reason.len || !w[i].approver.len ||
                !w[i].expires || !w[i].verdicts || w[i].line < 1)
                abort();
    }
    arena_done(&a);
}

static void write_again(const struct value *v, struct arena *a)
{
    struct sb b;
    struct json j;
    struct value again;
    struct err e = {0};
    sb_init(&b, 64 << 20);
    json_init(&j, &b, 0);
    value_to_json(&j, v);
    if (b.bad)
        abort();
    /* Numbers beyond a double's digits may come back shortened: only that it reads is certain. */
    if (!value_from_json(span_of(b.ptr, b.len), a, &again, &e) && e.kind != ERR_NOMEM &&
        v->kind != VALUE_NUMBER)
        abort();
    sb_done(&b);
}

static void as_inputs(struct span text)
{
    static const struct input inputs[] = {
        {.name = {"days", 4}, .type = INPUT_INT, .minimum = {.kind = VALUE_INT, .integer = 1}},
        {.name = {"list", 4}, .type = INPUT_LIST},
        {.name = {"on", 2}, .type = INPUT_BOOL},
        {.name = {"rate", 4}, .type = INPUT_NUMBER},
        {.name = {"text", 4}, .type = INPUT_TEXT},
        {.name = {"version", 7}, .type = INPUT_VERSION},
    };
    struct input mine[6];
    struct policy p = {.id = STR("kb"), .inputs = mine, .input_count = 6};
    struct policy *policies[] = {&p};
    struct catalogue c = {.policies = policies, .policy_count = 1};
    struct value v;
    struct err e = {0};
    memcpy(mine, inputs, sizeof mine);
    arena_init(&c.mem, 8 << 20);
    if (value_from_json(text, &c.mem, &v, &e)) {
        write_again(&v, &c.mem);
        if (v.kind == VALUE_MAP && !inputs_apply(&c, &v, STR("f.json"), text, &e))
            check_refusal(&e);
        if (mine[0].set && (mine[0].value.kind != VALUE_INT || mine[0].value.integer < 1))
            abort();
    } else if (e.kind != ERR_NOMEM && (e.text[0] < '1' || e.text[0] > '9')) {
        abort();
    }
    arena_done(&c.mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_waivers(span_of(data, size));
    as_inputs(span_of(data, size));
    for (size_t i = 0; i < 3; i++)
        if (value_json_element_line(span_of(data, size), i) < 1)
            abort();
    return 0;
}
