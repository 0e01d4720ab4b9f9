/* What several rules want of one value: once where they agree, not at all where they do not. */
#include "base/utf16.h"
#include "engine/plan_part.h"

/* An action that stays in the list so that later ones are compared with it, but is not done. */
struct refused {
    bool yes;
    struct str why;
};

struct merging {
    struct planning *p;
    struct action *kept;
    struct refused *refused; /* by index of `kept` */
    size_t count;
};

static bool same_target(const struct change *a, const struct change *b)
{
    return str_ieq(a->name, b->name) && str_ieq(a->key, b->key);
}

static const struct change *change_in(const struct action *x, const struct change *c)
{
    for (size_t i = 0; i < x->change_count; i++)
        if (same_target(&x->changes[i], c))
            return &x->changes[i];
    return NULL;
}

/* Every change of `part` is among those of `whole`. */
static bool contains(const struct action *whole, const struct action *part)
{
    for (size_t i = 0; i < part->change_count; i++) {
        const struct change *c = change_in(whole, &part->changes[i]);
        if (!c || !reg_image_equal(&c->after, &part->changes[i].after))
            return false;
    }
    return part->change_count > 0;
}

/* The first change that the two want otherwise. */
static const struct change *contrary(const struct action *a, const struct action *b,
                                     const struct change **other)
{
    for (size_t i = 0; i < b->change_count; i++) {
        const struct change *c = change_in(a, &b->changes[i]);
        if (c && !reg_image_equal(&c->after, &b->changes[i].after)) {
            *other = &b->changes[i];
            return c;
        }
    }
    return NULL;
}

static bool add_rules(struct merging *m, struct action *to, const struct action *from)
{
    const struct rule **rules =
        ARENA_ARRAY(m->p->a, to->rule_count + from->rule_count, const struct rule *);
    if (!rules)
        return false;
    memcpy(rules, to->rules, to->rule_count * sizeof *rules);
    size_t n = to->rule_count;
    for (size_t i = 0; i < from->rule_count; i++) {
        bool known = false;
        for (size_t k = 0; k < n; k++)
            known = known || rules[k] == from->rules[i];
        if (!known)
            rules[n++] = from->rules[i];
    }
    to->rules = rules;
    to->rule_count = n;
    return true;
}

/* ---- kinds of which the greater satisfies both ----------------------------------------------- */

static bool version_of(const struct change *c, struct arena *a, struct version *out)
{
    return version_parse(utf16z_to_utf8(a, c->after.data), out);
}

/* Larger than, when both actions are of such a kind and can be compared: 1, -1; 0: no order. */
static int order(struct merging *m, const struct action *a, const struct change *ca,
                 const struct action *b, const struct change *cb)
{
    struct version x, y;
    if (a->kind != b->kind || a->change_count != 1 || b->change_count != 1)
        return 0;
    if (a->kind == ACTION_EVENTLOG_SIZE)
        return load_u32(ca->after.data.ptr) > load_u32(cb->after.data.ptr) ? 1 : -1;
    if (a->kind == ACTION_UPGRADE_FLAG && version_of(ca, m->p->a, &x) &&
        version_of(cb, m->p->a, &y))
        return version_cmp(x, y) > 0 ? 1 : version_cmp(x, y) < 0 ? -1 : 0;
    return 0;
}

/* `a` does what `b` does, and stays where it is; its rules stay first. */
static bool replace(struct merging *m, struct action *a, const struct action *b)
{
    struct action both = *b;
    both.rules = a->rules;
    both.rule_count = a->rule_count;
    *a = both;
    return add_rules(m, a, b);
}

static void refuse(struct merging *m, size_t i, struct str why)
{
    if (!m->refused[i].yes)
        m->refused[i] = (struct refused){true, why};
}

static struct str contrary_text(struct merging *m, const struct action *a, const struct change *ca,
                                const struct action *b, const struct change *cb)
{
    struct arena *mem = m->p->a;
    return str_fmt(mem,
                   "contrary values: " STR_FMT " wants " STR_FMT " " STR_FMT " to be " STR_FMT
                   ", " STR_FMT " wants " STR_FMT,
                   STR_ARG(a->rules[0]->qualified), STR_ARG(ca->key),
                   STR_ARG(ca->name.len ? ca->name : STR("(default)")),
                   STR_ARG(reg_image_text(mem, &ca->after)), STR_ARG(b->rules[0]->qualified),
                   STR_ARG(reg_image_text(mem, &cb->after)));
}

/* Changes of `b` that `a` makes already. */
static void drop_doubles(const struct action *a, struct action *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->change_count; i++)
        if (!change_in(a, &b->changes[i]))
            b->changes[n++] = b->changes[i];
    b->change_count = n;
}

static bool same_package(const struct action *a, const struct action *b)
{
    return a->kind == b->kind && !a->change_count && !b->change_count &&
           value_eq(&a->details, &b->details);
}

enum outcome { APART, MERGED, REFUSED };

/* How `b` stands to a kept action. */
static bool meet(struct merging *m, size_t i, struct action *b, enum outcome *outcome,
                 struct str *why)
{
    struct action *a = &m->kept[i];
    const struct change *cb = NULL, *ca = contrary(a, b, &cb);
    *outcome = APART;
    if (ca) {
        int larger = order(m, a, ca, b, cb);
        *outcome = larger ? MERGED : REFUSED;
        if (larger)
            return larger > 0 ? add_rules(m, a, b) : replace(m, a, b);
        *why = contrary_text(m, a, ca, b, cb);
        refuse(m, i, *why);
    } else if (same_package(a, b) || contains(a, b)) {
        *outcome = MERGED;
        return add_rules(m, a, b);
    } else if (contains(b, a)) {
        *outcome = MERGED;
        return replace(m, a, b);
    } else {
        drop_doubles(a, b);
    }
    return true;
}

static bool merge_one(struct merging *m, struct action *b)
{
    struct str why = {NULL, 0};
    bool refused = false;
    for (size_t i = 0; i < m->count; i++) {
        enum outcome outcome;
        if (!meet(m, i, b, &outcome, &why))
            return false;
        if (outcome == MERGED)
            return true;
        refused = refused || outcome == REFUSED;
    }
    m->kept[m->count] = *b;
    m->refused[m->count].yes = false;
    if (refused)
        refuse(m, m->count, why);
    m->count++;
    return true;
}

static bool tell_refused(struct merging *m, size_t i)
{
    const struct action *x = &m->kept[i];
    for (size_t k = 0; k < x->rule_count; k++)
        if (!planning_manual(m->p, x->rules[k], x->title, m->refused[i].why))
            return false;
    return true;
}

bool planning_merge(struct planning *p)
{
    size_t most = p->actions.count;
    struct merging m = {.p = p,
                        .kept = ARENA_ARRAY(p->a, most + 1, struct action),
                        .refused = ARENA_ARRAY(p->a, most + 1, struct refused)};
    bool ok = m.kept && m.refused;
    for (size_t i = 0; ok && i < most; i++)
        ok = merge_one(&m, &p->actions.items[i]);
    if (!ok)
        return err_set(p->e, ERR_NOMEM, 0, "no memory for the plan");
    p->out->actions = ARENA_ARRAY(p->a, m.count + 1, struct action);
    for (size_t i = 0; p->out->actions && i < m.count; i++) {
        if (!m.refused[i].yes)
            p->out->actions[p->out->action_count++] = m.kept[i];
        else if (!tell_refused(&m, i))
            return false;
    }
    return true;
}
