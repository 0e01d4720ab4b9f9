#include "actions/gate.h"

#include "actions/writer_part.h"

/* "certificates, eventlog" */
static void name_missing(unsigned missing, struct sb *out)
{
    for (unsigned i = 0; i < AUTHORITIES; i++)
        if (missing >> i & 1)
            sb_printf(out, "%s%s", out->len ? "," : "", authority_name((enum authority)(1u << i)));
}

static bool check_authorities(const struct plan *p, unsigned allowed, struct err *e)
{
    unsigned needed = 0;
    for (size_t i = 0; i < p->action_count; i++)
        needed |= action_authority(p->actions[i].kind);
    if ((needed & ~allowed) == 0)
        return true;
    struct sb missing;
    sb_init(&missing, 1024);
    name_missing(needed & ~allowed, &missing);
    err_set(e, ERR_DENIED, 0, "not allowed: the plan needs --allow %s",
            missing.ptr ? missing.ptr : "");
    sb_done(&missing);
    return false;
}

bool gate_check(const struct plan *recomputed, const struct gate_consent *consent, unsigned allowed,
                struct err *e)
{
    if (strcmp(recomputed->target_id, consent->target) != 0)
        return err_set(e, ERR_DENIED, 0,
                       "the plan was made for another target (%.16s..., this is %.16s...)",
                       consent->target, recomputed->target_id);
    if (strcmp(recomputed->digest, consent->digest) != 0)
        return err_set(e, ERR_DENIED, 0,
                       "the plan would be another one now (digest %.16s..., the plan file has "
                       "%.16s...)",
                       recomputed->digest, consent->digest);
    return check_authorities(recomputed, allowed, e);
}

static bool open_writer(const struct journal *journal, uint64_t time,
                        const struct gate_backend *backend, struct writer **out, struct err *e)
{
    struct writer *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (!backend->open(backend->context, journal_id(journal), time, &w->ops, &w->backend, e)) {
        free(w);
        return false;
    }
    *out = w;
    return true;
}

bool gate_apply(const struct plan *recomputed, const struct gate_consent *consent, unsigned allowed,
                const struct journal *journal, uint64_t time, const struct gate_backend *backend,
                struct writer **out, struct err *e)
{
    if (!gate_check(recomputed, consent, allowed, e))
        return false;
    enum journal_state s = journal ? journal_state(journal) : JOURNAL_EMPTY;
    if (s != JOURNAL_PREPARED && s != JOURNAL_WRITING && s != JOURNAL_WRITTEN)
        return err_set(e, ERR_DENIED, 0, "no journal is ready for this plan");
    if (strcmp(journal_plan(journal), recomputed->digest) != 0 ||
        strcmp(journal_target(journal), recomputed->target_id) != 0)
        return err_set(e, ERR_DENIED, 0, "the journal belongs to another plan or target");
    return open_writer(journal, time, backend, out, e);
}

bool gate_undo(const char *target, const struct journal *journal, uint64_t time,
               const struct gate_backend *backend, struct writer **out, struct err *e)
{
    enum journal_state s = journal_state(journal);
    if (s < JOURNAL_PREPARED || s == JOURNAL_UNDONE)
        return err_set(e, ERR_DENIED, 0, "no journal is ready for undoing");
    if (strcmp(journal_target(journal), target) != 0)
        return err_set(e, ERR_DENIED, 0,
                       "the journal belongs to another target (%.16s..., this is %.16s...)",
                       journal_target(journal), target);
    return open_writer(journal, time, backend, out, e);
}
