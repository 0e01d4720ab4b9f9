/* roots.refresh: once for all rules that ask for it. */
#include "actions/roots.h"
#include "engine/plan_part.h"
#include "host/overlay.h"

/* A new list may name roots that no list of the host could. */
enum { PASSES = 3 };

static bool for_each_rule(struct planning *p, const struct refresh_request *q, struct str why)
{
    for (size_t i = 0; i < q->count; i++)
        if (!planning_manual(p, q->rules[i], q->text, why))
            return false;
    return true;
}

static bool gather(struct session *s, const struct refresh_request *q, struct needed_roots *out)
{
    for (size_t i = 0; i < q->count; i++) {
        const struct evaluation v = session_evaluation(s, q->rules[i]);
        if (q->rules[i]->want && !needed_of(&v, q->rules[i]->want, out))
            return false;
    }
    return true;
}

/* Which roots are needed once the lists are there. */
static bool gather_then(struct planning *p, const struct refresh_request *q, const struct action *x,
                        struct needed_roots *out)
{
    const struct change **changes = ARENA_ARRAY(p->a, x->change_count + 1, const struct change *);
    struct host *overlay = NULL;
    struct session then;
    for (size_t i = 0; changes && i < x->change_count; i++)
        changes[i] = &x->changes[i];
    if (!changes || !host_overlay(p->now.host, changes, x->change_count, &overlay, p->e))
        return err_set(p->e, ERR_NOMEM, 0, "no memory for the plan");
    bool ok = session_begin(p->catalogue, overlay, p->a, &then, p->e);
    if (ok) {
        then.judge.below = &p->now.judge;
        ok = gather(&then, q, out) || err_set(p->e, ERR_NOMEM, 0, "no memory for the plan");
        session_end(&then);
    }
    host_close(overlay);
    return ok;
}

struct refreshing {
    struct planning *p;
    const struct refresh_request *q;
    struct roots_source *source;
    struct trust *trust;
    struct needed_roots needed;
    struct action action;
    struct str refused; /* why the source's lists cannot be used on this host */
};

static bool refresh_once(struct refreshing *r)
{
    struct planning *p = r->p;
    struct err e = {0};
    r->action = (struct action){.kind = ACTION_ROOTS_REFRESH};
    if (roots_refresh(r->source, r->trust, p->now.host, r->needed.items, r->needed.count,
                      host_reference(p->now.host)->time, p->a, &r->action, &e))
        return true;
    r->refused = str_dup(p->a, str_of(e.text));
    return e.kind != ERR_NOMEM || err_set(p->e, e.kind, 0, "%s", e.text);
}

static bool refresh(struct refreshing *r)
{
    if (!gather(&r->p->now, r->q, &r->needed))
        return err_set(r->p->e, ERR_NOMEM, 0, "no memory for the plan");
    for (int pass = 0; pass < PASSES; pass++) {
        size_t before = r->needed.count;
        if (!refresh_once(r))
            return false;
        if (r->refused.len || !r->action.change_count)
            return true;
        if (!gather_then(r->p, r->q, &r->action, &r->needed))
            return false;
        if (r->needed.count == before)
            return true;
    }
    return true;
}

static bool with_source(struct refreshing *r)
{
    struct planning *p = r->p;
    struct err e = {0};
    r->trust = judge_open(&p->now.judge, &e);
    if (!r->trust)
        return for_each_rule(p, r->q, str_dup(p->a, str_of(e.text)));
    if (!refresh(r))
        return false;
    if (r->refused.len)
        return for_each_rule(p, r->q, r->refused);
    if (!r->action.change_count)
        return for_each_rule(p, r->q,
                             r->action.note.len
                                 ? r->action.note
                                 : STR("lists and roots are the source's already, and the rule "
                                       "fails all the same"));
    r->action.rules = r->q->rules;
    r->action.rule_count = r->q->count;
    return planning_add(p, &r->action);
}

/* Only "root-dir-url" is looked up on the host. */
static bool find_source(struct planning *p, struct roots_options *o, struct err *e)
{
    if (!str_eq(o->source, STR("root-dir-url")))
        return true;
    const struct trust *t = judge_open(&p->now.judge, e);
    return t &&
           roots_source_of(o->source, host_info(p->now.host), trust_state(t), p->a, &o->source, e);
}

bool planning_roots(struct planning *p, const struct refresh_request *q)
{
    const struct plan_options *o = p->options;
    struct refreshing r = {.p = p, .q = q, .needed = {.a = p->a}};
    struct roots_options options = {.source = o->roots_source,
                                    .list_roots = o->list_roots,
                                    .list_root_count = o->list_root_count};
    struct err e = {0};
    if (!q->count)
        return true;
    if (!o->roots_source.len)
        return for_each_rule(p, q,
                             STR("no source of roots is named (--set roots.source=DIR, URL "
                                 "or windows-update)"));
    if (!find_source(p, &options, &e) || !roots_source_open(&options, &r.source, &e))
        return err_set(p->e, e.kind, 0, "roots.source: %s", e.text);
    bool ok = with_source(&r);
    roots_source_close(r.source);
    return ok;
}
