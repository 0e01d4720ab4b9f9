#include "engine/policy_case.h"

#include "base/wtime.h"
#include "engine/evaluate.h"
#include "host/host_memory.h"

enum { LOG_MOST = 64 << 20, LONG_AFTER = 2200 };

/* ---- the host ---------------------------------------------------------------------------------
 */

static void set_value(struct host *h, const struct given_value *v)
{
    if (v->key_only)
        memory_set_state(h, v->key.ptr, v->is.state, v->is.reason.ptr);
    else if (v->is.state != FACT_FOUND)
        memory_set_value_state(h, v->key.ptr, v->name.ptr, v->is.state, v->is.reason.ptr);
    else if (v->certificate || v->list)
        memory_tell_value(h, v->key.ptr, v->name.ptr, v->data, v->certificate, v->list);
    else
        memory_set_value(h, v->key.ptr, v->name.ptr, v->type, v->data);
}

static void set_file(struct host *h, const struct given_file *f)
{
    if (f->is.state != FACT_FOUND)
        memory_set_file_state(h, f->path.ptr, f->is.state, f->is.reason.ptr);
    else if (f->told)
        memory_tell_file(h, f->path.ptr, f->told);
    else
        memory_set_file(h, f->path.ptr, f->bytes);
}

static bool set_log(struct host *h, const struct given_log *log, struct err *e)
{
    struct sb bytes;
    if (log->is.state != FACT_FOUND) {
        memory_set_log_state(h, log->channel.ptr, log->is.state, log->is.reason.ptr);
        return true;
    }
    sb_init(&bytes, LOG_MOST);
    bool ok = policy_case_log(log, &bytes, e);
    if (ok)
        memory_set_log(h, log->channel.ptr, span_of(bytes.ptr, bytes.len));
    sb_done(&bytes);
    return ok;
}

static void set_process(struct host *h, const struct given_process *p)
{
    if (p->is.state != FACT_FOUND)
        memory_set_modules_state(h, p->image.ptr, p->is.state, p->is.reason.ptr);
    else
        memory_set_modules(h, p->image.ptr, p->modules, p->module_count);
}

/* The nth registry source that decides, or NULL. */
static const struct product_source *deciding(const struct product_def *def, size_t nth)
{
    for (size_t i = 0; i < def->source_count; i++) {
        const struct product_source *s = &def->sources[i];
        bool decides = s->role == ROLE_PRIMARY || s->role == ROLE_CORROBORATES;
        if (s->kind == SOURCE_REGISTRY && decides && nth-- == 0)
            return s;
    }
    return NULL;
}

static bool set_product(const struct catalogue *c, struct host *h, const struct given_product *p,
                        struct err *e)
{
    const struct product_def *def = product_find(c, p->id);
    size_t count = p->is.state == FACT_FOUND ? p->version_count : 1;
    if (!def)
        return err_set(e, ERR_USAGE, 0, "no product \"" STR_FMT "\" is defined", STR_ARG(p->id));
    for (size_t i = 0; i < count; i++) {
        const struct product_source *s = deciding(def, i);
        if (!s)
            return err_set(e, ERR_USAGE, 0,
                           "product \"" STR_FMT "\" has no %s registry source that decides: give "
                           "the facts themselves",
                           STR_ARG(p->id), i ? "second" : "first");
        if (p->is.state != FACT_FOUND)
            memory_set_state(h, s->key.ptr, p->is.state, p->is.reason.ptr);
        else
            memory_set_sz(h, s->key.ptr, s->value.ptr, p->texts[i].ptr);
    }
    return true;
}

static uint64_t long_after(void)
{
    uint64_t t = 0;
    (void)wtime_from_civil(&(struct wtime_civil){.year = LONG_AFTER, .month = 1, .day = 1}, &t);
    return t;
}

bool policy_case_host(const struct catalogue *c, const struct policy_case *k, struct host **out,
                      struct err *e)
{
    const struct given *g = &k->given;
    struct host_options options = {.at = g->at, .now = g->now ? g->now : long_after(), .jobs = 1};
    if (!host_memory(&options, out, e))
        return false;
    bool ok = true;
    for (size_t i = 0; i < g->product_count && ok; i++)
        ok = set_product(c, *out, &g->products[i], e);
    for (size_t i = 0; i < g->value_count; i++)
        set_value(*out, &g->values[i]);
    for (size_t i = 0; i < g->file_count; i++)
        set_file(*out, &g->files[i]);
    for (size_t i = 0; i < g->log_count && ok; i++)
        ok = set_log(*out, &g->logs[i], e);
    for (size_t i = 0; i < g->process_count; i++)
        set_process(*out, &g->processes[i]);
    if (!ok)
        host_close(*out);
    return ok;
}

