#include "engine/apply_part.h"

struct planned {
    struct host *host, *earlier; /* the target; as it was before the journal's changes, or NULL */
    struct plan plan;
};

int apply_exit_code(const struct apply_report *r)
{
    static const int codes[APPLY_ENDS] = {
        [APPLY_VERIFIED] = 0, [APPLY_PREVIEWED] = 0,     [APPLY_REVERTED] = 0,
        [APPLY_UNDONE] = 1,   [APPLY_REFUSED] = 1,       [APPLY_UNREPORTED] = 2,
        [APPLY_BETWEEN] = 3,  [APPLY_INTERRUPTED] = 130,
    };
    return codes[r->end];
}

/* ---- the plan again ------------------------------------------------------------------------- */

static void planned_done(struct planned *p)
{
    if (p->earlier)
        host_close(p->earlier);
    if (p->host)
        host_close(p->host);
}

/* `written`: a journal whose changes may be on the target; the plan is that of the host without
 * them. */
static bool plan_again(const struct preview_request *r, const struct journal_data *written,
                       unsigned allowed, struct arena *a, struct planned *p, struct err *e)
{
    if (!r->target->open(r->target->context, NULL, 0, &p->host, e))
        return false;
    if (written && !apply_before_overlay(p->host, written, a, &p->earlier, e))
        return false;
    struct host *host = p->earlier ? p->earlier : p->host;
    struct plan_options options = *r->options;
    options.unstaged = r->consent->packages;
    options.unstaged_count = r->consent->package_count;
    if (!engine_plan(r->catalogue, host, &options, r->progress, NULL, a, &p->plan, e))
        return false;
    apply_why_differs(&p->plan, r->consent, a, p->host, e);
    const struct consent *c = r->consent;
    return gate_check(&p->plan, &c->gate, allowed, e) &&
           (!c->shows || c->shows(c->file, &p->plan, a, e));
}

static bool begin_report(const struct plan *p, struct arena *a, struct apply_report *out,
                         struct err *e)
{
    memcpy(out->plan, p->digest, sizeof out->plan);
    memcpy(out->target, p->target_id, sizeof out->target);
    out->tool_version = str_dup(a, p->now.tool_version);
    out->reference_time = p->now.reference_time;
    out->actions = ARENA_ARRAY(a, p->action_count + 1, struct applied_action);
    apply_predictions(out, p, a);
    if (!out->actions || !out->verdicts)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    for (size_t i = 0; i < p->action_count; i++)
        out->actions[out->action_count++] = (struct applied_action){
            .kind = p->actions[i].kind,
            .title = str_dup(a, p->actions[i].title),
            .outcome = out->dry_run ? APPLIED_PLANNED : APPLIED_NOT,
        };
    return true;
}

bool engine_preview(const struct preview_request *r, struct arena *a, struct apply_report *out,
                    struct err *e)
{
    struct planned p = {0};
    *out = (struct apply_report){.dry_run = true, .end = APPLY_PREVIEWED};
    bool ok = plan_again(r, NULL, ~0u, a, &p, e) && begin_report(&p.plan, a, out, e);
    out->location = r->location;
    planned_done(&p);
    return ok;
}

/* ---- ends ----------------------------------------------------------------------------------- */

static void say(struct applying *ap, enum apply_end end, const char *why)
{
    ap->report->end = end;
    ap->report->why = str_dup(ap->a, str_of(why));
}

/* Something failed after the first write may have been made: all goes back. */
static void back(struct applying *ap, const struct err *why)
{
    struct err e = {0};
    bool fit;
    if (ap->report->end == APPLY_INTERRUPTED) {
        say(ap, APPLY_INTERRUPTED, "interrupted before all was in place");
        return;
    }
    bool ok = apply_take_back(ap, str_of(why->text), &fit, &e);
    if (ok && fit) {
        say(ap, APPLY_UNDONE, why->text);
        return;
    }
    ap->report->end = APPLY_BETWEEN;
    ap->report->why = ok ? str_fmt(ap->a, "%s; not taken back: values drifted meanwhile", why->text)
                         : str_fmt(ap->a, "%s; not taken back: %s", why->text, e.text);
}

/* Nothing was written: a new journal need not stay. */
static void forget(struct applying *ap)
{
    if (ap->report->resumed)
        return;
    (void)journal_remove(ap->journal, NULL);
    ap->report->journal = (struct str){NULL, 0};
}

/* ---- apply ---------------------------------------------------------------------------------- */

