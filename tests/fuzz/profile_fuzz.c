/* Bytes as a profile: a refusal explains itself in one printable line, the same text gives the same
 * answer, and what is read has its title. */
#include "script/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct script_limits limits = {
    .memory = 4 << 20, .instructions = 300000, .milliseconds = 200};

static void check_refusal(const struct err *e)
{
    if (e->kind == ERR_NONE || !e->text[0])
        abort();
    for (const char *p = e->text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            abort();
}

static bool load(struct span text, struct arena *a, struct profile **p, struct err *e)
{
    const struct script_source source = {STR("p.lua"), text, false};
    bool ok = script_load_profile(&source, &limits, a, p, e);
    if (!ok)
        check_refusal(e);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a, b;
    struct profile *p = NULL, *q = NULL;
    struct err e = {0}, f = {0};
    arena_init(&a, 8 << 20);
    arena_init(&b, 8 << 20);
    bool one = load(span_of(data, size), &a, &p, &e), two = load(span_of(data, size), &b, &q, &f);
    if (e.kind != ERR_LIMIT && f.kind != ERR_LIMIT && (one != two || strcmp(e.text, f.text) != 0))
        abort();
    if (one && (!p->title.len || p->inputs.kind != VALUE_MAP))
        abort();
    arena_done(&a);
    arena_done(&b);
    return 0;
}
