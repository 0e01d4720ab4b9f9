/* A repair must converge: the plan has an action, the rule passes on the host as it will be, and a
 * second plan finds nothing to do. */
#include "engine/plan.h"
#include "engine/policy_case.h"
#include "host/overlay.h"

static bool plan_for(const struct catalogue *one, struct host *h, struct arena *a, struct plan *out,
                     struct err *e)
{
    const struct plan_options options = {.inputs = value_null()};
    return engine_plan(one, h, &options, NULL, NULL, a, out, e);
}

/* Every change of every action, in order. */
static const struct change **changes_of(const struct plan *p, struct arena *a, size_t *count)
{
    size_t most = 0;
    for (size_t i = 0; i < p->action_count; i++)
        most += p->actions[i].change_count;
    const struct change **all = ARENA_ARRAY(a, most + 1, const struct change *);
    *count = 0;
    for (size_t i = 0; all && i < p->action_count; i++)
        for (size_t k = 0; k < p->actions[i].change_count; k++)
            all[(*count)++] = &p->actions[i].changes[k];
    return all;
}

static bool judge_repaired(const struct catalogue *one, struct host *repaired, struct arena *a,
                           struct err *e)
{
    struct plan second;
    struct run_report run = {0};
    if (!engine_check(one, repaired, NULL, NULL, a, &run, e))
        return false;
    if (run.results[0].verdict != VERDICT_PASS)
        return err_set(e, ERR_FORMAT, 0, "after the repair the rule is %s: " STR_FMT,
                       verdict_name(run.results[0].verdict), STR_ARG(run.results[0].message));
    if (!plan_for(one, repaired, a, &second, e))
        return false;
    if (second.action_count)
        return err_set(e, ERR_FORMAT, 0,
                       "after the repair there is still something to do: " STR_FMT,
                       STR_ARG(second.actions[0].title));
    return true;
}

bool policy_case_repairs(const struct catalogue *c, const struct rule *rule,
                         const struct policy_case *k, struct host *h, struct arena *a,
                         struct err *e)
{
    struct catalogue one;
    struct plan plan;
    struct host *repaired = NULL;
    size_t count = 0;
    if (!policy_case_catalogue(c, rule, k, NULL, a, &one, e) || !plan_for(&one, h, a, &plan, e))
        return false;
    if (plan.action_count == 0)
        return err_set(e, ERR_FORMAT, 0, "there is no action that repairs it%s" STR_FMT,
                       plan.manual_count ? ": " : "",
                       STR_ARG(plan.manual_count ? plan.manual[0].why : STR("")));
    const struct change **changes = changes_of(&plan, a, &count);
    if (!changes)
        return err_set(e, ERR_NOMEM, 0, "no memory for the changes");
    if (!host_overlay(h, changes, count, &repaired, e))
        return false;
    bool ok = judge_repaired(&one, repaired, a, e);
    host_close(repaired);
    return ok;
}
