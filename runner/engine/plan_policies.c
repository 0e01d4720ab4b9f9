/* Which policies a plan rests on. */
#include "engine/plan_part.h"

bool planning_policies(struct planning *p)
{
    const struct catalogue *c = p->catalogue;
    p->out->policies = ARENA_ARRAY(p->a, c->policy_count + 1, struct plan_policy);
    if (!p->out->policies)
        return err_set(p->e, ERR_NOMEM, 0, "no memory for the plan");
    for (size_t i = 0; i < c->policy_count; i++) {
        const struct policy *one = c->policies[i];
        struct plan_policy *out = &p->out->policies[p->out->policy_count++];
        out->id = one->id;
        out->path = one->builtin ? (struct str){NULL, 0} : one->file;
        memcpy(out->sha256, one->sha256, sizeof out->sha256);
    }
    return true;
}
