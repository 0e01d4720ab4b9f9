#include "report/parts.h"
#include "report/plan_report.h"

enum { CHANGES_SHOWN = 6, TRUST_SHOWN = 20, MARK_COLUMN = 16 };

struct view {
    struct layout l;
    struct arena a; /* for lines */
};

static void heading(const struct view *v, const char *text)
{
    lay_colour(&v->l, BOLD, str_of(text));
    sb_putc(v->l.out, '\n');
}

/* ---- actions --------------------------------------------------------------------------------- */

static void side(struct view *v, const char *mark, enum colour colour, const struct change *c,
                 const struct reg_image *image)
{
    struct str name = c->name.len ? c->name : STR("(default)");
    struct str text =
        str_fmt(&v->a, STR_FMT "  " STR_FMT, STR_ARG(name), STR_ARG(reg_image_text(&v->a, image)));
    sb_printf(v->l.out, "%*s", LABEL_INDENT, "");
    lay_colour(&v->l, colour, str_of(mark));
    lay_pad(&v->l, LABEL_INDENT + 1, MARK_COLUMN);
    lay_wrap(&v->l, text, MARK_COLUMN);
}

static void change(struct view *v, const struct change *c)
{
    struct str key = c->new_keys ? str_fmt(&v->a, STR_FMT " (%zu new key%s)", STR_ARG(c->key),
                                           c->new_keys, c->new_keys == 1 ? "" : "s")
                                 : c->key;
    lay_field(&v->l, "key", key);
    if (c->before.present)
        side(v, "-", RED, c, &c->before);
    if (c->after.present)
        side(v, "+", GREEN, c, &c->after);
    else if (c->drop_key)
        lay_field(&v->l, "", STR("and the key, if nothing is left in it"));
}

static void rules_of(struct view *v, const struct action *x)
{
    struct sb b;
    sb_init(&b, 1 << 16);
    for (size_t i = 0; i < x->rule_count; i++) {
        sb_puts(&b, i ? ", " : "");
        sb_str(&b, x->rules[i]->qualified);
    }
    lay_field(&v->l, x->rule_count == 1 ? "rule" : "rules", (struct str){b.ptr, b.len});
    sb_done(&b);
}

static void details_of(struct view *v, const struct action *x)
{
    for (size_t i = 0; x->details.kind == VALUE_MAP && i < x->details.map.count; i++) {
        const struct value_member *m = &x->details.map.members[i];
        bool empty = m->value.kind == VALUE_NULL ||
                     (m->value.kind == VALUE_LIST && m->value.list.count == 0);
        struct sb b;
        if (empty)
            continue;
        sb_init(&b, 1 << 20);
        sb_value(&b, &m->value);
        struct str name = str_fmt(&v->a, STR_FMT, STR_ARG(m->name));
        lay_field(&v->l, name.ptr ? name.ptr : "", (struct str){b.ptr, b.len});
        sb_done(&b);
    }
}

static void action(struct view *v, size_t number, const struct action *x)
{
    struct str place = str_fmt(&v->a, "%zu.", number);
    lay_colour(&v->l, BOLD, place);
    lay_pad(&v->l, place.len, LABEL_INDENT);
    lay_wrap(&v->l,
             str_fmt(&v->a, STR_FMT " [%s]", STR_ARG(x->title),
                     authority_name(action_authority(x->kind))),
             LABEL_INDENT);
    if (v->l.style->quiet)
        return;
    size_t shown = v->l.style->verbose ? x->change_count : CHANGES_SHOWN;
    for (size_t i = 0; i < x->change_count && i < shown; i++)
        change(v, &x->changes[i]);
    if (x->change_count > shown)
        lay_field(
            &v->l, "",
            str_fmt(&v->a, "and %zu more (--verbose, or --format json)", x->change_count - shown));
    details_of(v, x);
    rules_of(v, x);
    lay_field(&v->l, "note", x->note);
    sb_putc(v->l.out, '\n');
}

/* ---- what follows ---------------------------------------------------------------------------- */

static void prediction(struct view *v, const struct prediction *p)
{
    struct str now = terminal_verdict_word(p->now), then = terminal_verdict_word(p->then);
    enum { WORD = 10, ARROW = 3 };
    sb_puts(v->l.out, "  ");
    lay_colour(&v->l, terminal_verdict_colour(p->now), now);
    lay_pad(&v->l, 2 + now.len, 2 + WORD);
    sb_puts(v->l.out, "-> ");
    lay_colour(&v->l, terminal_verdict_colour(p->then), then);
    lay_pad(&v->l, 2 + WORD + ARROW + then.len, 2 + 2 * WORD + ARROW);
    lay_colour(&v->l, BOLD, p->rule->qualified);
    if (!p->repaired && p->now != p->then)
        sb_puts(v->l.out, " (side effect)");
    sb_putc(v->l.out, '\n');
    if (p->then == VERDICT_PASS || p->then == VERDICT_NOT_APPLICABLE || v->l.style->quiet)
        return;
    lay_field(&v->l, p->now == p->then ? "still" : "then", p->message);
}