/* Which rule came out otherwise than predicted. */
static void name_difference(struct applying *ap, struct err *e)
{
    for (size_t i = 0; i < ap->report->verdict_count; i++) {
        const struct applied_verdict *v = &ap->report->verdicts[i];
        if (v->checked && v->found != v->predicted) {
            err_set(e, ERR_IO, 0, STR_FMT " is %s, predicted was %s", STR_ARG(v->rule),
                    verdict_name(v->found), verdict_name(v->predicted));
            return;
        }
    }
    err_set(e, ERR_IO, 0, "the verdicts are not those predicted");
}

static void post(struct applying *ap, const struct apply_request *r, const struct plan *p)
{
    struct err e = {0};
    if (!apply_post(ap, r, p, &e))
        say(ap, APPLY_UNREPORTED,
            str_fmt(ap->a, "not posted: %s; --resume posts again", e.text).ptr);
}

static void verify(struct applying *ap, const struct apply_request *r, const struct plan *p)
{
    struct err e = {0}, marking = {0};
    bool same = false;
    if (apply_verify(ap, &r->plan, p, &same, &e) && !same)
        name_difference(ap, &e);
    if (!same) {
        (void)journal_mark(ap->journal, JOURNAL_FAILED, str_of(e.text), NULL);
        back(ap, &e);
        return;
    }
    say(ap, APPLY_VERIFIED, "");
    if (!journal_mark(ap->journal, JOURNAL_VERIFIED, (struct str){NULL, 0}, &marking)) {
        say(ap, APPLY_UNREPORTED,
            str_fmt(ap->a, "the journal could not note it: %s", marking.text).ptr);
        return;
    }
    post(ap, r, p);
}

enum written { WRITTEN_NOT, WRITTEN_ALL, WRITTEN_FAILED };

/* False with `e`: nothing was written. */
static bool write_plan(struct applying *ap, struct writer *w, enum written *out,
                       struct err *failure, struct err *e)
{
    struct comparison now;
    if (!apply_compare(ap, w, &now, e))
        return false;
    if (!now.fit) {
        say(ap, APPLY_REFUSED, "drifted: nothing was written");
        return true;
    }
    if (journal_state(ap->journal) == JOURNAL_WRITTEN && !now.pending) {
        *out = WRITTEN_ALL;
        return true;
    }
    if (!journal_mark(ap->journal, JOURNAL_WRITING, (struct str){NULL, 0}, e))
        return false;
    bool ok = apply_write(ap, w, failure) &&
              journal_mark(ap->journal, JOURNAL_WRITTEN, (struct str){NULL, 0}, failure);
    *out = ok ? WRITTEN_ALL : WRITTEN_FAILED;
    return true;
}

static bool write_and_verify(struct applying *ap, const struct apply_request *r,
                             const struct plan *p, struct err *e)
{
    struct writer *w;
    struct err failure = {0};
    enum written written = WRITTEN_NOT;
    if (!gate_apply(p, &r->plan.consent->gate, r->allowed, ap->journal, ap->data.time, r->backend,
                    &w, e))
        return false;
    bool ok = write_plan(ap, w, &written, &failure, e);
    writer_close(w);
    if (written == WRITTEN_ALL)
        verify(ap, r, p);
    if (written == WRITTEN_FAILED)
        back(ap, &failure);
    return ok;
}

/* A journal of a run that came to its end: is it still so? */
static bool still_verified(struct applying *ap, const struct apply_request *r, const struct plan *p,
                           struct host *h, struct err *e)
{
    bool same = false;
    for (size_t i = 0; i < ap->data.change_count; i++) {
        const struct change *c = &ap->data.changes[i].change;
        enum change_state state;
        if (!apply_state(h, c, ap->a, &state, e))
            return false;
        if (state != CHANGE_AFTER)
            return err_set(e, ERR_DRIFTED, 0,
                           "was applied and verified, but " STR_FMT "\\" STR_FMT
                           " is no more as it was written",
                           STR_ARG(c->key), STR_ARG(c->name));
    }
    if (apply_verify(ap, &r->plan, p, &same, e) && !same)
        name_difference(ap, e);
    if (!same)
        return false;
    for (size_t i = 0; i < ap->report->action_count; i++)
        ap->report->actions[i].outcome = APPLIED_KEPT;
    say(ap, APPLY_VERIFIED, "");
    post(ap, r, p);
    return true;
}

