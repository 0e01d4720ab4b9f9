#include "engine/evaluate.h"

/* What the verdict needs to know, gathered once. */
struct subject {
    const struct product_def *def;
    struct product_fact fact; /* a copy: readings are shared */
    struct str want;          /* "8.8.0.975 (Patch 2) or later" */
};

static struct str version_text(struct arena *a, struct version version)
{
    char text[VERSION_TEXT];
    return str_fmt(a, "%s", version_format(version, text));
}

/* "8.8.0.975 (Patch 2)"; a text of the policy is shown as it was written. */
static struct str limit_text(const struct evaluation *v, const struct product_def *def,
                             const struct value *limit)
{
    const struct value *x = policy_value(v->rule->policy, limit);
    struct version version;
    if (x->kind != VALUE_TEXT || !version_parse(x->text, &version))
        return predicate_text(v, &(struct predicate){.kind = PRED_EQUALS, .a = *x});
    struct str patch = product_build_name(def, version);
    return patch.len ? str_fmt(v->mem, STR_FMT " (" STR_FMT ")", STR_ARG(x->text), STR_ARG(patch))
                     : x->text;
}

static struct str wanted_text(const struct evaluation *v, const struct product_def *def,
                              const struct predicate *p)
{
    switch (p->kind) {
    case PRED_AT_LEAST:
        return str_fmt(v->mem, STR_FMT " or later", STR_ARG(limit_text(v, def, &p->a)));
    case PRED_AT_MOST:
        return str_fmt(v->mem, STR_FMT " or earlier", STR_ARG(limit_text(v, def, &p->a)));
    case PRED_EQUALS:
        return limit_text(v, def, &p->a);
    case PRED_BETWEEN:
        return str_fmt(v->mem, "between " STR_FMT " and " STR_FMT,
                       STR_ARG(limit_text(v, def, &p->a)), STR_ARG(limit_text(v, def, &p->b)));
    default:
        return predicate_text(v, p);
    }
}

/* ---- evidence -------------------------------------------------------------------------------- */

static struct str reading_label(struct arena *a, const struct product_reading *r)
{
    struct str label = r->source ? r->source->label : STR("source");
    return r->view.len ? str_fmt(a, STR_FMT ", " STR_FMT, STR_ARG(label), STR_ARG(r->view)) : label;
}

/* Readings with what they say in front of the note.  That something is absent is evidence only for
 * the product not being there. */
static void add_readings(const struct evaluation *v, const struct product_fact *fact,
                         struct result *out)
{
    for (size_t i = 0; i < fact->reading_count; i++) {
        const struct product_reading *r = &fact->readings[i];
        if (r->state == FACT_ABSENT && fact->state != PRODUCT_ABSENT)
            continue;
        struct evidence ev = r->evidence;
        /* Readers put the reason of an unreadable fact into the note as well. */
        struct str reason = ev.note.len ? STR("") : r->text;
        struct str what = r->state != FACT_FOUND ? state_text(v->mem, r->state, reason)
                          : r->text.len          ? r->text
                                                 : STR("there");
        ev.note =
            str_fmt(v->mem, STR_FMT ": " STR_FMT "%s" STR_FMT, STR_ARG(reading_label(v->mem, r)),
                    STR_ARG(what), ev.note.len ? "; " : "", STR_ARG(ev.note));
        evidence_add(&out->evidence, &ev);
    }
}

static bool decides(const struct product_fact *fact, const struct product_reading *r)
{
    return r->has_version && r->source &&
           (r->source->role == ROLE_PRIMARY || r->source->role == ROLE_CORROBORATES) &&
           version_cmp(r->version, fact->lowest) >= 0 &&
           version_cmp(r->version, fact->highest) <= 0;
}

/* Whether an earlier reading says the same. */
static bool said_before(const struct product_fact *fact, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (decides(fact, &fact->readings[i]) &&
            version_cmp(fact->readings[i].version, fact->readings[n].version) == 0)
            return true;
    return false;
}

static size_t readings_alike(const struct product_fact *fact, struct version version)
{
    size_t n = 0;
    for (size_t i = 0; i < fact->reading_count; i++)
        n += decides(fact, &fact->readings[i]) &&
             version_cmp(fact->readings[i].version, version) == 0;
    return n;
}

