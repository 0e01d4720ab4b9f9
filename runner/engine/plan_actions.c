/* Remedies of failed rules as actions; all else as steps for a person, with the reason. */
#include "engine/plan_part.h"

struct step {
    struct planning *p;
    struct evaluation v;
    struct action_request request;
    struct action_list *out; /* of this remedy alone */
};

/* ---- one remedy ------------------------------------------------------------------------------ */

static void read_product(struct step *s)
{
    const struct product_def *def = product_find(s->v.catalogue, s->request.remedy->product);
    if (!def)
        return;
    const struct product_fact *fact = product_read(&s->v, def);
    char version[VERSION_TEXT];
    s->request.product = def->name;
    if (fact->state == PRODUCT_INSTALLED || fact->state == PRODUCT_CONFLICT)
        s->request.have = str_dup(s->p->a, str_of(version_format(fact->version, version)));
}

static void read_growth(struct step *s)
{
    enum { MOST_DAYS = 36500 };
    const struct value *days = request_arg(&s->request, "window_days");
    if (days && days->kind == VALUE_INT && days->integer > 0)
        s->request.log_bytes =
            capacity_needed(&s->v, request_text(&s->request, "channel"),
                            days->integer > MOST_DAYS ? MOST_DAYS : (uint64_t)days->integer);
}

static bool make(struct step *s)
{
    const struct action_request *q = &s->request;
    switch (q->remedy->kind) {
    case REMEDY_REGISTRY_SET:
        return action_registry_set(q, s->out);
    case REMEDY_REGISTRY_DELETE:
        return action_registry_delete_value(q, s->out);
    case REMEDY_EVENTLOG_SIZE:
        read_growth(s);
        return action_eventlog_size(q, s->out);
    case REMEDY_CERTIFICATE_ADD:
        return action_certificate_add(q, s->out);
    case REMEDY_CERTIFICATE_REMOVE:
        return action_certificate_remove(q, s->out);
    case REMEDY_SERVICE_START:
        return action_service_start(q, s->out);
    case REMEDY_UPGRADE:
        read_product(s);
        return action_upgrade_flag(q, s->out);
    case REMEDY_UPGRADE_STAGE:
        read_product(s);
        return action_upgrade_stage(q, s->out);
    default:
        action_refuse(s->out, STR("this version cannot do it"));
        return true;
    }
}

static bool no_memory(struct planning *p)
{
    return err_set(p->e, ERR_NOMEM, 0, "no memory for the plan");
}

static bool take(struct planning *p, const struct action_list *made)
{
    struct action_list *all = &p->actions;
    if (all->cap - all->count < made->count) {
        size_t cap = 2 * (all->count + made->count);
        struct action *items = ARENA_ARRAY(p->a, cap, struct action);
        if (!items)
            return false;
        if (all->count)
            memcpy(items, all->items, all->count * sizeof *items);
        all->items = items;
        all->cap = cap;
    }
    for (size_t i = 0; i < made->count; i++)
        all->items[all->count++] = made->items[i];
    return true;
}

bool planning_add(struct planning *p, const struct action *x)
{
    struct action copy = *x;
    const struct action_list one = {.items = &copy, .count = 1};
    return take(p, &one) || no_memory(p);
}

/* Nothing was made and nothing refused: why the rule fails all the same. */
static struct str idle_reason(const struct remedy *m)
{
    if (m->kind == REMEDY_UPGRADE)
        return STR("it is recorded that the upgrade is due; installing it is not rectify's work");
    if (m->kind == REMEDY_UPGRADE_STAGE)
        return STR("the package is staged; installing it is not rectify's work");
    return STR("this is so already, and the rule fails all the same");
}

/* A remedy that only counts where a want holds.  False: it does not. */
static bool concerns(const struct evaluation *v, const struct remedy *m)
{
    if (!m->where)
        return true;
    struct result condition = result_new(v);
    want_evaluate(v, m->where, 0, &condition);
    return condition.verdict == VERDICT_PASS;
}