/* The journal's form of the plan, new or as it was begun. */
static bool prepare(struct applying *ap, const struct apply_request *r, const struct planned *p,
                    struct err *e)
{
    enum journal_state s = journal_state(ap->journal);
    if (s == JOURNAL_EMPTY || s == JOURNAL_BEGUN)
        return apply_journal_data(&p->plan, r->plan.location, ap->a, &ap->data, e) &&
               apply_stage(ap, r, &p->plan, p->host, e) &&
               (journal_prepare(ap->journal, &ap->data, e) || err_prefix(e, r->journal));
    struct journal_data again;
    if (!apply_journal_data(&p->plan, r->plan.location, ap->a, &again, e))
        return false;
    /* What the journal says is what the digest stands for, or the digest would differ; counts tell
     * a journal whose plan was the same and whose changes are not. */
    if (again.change_count != ap->data.change_count || again.action_count != ap->data.action_count)
        return err_set(e, ERR_DENIED, 0, "the journal's changes are not those of the plan");
    for (size_t i = 0; i < again.change_count; i++) {
        const struct change *x = &again.changes[i].change, *y = &ap->data.changes[i].change;
        if (!str_eq(x->key, y->key) || !str_eq(x->name, y->name) ||
            !reg_image_equal(&x->before, &y->before) || !reg_image_equal(&x->after, &y->after))
            return err_set(e, ERR_DENIED, 0, "the journal's changes are not those of the plan");
    }
    return apply_stage(ap, r, &p->plan, p->host, e);
}

static void finish(struct applying *ap)
{
    ap->report->journal_state = str_of(journal_state_name(journal_state(ap->journal)));
    snprintf(ap->report->journal_id, sizeof ap->report->journal_id, "%s", journal_id(ap->journal));
}

static bool run(struct applying *ap, const struct apply_request *r, const struct planned *p,
                struct err *e)
{
    bool ok;
    if (!prepare(ap, r, p, e)) {
        forget(ap);
        return false;
    }
    if (journal_state(ap->journal) == JOURNAL_VERIFIED) {
        ok = still_verified(ap, r, &p->plan, p->host, e);
    } else if (journal_state(ap->journal) == JOURNAL_FAILED) {
        back(ap, &(struct err){.text = "verification failed before"});
        ok = true;
    } else {
        ok = write_and_verify(ap, r, &p->plan, e);
    }
    finish(ap);
    enum journal_state s = journal_state(ap->journal);
    if (s == JOURNAL_PREPARED && (!ok || ap->report->end == APPLY_REFUSED))
        forget(ap);
    return ok;
}

/* A journal to go on with: of this plan and target, and not on its way back. */
static bool resumable(const struct apply_request *r, const struct journal_data *d, struct err *e)
{
    const struct gate_consent *c = &r->plan.consent->gate;
    if (d->state <= JOURNAL_BEGUN)
        return true;
    if (strcmp(d->target, c->target) != 0)
        return err_set(e, ERR_DENIED, 0, "the journal belongs to another target");
    if (strcmp(d->plan, c->digest) != 0)
        return err_set(e, ERR_DENIED, 0, "the journal belongs to another plan");
    if (d->state == JOURNAL_UNDOING)
        return err_set(e, ERR_DENIED, 0, "it is being undone: go on with undo");
    if (d->state == JOURNAL_UNDONE)
        return err_set(e, ERR_DENIED, 0, "it was undone: apply the plan with a new journal");
    return true;
}

static bool open_journal(struct applying *ap, const struct apply_request *r, struct err *e)
{
    bool ok = r->resume ? journal_open(r->journal, ap->a, &ap->data, &ap->journal, e)
                        : journal_create(r->journal, &ap->journal, e);
    if (ok && !resumable(r, &ap->data, e)) {
        journal_close(ap->journal);
        ok = false;
    }
    if (ok)
        ap->report->journal = str_of(r->journal);
    return ok || err_prefix(e, r->journal);
}

bool engine_apply(const struct apply_request *r, struct arena *a, struct apply_report *out,
                  struct err *e)
{
    struct planned p = {0};
    struct applying ap = {.target = r->plan.target, .backend = r->backend, .a = a, .report = out};
    *out = (struct apply_report){.resumed = r->resume};
    /* A journal that exists tells what the plan has to be compared with; a new one is made only for
     * a plan that may be applied. */
    if (r->resume && !open_journal(&ap, r, e))
        return false;
    bool ok = plan_again(&r->plan, ap.data.state >= JOURNAL_PREPARED ? &ap.data : NULL, r->allowed,
                         a, &p, e) &&
              begin_report(&p.plan, a, out, e);
    if (ok && out->action_count && (r->resume || open_journal(&ap, r, e)))
        ok = run(&ap, r, &p, e);
    else
        ok = ok && !out->action_count;
    out->location = r->plan.location;
    journal_close(ap.journal);
    planned_done(&p);
    return ok;
}
