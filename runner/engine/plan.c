#include "engine/plan_part.h"
#include "engine/waivers.h"

bool planning_manual(struct planning *p, const struct rule *rule, struct str text, struct str why)
{
    enum { FIRST = 16 };
    struct plan *out = p->out;
    for (size_t i = 0; i < out->manual_count; i++)
        if (out->manual[i].rule == rule && str_eq(out->manual[i].text, text) &&
            str_eq(out->manual[i].why, why))
            return true;
    if (out->manual_count == p->manual_cap) {
        size_t cap = p->manual_cap ? 2 * p->manual_cap : FIRST;
        struct manual_step *items = ARENA_ARRAY(p->a, cap, struct manual_step);
        if (!items)
            return err_set(p->e, ERR_NOMEM, 0, "no memory for the plan");
        if (out->manual_count)
            memcpy(items, out->manual, out->manual_count * sizeof *items);
        out->manual = items;
        p->manual_cap = cap;
    }
    out->manual[out->manual_count++] = (struct manual_step){rule, text, why};
    return true;
}

static bool compute(struct planning *p, struct host *host, engine_progress *progress, void *context)
{
    const struct catalogue *c = p->catalogue;
    struct run_report *now = &p->out->now;
    if (!session_run(&p->now, c->selected, c->selected_count, progress, context, now, p->e))
        return false;
    diagnose(c, p->a, now);
    now->profile = c->profile;
    waivers_apply(c, now->started, p->a, now);
    if (!planning_actions(p) || !planning_merge(p) || !planning_predict(p, progress, context))
        return false;
    now->target = p->out->then.target = *host_info(host);
    now->unread_facts = host_unread(host);
    p->out->inputs = p->options->inputs;
    return planning_policies(p) && plan_target_id(host, p->a, p->out->target_id, p->e) &&
           plan_digest(p->out, p->out->digest, p->e);
}

bool engine_plan(const struct catalogue *c, struct host *host, const struct plan_options *options,
                 engine_progress *progress, void *context, struct arena *a, struct plan *out,
                 struct err *e)
{
    struct planning p = {.catalogue = c, .options = options, .a = a, .out = out, .e = e};
    *out = (struct plan){.inputs = value_null()};
    if (!run_begin(host, a, &out->now, e) || !session_begin(c, host, a, &p.now, e))
        return false;
    bool ok = compute(&p, host, progress, context);
    session_end(&p.now);
    if (ok && a->full)
        ok = err_set(e, ERR_NOMEM, 0, "the plan needs more than %zu MiB of memory", a->cap >> 20);
    return ok;
}

int plan_exit_code(const struct plan *p)
{
    return p->action_count ? 4 : engine_exit_code(&p->now);
}