/* ---- inputs -----------------------------------------------------------------------------------
 */

static bool fits(const struct input *in, struct value *v)
{
    struct version version;
    if (in->type == INPUT_LIST && v->kind == VALUE_MAP && v->map.count == 0)
        *v = (struct value){.kind = VALUE_LIST}; /* {} */
    if (in->type == INPUT_NUMBER && v->kind == VALUE_INT)
        *v = value_number((double)v->integer);
    switch (in->type) {
    case INPUT_TEXT:
        return v->kind == VALUE_TEXT;
    case INPUT_INT:
        return v->kind == VALUE_INT &&
               (in->minimum.kind != VALUE_INT || v->integer >= in->minimum.integer) &&
               (in->maximum.kind != VALUE_INT || v->integer <= in->maximum.integer);
    case INPUT_NUMBER:
        return v->kind == VALUE_NUMBER;
    case INPUT_BOOL:
        return v->kind == VALUE_BOOL;
    case INPUT_VERSION:
        return v->kind == VALUE_TEXT && version_parse(v->text, &version);
    case INPUT_LIST:
        for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count; i++)
            if (v->list.items[i].kind != VALUE_TEXT)
                return false;
        return v->kind == VALUE_LIST;
    }
    return false;
}

static bool set_input(struct policy *p, const struct given_input *given, struct err *e)
{
    for (size_t i = 0; i < p->input_count; i++) {
        struct input *in = &p->inputs[i];
        struct value v = given->value;
        if (!str_eq(in->name, given->name))
            continue;
        if (!fits(in, &v))
            return err_set(e, ERR_USAGE, 0, "set: input \"" STR_FMT "\" cannot have this value",
                           STR_ARG(in->name));
        in->value = v;
        in->set = true;
        return true;
    }
    return err_set(e, ERR_USAGE, 0, "set: the policy has no input \"" STR_FMT "\"",
                   STR_ARG(given->name));
}

/* ---- evaluation -------------------------------------------------------------------------------
 */

static void apply(const struct case_change *change, struct catalogue *c, struct policy *p,
                  struct rule *r)
{
    struct want *want = (struct want *)(uintptr_t)change->want; /* evaluation only reads it */
    if (change->part == PART_WANT)
        r->want = want;
    else if (change->part == PART_APPLIES)
        r->applies = want;
    else if (change->part == PART_POLICY_APPLIES)
        p->applies = want;
    for (size_t i = 0; change->input && i < p->input_count; i++)
        if (str_eq(p->inputs[i].name, change->input->name))
            p->inputs[i] = *change->input;
    if (change->source.len)
        p->source = change->source;
    c->limits.replace = change->replace;
    c->limits.coverage = change->coverage;
    c->saw = change->saw;
    c->saw_context = change->saw_context;
}

bool policy_case_catalogue(const struct catalogue *c, const struct rule *rule,
                           const struct policy_case *k, const struct case_change *change,
                           struct arena *a, struct catalogue *out, struct err *e)
{
    struct catalogue one = *c;
    struct policy *policy = ARENA_NEW(a, struct policy);
    struct rule *own = ARENA_NEW(a, struct rule);
    const struct rule **selected = ARENA_ARRAY(a, 1, const struct rule *);
    struct input *inputs = ARENA_ARRAY(a, rule->policy->input_count + 1, struct input);
    if (!policy || !own || !selected || !inputs)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    *policy = *rule->policy;
    if (policy->input_count)
        memcpy(inputs, policy->inputs, policy->input_count * sizeof *inputs);
    policy->inputs = inputs;
    *own = *rule;
    own->policy = policy;
    selected[0] = own;
    if (change)
        apply(change, &one, policy, own);
    for (size_t i = 0; i < k->input_count; i++)
        if (!set_input(policy, &k->inputs[i], e))
            return false;
    one.policies = NULL; /* no diagnosis */
    one.policy_count = 0;
    one.selected = selected;
    one.selected_count = 1;
    *out = one;
    return true;
}

bool policy_case_run(const struct catalogue *c, const struct rule *rule,
                     const struct policy_case *k, const struct case_change *change, struct host *h,
                     struct arena *a, struct run_report *run, struct err *e)
{
    struct catalogue one;
    memset(run, 0, sizeof *run);
    return policy_case_catalogue(c, rule, k, change, a, &one, e) &&
           engine_check(&one, h, NULL, NULL, a, run, e);
}