/* "8.8.0.1982 (vendor key and 1 more), 8.8.0.849 (shstat.exe)" */
static struct str readings_text(const struct evaluation *v, const struct product_fact *fact)
{
    struct str text = STR("");
    for (size_t i = 0; i < fact->reading_count; i++) {
        const struct product_reading *r = &fact->readings[i];
        if (!decides(fact, r) || said_before(fact, i))
            continue;
        size_t more = readings_alike(fact, r->version) - 1;
        struct str others = more ? str_fmt(v->mem, " and %zu more", more) : STR("");
        text = str_fmt(v->mem, STR_FMT "%s" STR_FMT " (" STR_FMT STR_FMT ")", STR_ARG(text),
                       text.len ? ", " : "", STR_ARG(version_text(v->mem, r->version)),
                       STR_ARG(reading_label(v->mem, r)), STR_ARG(others));
    }
    return text;
}

/* ---- observed -------------------------------------------------------------------------------- */

static struct value version_list(const struct evaluation *v, const struct product_fact *fact)
{
    size_t n = 0;
    for (size_t i = 0; i < fact->reading_count; i++)
        n += decides(fact, &fact->readings[i]);
    struct value list = value_list(v->mem, n);
    n = 0;
    for (size_t i = 0; i < fact->reading_count && n < list.list.count; i++) {
        const struct product_reading *r = &fact->readings[i];
        if (!decides(fact, r))
            continue;
        const struct value_member members[] = {
            {STR("source"), value_text(reading_label(v->mem, r))},
            {STR("version"), value_text(version_text(v->mem, r->version))},
        };
        list.list.items[n++] = map_of(v->mem, members, 2);
    }
    return list;
}

static struct value observed_value(const struct evaluation *v, const struct subject *s)
{
    const struct value_member members[] = {
        {STR("product"), value_text(s->def->id)},
        {STR("version"), value_text(version_text(v->mem, s->fact.version))},
        {STR("patch"), s->fact.patch_known ? value_text(s->fact.patch) : value_null()},
        {STR("readings"), version_list(v, &s->fact)},
    };
    return map_of(v->mem, members, 4);
}

/* "8.8.0.849 (Patch 1)"; without a table of builds the version alone. */
static struct str installed_text(const struct evaluation *v, const struct subject *s)
{
    struct str version = version_text(v->mem, s->fact.version);
    if (!s->def->build_count)
        return version;
    struct str patch = s->fact.patch.len ? s->fact.patch : STR("unknown build");
    return str_fmt(v->mem, STR_FMT " (" STR_FMT ")", STR_ARG(version), STR_ARG(patch));
}

/* A table without one exact entry lists sightings: its last says nothing about what there is. */
static bool is_history(const struct product_def *def)
{
    for (size_t i = 0; i < def->build_count; i++)
        if (def->builds[i].exact)
            return true;
    return false;
}

/* Where the limit is the operator's choice, the message also tells what newer build is known. */
static struct str newest_text(const struct evaluation *v, const struct subject *s,
                              const struct predicate *p)
{
    if (!value_input(&p->a) || !is_history(s->def))
        return STR("");
    const struct product_build *newest = &s->def->builds[s->def->build_count - 1];
    return str_fmt(v->mem, "; newest known build: " STR_FMT " (" STR_FMT ")",
                   STR_ARG(version_text(v->mem, newest->from)), STR_ARG(newest->name));
}

/* Files that a hotfix made newer than the product ("coptcpl.dll 8.8.0.1546"); those that count on
 * their own (15.0.0.537) cannot be compared and are left to the evidence. */
static struct str hotfix_text(const struct evaluation *v, const struct product_fact *fact)
{
    struct str text = STR("");
    for (size_t i = 0; i < fact->reading_count; i++) {
        const struct product_reading *r = &fact->readings[i];
        if (!r->has_version || !r->source || r->source->role != ROLE_HOTFIX ||
            r->version.part[0] != fact->version.part[0] ||
            r->version.part[1] != fact->version.part[1] ||
            version_cmp(r->version, fact->version) <= 0)
            continue;
        text = str_fmt(v->mem, STR_FMT "%s" STR_FMT " " STR_FMT, STR_ARG(text),
                       text.len ? ", " : "; with a hotfix: ", STR_ARG(r->source->label),
                       STR_ARG(version_text(v->mem, r->version)));
    }
    return text;
}

/* ---- verdicts -------------------------------------------------------------------------------- */

/* YES or NO where all versions that sources give agree about the predicate; `split` where not. */
static enum answer all_answers(const struct evaluation *v, const struct predicate *p,
                               const struct product_fact *fact, bool *split)
{
    enum answer first = predicate_version(v, p, fact->version);
    if (fact->state != PRODUCT_CONFLICT || first == ANSWER_BROKEN)
        return first;
    *split = predicate_version(v, p, fact->lowest) != first ||
             predicate_version(v, p, fact->highest) != first;
    for (size_t i = 0; i < fact->reading_count && !*split; i++)
        *split = decides(fact, &fact->readings[i]) &&
                 predicate_version(v, p, fact->readings[i].version) != first;
    return first;
}

