/* `undo`: what a journal says, back. */
#include "engine/apply_part.h"

static bool begin_report(struct applying *ap, const struct undo_request *r, struct err *e)
{
    struct apply_report *out = ap->report;
    const struct journal_data *d = &ap->data;
    memcpy(out->plan, d->plan, sizeof out->plan);
    memcpy(out->target, d->target, sizeof out->target);
    memcpy(out->journal_id, d->id, sizeof out->journal_id);
    out->tool_version = d->tool;
    out->journal = str_of(r->journal);
    out->location = d->location;
    out->actions = ARENA_ARRAY(ap->a, d->action_count + 1, struct applied_action);
    ap->location = arena_strdup(ap->a, d->location.ptr ? d->location.ptr : "", d->location.len);
    if (!out->actions || !ap->location)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    for (size_t i = 0; i < d->action_count; i++)
        out->actions[out->action_count++] = (struct applied_action){
            .kind = d->actions[i].kind, .title = d->actions[i].title, .outcome = APPLIED_NOT};
    return true;
}

/* Of a journal that was never prepared, or was undone: every value that it names has to be as it
 * was before, or it does not tell the whole story. */
static bool nothing_to_do(struct applying *ap, struct err *e)
{
    struct host *h;
    if (ap->data.state == JOURNAL_EMPTY)
        return true;
    if (!ap->target->open(ap->target->context, ap->location, 0, &h, e))
        return false;
    char target[SHA256_HEX];
    bool ok = plan_target_id(h, ap->a, target, e);
    if (ok && strcmp(target, ap->data.target) != 0)
        ok = err_set(e, ERR_DENIED, 0, "the journal belongs to another target");
    ok = ok && apply_all_before(h, &ap->data, ap->a, e);
    host_close(h);
    if (!ok && ap->data.state == JOURNAL_UNDONE)
        err_prefix(e, "was undone already");
    return ok;
}

static bool take_back(struct applying *ap, struct err *e)
{
    struct apply_report *out = ap->report;
    struct err failure = {0};
    bool fit;
    if (apply_take_back(ap, (struct str){NULL, 0}, &fit, &failure)) {
        out->end = fit ? APPLY_REVERTED : APPLY_REFUSED;
        if (!fit)
            out->why = STR("drifted: nothing was written");
        return true;
    }
    /* Before UNDOING is noted nothing is touched. */
    if (journal_state(ap->journal) != JOURNAL_UNDOING)
        return err_set(e, failure.kind, failure.at, "%s", failure.text);
    if (out->end != APPLY_INTERRUPTED)
        out->end = APPLY_BETWEEN;
    out->why = str_dup(ap->a, str_of(failure.text));
    return true;
}

bool engine_undo(const struct undo_request *r, struct arena *a, struct apply_report *out,
                 struct err *e)
{
    struct applying ap = {.target = r->target, .backend = r->backend, .a = a, .report = out};
    *out = (struct apply_report){.undo = true, .end = APPLY_REVERTED};
    if (!journal_open(r->journal, a, &ap.data, &ap.journal, e))
        return err_prefix(e, r->journal);
    bool ok = begin_report(&ap, r, e);
    enum journal_state s = journal_state(ap.journal);
    if (ok && (s <= JOURNAL_BEGUN || s == JOURNAL_UNDONE)) {
        ok = nothing_to_do(&ap, e);
        out->why = STR("there was nothing to take back");
    } else if (ok) {
        ok = take_back(&ap, e);
    }
    out->journal_state = str_of(journal_state_name(journal_state(ap.journal)));
    journal_close(ap.journal);
    return ok;
}