static bool worth_showing(const struct view *v, const struct prediction *p)
{
    return v->l.style->verbose || p->now != p->then || p->repaired;
}

static void predictions(struct view *v, const struct plan *plan)
{
    bool any = false;
    for (size_t i = 0; i < plan->prediction_count; i++) {
        if (!worth_showing(v, &plan->predictions[i]))
            continue;
        if (!any)
            heading(v, "verdicts once this is done");
        any = true;
        prediction(v, &plan->predictions[i]);
    }
    if (any)
        sb_putc(v->l.out, '\n');
}

static void trust_changes(struct view *v, const struct plan *plan)
{
    size_t shown = v->l.style->verbose ? plan->trust_change_count : TRUST_SHOWN;
    if (!plan->trust_change_count)
        return;
    heading(v, "files that change trust");
    for (size_t i = 0; i < plan->trust_change_count && i < shown; i++) {
        const struct trust_change *x = &plan->trust_changes[i];
        sb_puts(v->l.out, "  ");
        lay_wrap(&v->l, x->path, 2);
        lay_field(&v->l, "",
                  str_fmt(&v->a, STR_FMT " -> " STR_FMT "%s" STR_FMT, STR_ARG(x->now),
                          STR_ARG(x->then), x->reason.len ? ": " : "", STR_ARG(x->reason)));
    }
    if (plan->trust_change_count > shown)
        lay_field(&v->l, "", str_fmt(&v->a, "and %zu more", plan->trust_change_count - shown));
    sb_putc(v->l.out, '\n');
}

/* Steps of one rule and for one reason stand together. */
static void manual(struct view *v, const struct plan *plan)
{
    if (!plan->manual_count)
        return;
    heading(v, "left to a person");
    for (size_t i = 0; i < plan->manual_count; i++) {
        const struct manual_step *m = &plan->manual[i], *before = i ? m - 1 : NULL;
        if (!before || before->rule != m->rule) {
            sb_puts(v->l.out, "  ");
            lay_colour(&v->l, BOLD, m->rule->qualified);
            sb_putc(v->l.out, '\n');
        }
        if (!before || before->rule != m->rule || !str_eq(before->why, m->why))
            lay_field(&v->l, "because", m->why);
        lay_field(&v->l, "do", m->text);
    }
    sb_putc(v->l.out, '\n');
}

static struct str allow_list(struct view *v, const struct plan *plan)
{
    unsigned bits = plan_authorities(plan);
    struct str list = STR("");
    for (unsigned i = 0; i < AUTHORITIES; i++)
        if (bits & 1u << i)
            list = str_fmt(&v->a, STR_FMT "%s%s", STR_ARG(list), list.len ? "," : "",
                           authority_name((enum authority)(1u << i)));
    return list;
}

static void next_command(struct view *v, const struct plan *plan, const char *plan_file)
{
    struct str allow = allow_list(v, plan);
    if (plan->now.target.kind == TARGET_ARCHIVE)
        lay_field(&v->l, "next",
                  STR("archives are not written: make the plan of a tree (--root), "
                      "or take --format reg"));
    else if (plan_file)
        lay_field(&v->l, "next",
                  str_fmt(&v->a, "rectify apply %s --allow " STR_FMT, plan_file, STR_ARG(allow)));
    else
        lay_field(&v->l, "next",
                  str_fmt(&v->a,
                          "save the plan with --format json:PLAN.json, then: rectify apply "
                          "PLAN.json --allow " STR_FMT,
                          STR_ARG(allow)));
}

static void summary(struct view *v, const struct plan *plan, const char *plan_file)
{
    size_t changes = 0;
    for (size_t i = 0; i < plan->action_count; i++)
        changes += plan->actions[i].change_count;
    if (!plan->action_count) {
        heading(v, plan->manual_count ? "nothing that a plan can do" : "nothing to do");
        return;
    }
    lay_colour(&v->l, BOLD,
               str_fmt(&v->a, "%zu action%s, %zu change%s", plan->action_count,
                       plan->action_count == 1 ? "" : "s", changes, changes == 1 ? "" : "s"));
    sb_printf(v->l.out, "; failed rules: %llu now, %llu then\n",
              (unsigned long long)plan->now.summary[VERDICT_FAIL],
              (unsigned long long)plan->then.summary[VERDICT_FAIL]);
    lay_field(&v->l, "plan", str_of(plan->digest));
    next_command(v, plan, plan_file);
}

void report_plan_terminal(const struct plan *plan, const char *plan_file,
                          const struct report_style *style, struct sb *out)
{
    struct view v = {.l = {out, style}};
    arena_init(&v.a, (size_t)64 << 20);
    if (!style->quiet)
        terminal_report_head(&v.l, &plan->now);
    for (size_t i = 0; i < plan->action_count; i++)
        action(&v, i + 1, &plan->actions[i]);
    if (!style->quiet) {
        trust_changes(&v, plan);
        predictions(&v, plan);
        manual(&v, plan);
    }
    summary(&v, plan, plan_file);
    if (v.a.full)
        out->bad = true;
    arena_done(&v.a);
}
