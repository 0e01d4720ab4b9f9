/* What the rules say of the host as it will be: those that were selected, and any other of the
 * loaded policies whose verdict would change. */
#include "engine/plan_part.h"
#include "engine/waivers.h"
#include "host/overlay.h"

struct predicting {
    struct planning *p;
    const struct change **changes;
    size_t change_count;
    const struct rule **others; /* rules that were not selected */
    size_t other_count;
    struct run_report others_now, others_then;
};

static bool is_selected(const struct catalogue *c, const struct rule *r)
{
    for (size_t i = 0; i < c->selected_count; i++)
        if (c->selected[i] == r)
            return true;
    return false;
}

static bool gather(struct predicting *x)
{
    const struct catalogue *c = x->p->catalogue;
    const struct plan *plan = x->p->out;
    size_t changes = 0, rules = 0;
    for (size_t i = 0; i < plan->action_count; i++)
        changes += plan->actions[i].change_count;
    for (size_t i = 0; i < c->policy_count; i++)
        rules += c->policies[i]->rule_count;
    x->changes = ARENA_ARRAY(x->p->a, changes + 1, const struct change *);
    x->others = ARENA_ARRAY(x->p->a, rules + 1, const struct rule *);
    if (!x->changes || !x->others)
        return false;
    for (size_t i = 0; i < plan->action_count; i++)
        for (size_t k = 0; k < plan->actions[i].change_count; k++)
            x->changes[x->change_count++] = &plan->actions[i].changes[k];
    for (size_t i = 0; i < c->policy_count; i++)
        for (size_t k = 0; k < c->policies[i]->rule_count; k++)
            if (!is_selected(c, &c->policies[i]->rules[k]))
                x->others[x->other_count++] = &c->policies[i]->rules[k];
    return true;
}

static bool is_repaired(const struct plan *plan, const struct rule *rule)
{
    for (size_t i = 0; i < plan->action_count; i++)
        for (size_t k = 0; k < plan->actions[i].rule_count; k++)
            if (plan->actions[i].rules[k] == rule)
                return true;
    return false;
}

static void predict(struct plan *plan, const struct result *now, const struct result *then)
{
    plan->predictions[plan->prediction_count++] =
        (struct prediction){.rule = now->rule,
                            .now = now->verdict,
                            .then = then->verdict,
                            .message = then->message,
                            .repaired = is_repaired(plan, now->rule)};
}

static bool predictions(struct predicting *x)
{
    struct plan *plan = x->p->out;
    plan->predictions =
        ARENA_ARRAY(x->p->a, plan->now.result_count + x->other_count + 1, struct prediction);
    if (!plan->predictions)
        return false;
    for (size_t i = 0; i < plan->now.result_count; i++)
        predict(plan, &plan->now.results[i], &plan->then.results[i]);
    for (size_t i = 0; i < x->others_now.result_count; i++)
        if (x->others_now.results[i].verdict != x->others_then.results[i].verdict)
            predict(plan, &x->others_now.results[i], &x->others_then.results[i]);
    return true;
}

/* Kinds that can touch neither certificates nor what else a signature is judged by. */
static bool trust_stays(const struct plan *plan)
{
    for (size_t i = 0; i < plan->action_count; i++)
        switch (plan->actions[i].kind) {
        case ACTION_EVENTLOG_SIZE:
        case ACTION_SERVICE_START:
        case ACTION_UPGRADE_FLAG:
        case ACTION_UPGRADE_STAGE:
            break;
        default:
            return false;
        }
    return true;
}

static struct str word_of(const struct judged_file *f)
{
    return f->state == FACT_FOUND ? str_of(trust_word_name(f->verdict.word)) : STR("cannot_tell");
}

/* Both trust decisions are still open: texts are copied. */
static bool compare_trust(struct planning *p, const struct judge *then)
{
    const struct judge *now = &p->now.judge;
    struct plan *plan = p->out;
    const struct judged_file *f;
    size_t count = 0;
    while (judged_at(now, count))
        count++;
    plan->trust_changes = ARENA_ARRAY(p->a, count + 1, struct trust_change);
    if (!plan->trust_changes)
        return err_set(p->e, ERR_NOMEM, 0, "no memory for the plan");
    for (size_t i = 0; i < count; i++) {
        const struct judged_file *was = judged_at(now, i);
        f = judged_like(then, was);
        if (!f || str_eq(word_of(f), word_of(was)))
            continue;
        struct str reason = f->state == FACT_FOUND ? f->verdict.reason : f->reason;
        plan->trust_changes[plan->trust_change_count++] = (struct trust_change){
            str_dup(p->a, was->path), word_of(was), word_of(f), str_dup(p->a, reason)};
    }
    return true;
}

static bool run_overlay(struct predicting *x, struct host *overlay, engine_progress *progress,
                        void *context)
{
    struct planning *p = x->p;
    const struct catalogue *c = p->catalogue;
    struct session then;
    if (!session_begin(c, overlay, p->a, &then, p->e))
        return false;
    then.judge.below = &p->now.judge;
    then.judge.same_trust = trust_stays(p->out);
    bool ok =
        session_run(&then, c->selected, c->selected_count, progress, context, &p->out->then,
                    p->e) &&
        session_run(&then, x->others, x->other_count, progress, context, &x->others_then, p->e) &&
        (then.judge.same_trust || compare_trust(p, &then.judge));
    session_end(&then);
    return ok;
}

/* Results borrow texts of the host that they were read from: the overlay's must outlive it. */
static void keep_results(struct planning *p, struct run_report *run)
{
    for (size_t i = 0; i < run->result_count; i++)
        result_keep(p->a, &run->results[i]);
}

bool planning_predict(struct planning *p, engine_progress *progress, void *context)
{
    struct predicting x = {.p = p};
    struct plan *plan = p->out;
    struct host *overlay = NULL;
    if (!gather(&x))
        return err_set(p->e, ERR_NOMEM, 0, "no memory for the plan");
    plan->then = plan->now;
    if (x.change_count) {
        memset(plan->then.summary, 0, sizeof plan->then.summary);
        if (!session_run(&p->now, x.others, x.other_count, progress, context, &x.others_now,
                         p->e) ||
            !host_overlay(p->now.host, x.changes, x.change_count, &overlay, p->e))
            return false;
        bool ok = run_overlay(&x, overlay, progress, context);
        keep_results(p, &plan->then);
        keep_results(p, &x.others_then);
        if (ok) {
            diagnose(p->catalogue, p->a, &plan->then);
            waivers_apply(p->catalogue, plan->now.started, p->a, &plan->then);
        }
        host_close(overlay);
        if (!ok)
            return false;
    }
    return predictions(&x) || err_set(p->e, ERR_NOMEM, 0, "no memory for the plan");
}
