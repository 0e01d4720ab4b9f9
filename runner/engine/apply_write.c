/* Writing and taking back, through the writer that the gate made. */
#include "engine/apply_part.h"

#include "base/wtime.h"

static struct str value_name(struct arena *a, const struct change *c)
{
    return str_fmt(a, STR_FMT "\\" STR_FMT, STR_ARG(c->key), STR_ARG(c->name));
}

static void set_outcome(struct applying *ap, size_t action, enum applied_outcome o, struct str why)
{
    struct applied_action *to = &ap->report->actions[action];
    to->outcome = o;
    to->why = why;
}

static bool staging(const struct applying *ap, size_t action)
{
    return ap->data.actions[action].kind == ACTION_UPGRADE_STAGE;
}

static void drifted(struct applying *ap, const struct journal_change *jc)
{
    set_outcome(ap, jc->action, APPLIED_DRIFTED, value_name(ap->a, &jc->change));
}

bool apply_compare(struct applying *ap, struct writer *w, struct comparison *out, struct err *e)
{
    struct arena scratch;
    bool ok = true;
    *out = (struct comparison){.fit = true};
    arena_init(&scratch, ARENA_DEFAULT_CAP);
    for (size_t i = 0; ok && i < ap->data.change_count; i++) {
        const struct journal_change *jc = &ap->data.changes[i];
        struct applied_action *action = &ap->report->actions[jc->action];
        enum change_state state;
        arena_reset(&scratch);
        ok = writer_state(w, &jc->change, &scratch, &state, e);
        if (!ok)
            break;
        if (state == CHANGE_DRIFTED) {
            out->fit = false;
            drifted(ap, jc);
        } else if (state == CHANGE_BEFORE) {
            out->pending = true;
            if (action->outcome == APPLIED_KEPT)
                action->outcome = APPLIED_NOT;
        }
    }
    arena_done(&scratch);
    return ok;
}

static bool stopped(const struct applying *ap, struct err *e)
{
    if (!ap->target->stop || !ap->target->stop(ap->target->context))
        return false;
    err_set(e, ERR_IO, 0, "interrupted");
    ap->report->end = APPLY_INTERRUPTED;
    return true;
}

bool apply_write(struct applying *ap, struct writer *w, struct err *e)
{
    for (size_t i = 0; i < ap->data.change_count; i++) {
        const struct journal_change *jc = &ap->data.changes[i];
        if (stopped(ap, e))
            return false;
        if (!writer_apply(w, &jc->change, e)) {
            set_outcome(ap, jc->action, e->kind == ERR_DRIFTED ? APPLIED_DRIFTED : APPLIED_FAILED,
                        value_name(ap->a, &jc->change));
            return false;
        }
    }
    if (stopped(ap, e) || !writer_commit(w, e))
        return false;
    for (size_t i = 0; i < ap->data.action_count; i++)
        if (ap->report->actions[i].outcome == APPLIED_NOT && !staging(ap, i))
            set_outcome(ap, i, APPLIED_DONE, (struct str){NULL, 0});
    return true;
}

/* ---- taking back ---------------------------------------------------------------------------- */

static bool revert_all(struct applying *ap, struct writer *w, struct err *e)
{
    for (size_t i = ap->data.change_count; i-- > 0;) {
        if (stopped(ap, e))
            return false;
        if (!writer_revert(w, &ap->data.changes[i].change, e))
            return false;
    }
    return !stopped(ap, e) && writer_commit(w, e);
}

/* Nothing is noted before the target is open and every value compared. */
static bool revert(struct applying *ap, const char *target, struct str why, bool *fit,
                   struct err *e)
{
    struct writer *w;
    struct comparison now;
    if (!gate_undo(target, ap->journal, wtime_now(), ap->backend, &w, e))
        return false;
    bool ok = apply_compare(ap, w, &now, e);
    *fit = now.fit;
    if (ok && now.fit)
        ok = journal_mark(ap->journal, JOURNAL_UNDOING, why, e) && revert_all(ap, w, e);
    writer_close(w);
    return ok;
}

/* What can be told without a writer. */
struct look {
    char target[SHA256_HEX];
    bool fit, all_before;
};

static bool compare_host(struct applying *ap, struct host *h, struct arena *scratch,
                         struct look *out, struct err *e)
{
    out->fit = true;
    for (size_t i = 0; i < ap->data.change_count; i++) {
        enum change_state state;
        arena_reset(scratch);
        if (!apply_state(h, &ap->data.changes[i].change, scratch, &state, e))
            return false;
        if (state == CHANGE_DRIFTED) {
            out->fit = false;
            drifted(ap, &ap->data.changes[i]);
        }
    }
    return true;
}

static bool look(struct applying *ap, struct look *out, struct err *e)
{
    struct host *h;
    struct arena scratch;
    if (!ap->target->open(ap->target->context, ap->location, 0, &h, e))
        return false;
    arena_init(&scratch, ARENA_DEFAULT_CAP);
    bool ok = plan_target_id(h, &scratch, out->target, e);
    if (ok && strcmp(out->target, ap->data.target) != 0)
        ok = err_set(e, ERR_DENIED, 0,
                     "the journal belongs to another target (%.16s..., this is %.16s...)",
                     ap->data.target, out->target);
    ok = ok && compare_host(ap, h, &scratch, out, e);
    if (ok)
        out->all_before = apply_all_before(h, &ap->data, &scratch, &(struct err){0});
    arena_done(&scratch);
    host_close(h);
    return ok;
}

static void all_undone(struct applying *ap)
{
    for (size_t i = 0; i < ap->data.action_count; i++)
        if (ap->report->actions[i].outcome != APPLIED_FAILED)
            set_outcome(ap, i, staging(ap, i) ? APPLIED_KEPT : APPLIED_UNDONE,
                        (struct str){NULL, 0});
}

bool apply_take_back(struct applying *ap, struct str why, bool *fit, struct err *e)
{
    struct look first, last;
    struct err writing = {0};
    *fit = true;
    if (!look(ap, &first, e))
        return false;
    *fit = first.fit;
    if (!first.fit)
        return true;
    bool ok = revert(ap, first.target, why, fit, &writing);
    if (ok && !*fit)
        return true;
    /* What could not be opened for writing may never have been written: a full disk, a read-only
     * target.  Then there is nothing to take back. */
    if (!ok && (ap->report->end == APPLY_INTERRUPTED || !first.all_before))
        return err_set(e, writing.kind, writing.at, "%s", writing.text);
    if (!look(ap, &last, e))
        return false;
    if (!last.all_before)
        return err_set(e, ERR_IO, 0, "written, but not every value is as it was before");
    if ((!ok && !journal_mark(ap->journal, JOURNAL_UNDOING, why, e)) ||
        !journal_mark(ap->journal, JOURNAL_UNDONE, (struct str){NULL, 0}, e))
        return false;
    all_undone(ap);
    return true;
}
