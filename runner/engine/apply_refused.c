/* Why a plan is another one now than the one that was consented to.  Explains only: what refuses is
 * the digest. */
#include "engine/apply_part.h"

#include "base/utf16.h"

static const struct plan_policy *policy_of(const struct plan *p, struct str id)
{
    for (size_t i = 0; i < p->policy_count; i++)
        if (str_eq(p->policies[i].id, id))
            return &p->policies[i];
    return NULL;
}

static bool policies_differ(const struct plan *p, const struct consent *c, struct err *e)
{
    for (size_t i = 0; i < c->policy_count; i++) {
        const struct plan_policy *was = &c->policies[i], *is = policy_of(p, was->id);
        if (!is)
            return !err_set(e, ERR_DENIED, 0, "policy " STR_FMT " of the plan is not there",
                            STR_ARG(was->id));
        if (strcmp(was->sha256, is->sha256) != 0)
            return !err_set(e, ERR_DENIED, 0, "policy " STR_FMT " was changed since the plan",
                            STR_ARG(was->id));
    }
    return false;
}

static const struct change *change_of(const struct plan *p, const struct change *c)
{
    for (size_t i = 0; i < p->action_count; i++)
        for (size_t k = 0; k < p->actions[i].change_count; k++) {
            const struct change *have = &p->actions[i].changes[k];
            if (str_ieq(have->key, c->key) && str_ieq(have->name, c->name))
                return have;
        }
    return NULL;
}

static bool value_differs(const struct plan *p, const struct change *was, struct arena *a,
                          struct host *h, struct err *e)
{
    enum change_state state;
    struct err unread = {0};
    const struct change *is = change_of(p, was);
    if (is && reg_image_equal(&is->before, &was->before))
        return false;
    if (!apply_state(h, was, a, &state, &unread) || state == CHANGE_BEFORE)
        return false;
    if (state == CHANGE_AFTER)
        return !err_set(e, ERR_DRIFTED, 0, STR_FMT "\\" STR_FMT " is as planned already",
                        STR_ARG(was->key), STR_ARG(was->name));
    return !err_set(e, ERR_DRIFTED, 0,
                    "drifted: " STR_FMT "\\" STR_FMT " was changed since the plan",
                    STR_ARG(was->key), STR_ARG(was->name));
}

void apply_why_differs(const struct plan *p, const struct consent *c, struct arena *a,
                       struct host *h, struct err *e)
{
    if (strcmp(p->target_id, c->gate.target) != 0 || strcmp(p->digest, c->gate.digest) == 0 ||
        policies_differ(p, c, e))
        return;
    for (size_t i = 0; i < c->change_count; i++)
        if (value_differs(p, &c->changes[i], a, h, e))
            return;
}