struct tally {
    size_t made, idle; /* actions; remedies whose state is so already */
    const struct remedy *first_idle;
};

/* Files that are wrong in another way than by a missing root are not mended by roots. */
static bool roots_could_help(struct planning *p, const struct rule *rule, bool *yes)
{
    struct needed_roots needed = {.a = p->a};
    const struct evaluation v = session_evaluation(&p->now, rule);
    bool ok = !rule->want || needed_of(&v, rule->want, &needed);
    *yes = !rule->want || needed.lists || needed.incomplete;
    return ok || no_memory(p);
}

static bool ask_refresh(struct planning *p, const struct rule *rule, struct str text)
{
    struct refresh_request *q = &p->refresh;
    bool yes;
    if (!roots_could_help(p, rule, &yes))
        return false;
    if (!yes)
        return planning_manual(p, rule, text, STR("none of the files lacks its root"));
    if (!q->rules)
        q->rules = ARENA_ARRAY(p->a, p->catalogue->selected_count + 1, const struct rule *);
    if (!q->rules)
        return no_memory(p);
    q->text = text;
    if (!q->count || q->rules[q->count - 1] != rule)
        q->rules[q->count++] = rule;
    return true;
}

static bool one_remedy(struct planning *p, const struct rule *rule, const struct remedy *m,
                       struct tally *t)
{
    struct step s = {.p = p, .v = session_evaluation(&p->now, rule)};
    struct action_list list = {0};
    struct str text = remedy_text(&s.v, m);
    if (m->kind == REMEDY_MANUAL)
        return planning_manual(p, rule, text, STR("the policy leaves it to a person"));
    if (!concerns(&s.v, m))
        return true;
    if (m->kind == REMEDY_ROOTS_REFRESH) {
        t->made++; /* or a step that says why not */
        return ask_refresh(p, rule, text);
    }
    s.out = &list;
    s.request = (struct action_request){.host = p->now.host,
                                        .rule = rule,
                                        .remedy = m,
                                        .a = p->a,
                                        .stage = p->options->upgrade_stage,
                                        .unstaged = p->options->unstaged,
                                        .unstaged_count = p->options->unstaged_count,
                                        .source = p->options->upgrade_source};
    if (!make(&s) || !take(p, &list))
        return no_memory(p);
    t->made += list.count;
    if (list.why.len)
        return planning_manual(p, rule, text, list.why);
    if (!list.count && !t->idle++)
        t->first_idle = m;
    return true;
}

/* ---- one rule -------------------------------------------------------------------------------- */

static bool failed(struct planning *p, const struct result *r)
{
    struct tally t = {0};
    for (size_t i = 0; i < r->rule->remedy_count; i++)
        if (!one_remedy(p, r->rule, &r->rule->remedies[i], &t))
            return false;
    if (!r->rule->remedy_count)
        return planning_manual(p, r->rule, r->message, STR("the policy names no repair"));
    if (t.made || !t.idle)
        return true;
    const struct evaluation v = session_evaluation(&p->now, r->rule);
    return planning_manual(p, r->rule, remedy_text(&v, t.first_idle), idle_reason(t.first_idle));
}

static bool undecided(struct planning *p, const struct result *r)
{
    struct str why = str_fmt(
        p->a, "the rule's verdict is %s (" STR_FMT "): nothing is changed on what is not certain",
        verdict_name(r->verdict), STR_ARG(r->message));
    return planning_manual(p, r->rule, r->remedy_count ? r->remedies[0] : r->message, why);
}

bool planning_actions(struct planning *p)
{
    const struct run_report *now = &p->out->now;
    for (size_t i = 0; i < now->result_count; i++) {
        const struct result *r = &now->results[i];
        bool ok = true;
        if (r->verdict == VERDICT_FAIL)
            ok = failed(p, r);
        else if (r->verdict == VERDICT_UNKNOWN || r->verdict == VERDICT_CONFLICT ||
                 r->verdict == VERDICT_ERROR)
            ok = undecided(p, r);
        if (!ok)
            return false;
    }
    return planning_roots(p, &p->refresh);
}