static void judge(const struct evaluation *v, const struct want *w, const struct subject *s,
                  struct result *out)
{
    bool split = false;
    enum answer answer = all_answers(v, &w->predicate, &s->fact, &split);
    out->observed.text = installed_text(v, s);
    out->observed.value = observed_value(v, s);
    if (answer == ANSWER_BROKEN) {
        out->verdict = VERDICT_ERROR;
        out->message = str_fmt(v->mem, "line %d: " STR_FMT " is nothing to compare a version with",
                               w->line, STR_ARG(predicate_text(v, &w->predicate)));
        return;
    }
    if (split) {
        struct str all = readings_text(v, &s->fact);
        out->verdict = VERDICT_CONFLICT;
        out->observed.text = all;
        out->message =
            str_fmt(v->mem, STR_FMT ": sources of the version disagree: " STR_FMT ", want " STR_FMT,
                    STR_ARG(s->def->name), STR_ARG(all), STR_ARG(s->want));
        return;
    }
    out->verdict = answer == ANSWER_YES ? VERDICT_PASS : VERDICT_FAIL;
    struct str note = STR("");
    if (s->fact.state == PRODUCT_CONFLICT)
        note = str_fmt(v->mem, "; sources disagree (" STR_FMT "), all on this side of the limit",
                       STR_ARG(readings_text(v, &s->fact)));
    struct str hotfix = hotfix_text(v, &s->fact), newest = newest_text(v, s, &w->predicate);
    out->message = str_fmt(v->mem, STR_FMT " " STR_FMT ", want " STR_FMT STR_FMT STR_FMT STR_FMT,
                           STR_ARG(s->def->name), STR_ARG(out->observed.text), STR_ARG(s->want),
                           STR_ARG(note), STR_ARG(hotfix), STR_ARG(newest));
}

/* The product is not there; a successor in its place is named. */
static void not_installed(const struct evaluation *v, const struct subject *s, struct result *out)
{
    out->verdict = VERDICT_NOT_APPLICABLE;
    out->observed.text = STR("not installed");
    out->message = str_fmt(v->mem, STR_FMT " is not installed", STR_ARG(s->def->name));
    const struct product_def *next = product_find(v->catalogue, s->def->successor);
    if (!next)
        return;
    const struct product_fact fact = *product_read(v, next);
    if (fact.state != PRODUCT_INSTALLED && fact.state != PRODUCT_CONFLICT && !fact.trace)
        return;
    bool versioned = fact.state == PRODUCT_INSTALLED || fact.state == PRODUCT_CONFLICT;
    struct str version = versioned ? version_text(v->mem, fact.version) : STR("");
    out->observed.text = str_fmt(v->mem, "not installed; " STR_FMT "%s" STR_FMT " instead",
                                 STR_ARG(next->name), versioned ? " " : "", STR_ARG(version));
    out->message =
        str_fmt(v->mem, STR_FMT " is not installed, " STR_FMT "%s" STR_FMT " is there instead",
                STR_ARG(s->def->name), STR_ARG(next->name), versioned ? " " : "", STR_ARG(version));
    add_readings(v, &fact, out);
}

static void not_known(const struct evaluation *v, const struct subject *s, struct result *out)
{
    out->verdict = VERDICT_UNKNOWN;
    out->observed.text = STR("not known");
    out->message =
        str_fmt(v->mem, "the version of " STR_FMT " is not known: " STR_FMT ", want " STR_FMT,
                STR_ARG(s->def->name),
                STR_ARG(s->fact.reason.len ? s->fact.reason : STR("no source could be read")),
                STR_ARG(s->want));
}

void want_product(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct str id = want_text(v, w, "id");
    struct subject s = {.def = product_find(v->catalogue, id)};
    if (!s.def) {
        out->verdict = VERDICT_ERROR;
        out->message =
            str_fmt(v->mem, "line %d: no product \"" STR_FMT "\" is defined", w->line, STR_ARG(id));
        return;
    }
    s.fact = *product_read(v, s.def);
    s.want = wanted_text(v, s.def, &w->predicate);
    out->expected = (struct observation){s.want, predicate_value(v, &w->predicate)};
    add_readings(v, &s.fact, out);
    switch (s.fact.state) {
    case PRODUCT_INSTALLED:
    case PRODUCT_CONFLICT:
        judge(v, w, &s, out);
        break;
    case PRODUCT_ABSENT:
        not_installed(v, &s, out);
        break;
    case PRODUCT_UNKNOWN:
        not_known(v, &s, out);
        break;
    }
}
