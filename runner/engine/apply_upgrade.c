/* What is done beside the registry: packages staged before anything is written, documents posted
 * after all is verified. */
#include "engine/apply_part.h"

#include "actions/upgrade.h"

static struct str detail(const struct action *a, const char *name)
{
    const struct value *v = value_get(&a->details, name);
    return v && v->kind == VALUE_TEXT ? v->text : (struct str){NULL, 0};
}

static bool stage_one(struct applying *ap, const struct apply_request *r,
                      const struct action *action, struct trust *t, struct applied_action *out,
                      struct err *e)
{
    struct upgrade_staged staged = {0};
    struct upgrade_staging s = {.source = r->plan.options->upgrade_source,
                                .stage = r->plan.options->upgrade_stage,
                                .package = detail(action, "package"),
                                .sha256 = detail(action, "sha256"),
                                .trust = t};
    if (!upgrade_stage(&s, ap->a, &staged, e)) {
        out->outcome = APPLIED_FAILED;
        out->why = str_dup(ap->a, str_of(e->text));
        return false;
    }
    out->outcome = staged.present ? APPLIED_KEPT : APPLIED_DONE;
    out->note = str_fmt(ap->a, "staged as " STR_FMT "; signature: " STR_FMT, STR_ARG(staged.path),
                        STR_ARG(staged.signature));
    return true;
}

bool apply_stage(struct applying *ap, const struct apply_request *r, const struct plan *p,
                 struct host *h, struct err *e)
{
    struct trust *t = NULL;
    bool ok = true;
    for (size_t i = 0; ok && i < p->action_count; i++) {
        if (p->actions[i].kind != ACTION_UPGRADE_STAGE)
            continue;
        ok = (t || trust_open(h, &r->plan.catalogue->trust, &t, e)) &&
             stage_one(ap, r, &p->actions[i], t, &ap->report->actions[i], e);
    }
    if (t)
        trust_close(t);
    return ok;
}

bool apply_post(struct applying *ap, const struct apply_request *r, const struct plan *p,
                struct err *e)
{
    bool all = true;
    for (size_t i = 0; r->upgrade_post.len && i < p->action_count; i++) {
        struct applied_action *out = &ap->report->actions[i];
        struct err one = {0};
        if (p->actions[i].kind != ACTION_UPGRADE_FLAG || ap->data.actions[i].posted)
            continue;
        if (upgrade_post(r->upgrade_post, p, &p->actions[i], &one) &&
            journal_posted(ap->journal, i, &one)) {
            out->note = STR("posted");
            continue;
        }
        out->note = str_fmt(ap->a, "not posted: %s", one.text);
        all = err_set(e, one.kind, 0, "%s", one.text);
    }
    return all;
}
