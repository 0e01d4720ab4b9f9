/* The same rules again, on the target as it is now. */
#include "engine/apply_part.h"
#include "host/overlay.h"

void apply_predictions(struct apply_report *report, const struct plan *p, struct arena *a)
{
    report->verdicts = ARENA_ARRAY(a, p->prediction_count + 1, struct applied_verdict);
    for (size_t i = 0; report->verdicts && i < p->prediction_count; i++) {
        const struct prediction *from = &p->predictions[i];
        report->verdicts[report->verdict_count++] =
            (struct applied_verdict){.rule = from->rule->qualified,
                                     .before = from->now,
                                     .predicted = from->then,
                                     .message = str_dup(a, from->message)};
    }
}

/* At the plan's time: offline the target's own, which writing does not move. */
static bool open_target(struct applying *ap, uint64_t time, struct host **out, struct err *e)
{
    struct host *h;
    if (!ap->target->open(ap->target->context, ap->location, 0, &h, e))
        return false;
    if (host_reference(h)->time != time) {
        host_close(h);
        if (!ap->target->open(ap->target->context, ap->location, time, &h, e))
            return false;
    }
    *out = h;
    return true;
}

static bool ask(struct applying *ap, const struct preview_request *r, const struct plan *p,
                struct host *h, struct run_report *run, struct err *e)
{
    struct catalogue rules = *r->catalogue;
    rules.selected = ARENA_ARRAY(ap->a, p->prediction_count + 1, const struct rule *);
    rules.selected_count = p->prediction_count;
    if (!rules.selected)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    for (size_t i = 0; i < p->prediction_count; i++)
        rules.selected[i] = p->predictions[i].rule;
    return engine_check(&rules, h, r->progress, NULL, ap->a, run, e);
}

static bool compare(struct applying *ap, const struct run_report *run)
{
    struct apply_report *report = ap->report;
    bool same = run->result_count == report->verdict_count;
    for (size_t i = 0; i < run->result_count && i < report->verdict_count; i++) {
        struct applied_verdict *v = &report->verdicts[i];
        v->checked = true;
        v->found = run->results[i].verdict;
        v->message = str_dup(ap->a, run->results[i].message);
        same = same && v->found == v->predicted;
    }
    return same;
}

bool apply_verify(struct applying *ap, const struct preview_request *r, const struct plan *p,
                  bool *same, struct err *e)
{
    struct host *h, *next_boot;
    struct run_report run = {0};
    if (!open_target(ap, p->now.reference_time, &h, e))
        return false;
    /* Without changes an overlay still reads the control set of the next boot, as the prediction
     * did. */
    bool ok = host_overlay(h, NULL, 0, &next_boot, e);
    if (ok) {
        ok = ask(ap, r, p, next_boot, &run, e);
        if (ok)
            *same = compare(ap, &run);
        host_close(next_boot);
    }
    host_close(h);
    return ok;
}
