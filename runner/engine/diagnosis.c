/* Which of the causes that a policy knows are likely, in its order, and what is not known.
 *
 * Rules decide; a hint counts only where they do not: what was verified outweighs what a version
 * suggests. */
#include "engine/evaluate.h"

static const struct result *result_of(const struct run_report *run, const struct policy *p,
                                      struct str id)
{
    for (size_t i = 0; i < run->result_count; i++)
        if (run->results[i].rule->policy == p && str_eq(run->results[i].rule->id, id))
            return &run->results[i];
    return NULL;
}

static bool is_open(const struct result *r)
{
    return !r || r->verdict == VERDICT_UNKNOWN || r->verdict == VERDICT_CONFLICT ||
           r->verdict == VERDICT_ERROR;
}

static void add_sentence(struct arena *a, struct str *text, struct str sentence)
{
    *text =
        str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(*text), text->len ? " " : "", STR_ARG(sentence));
}

/* What a rule's result says, as a sentence about the cause. */
static struct str sentence_of(struct arena *a, struct str id, const struct result *r)
{
    static const char *const leads[VERDICTS] = {
        [VERDICT_PASS] = "Speaks against it", [VERDICT_FAIL] = "Evidence",
        [VERDICT_UNKNOWN] = "Not known",      [VERDICT_CONFLICT] = "In conflict",
        [VERDICT_ERROR] = "Not known",        [VERDICT_NOT_APPLICABLE] = "Does not apply",
        [VERDICT_WAIVED] = "Waived",
    };
    if (!r)
        return str_fmt(a, "Not known (" STR_FMT "): the rule was not run.", STR_ARG(id));
    return str_fmt(a, "%s (" STR_FMT "): " STR_FMT ".", leads[r->verdict], STR_ARG(id),
                   STR_ARG(r->message));
}

struct weighing {
    bool failed, open, applies;
    struct str text;
};

static void weigh(const struct run_report *run, const struct policy *p, struct arena *a,
                  const struct str *ids, size_t count, bool hints, struct weighing *w)
{
    for (size_t i = 0; i < count; i++) {
        const struct result *r = result_of(run, p, ids[i]);
        bool failed = r && r->verdict == VERDICT_FAIL;
        if (hints && !failed)
            continue;
        w->failed = w->failed || failed;
        w->open = w->open || is_open(r);
        w->applies = w->applies || !r || r->verdict != VERDICT_NOT_APPLICABLE;
        add_sentence(a, &w->text, sentence_of(a, ids[i], r));
    }
}

static struct weighing weigh_cause(const struct run_report *run, const struct policy *p,
                                   struct arena *a, const struct cause *c)
{
    struct weighing w = {.text = STR("")};
    weigh(run, p, a, c->rules, c->rule_count, false, &w);
    if (!w.failed && w.open)
        weigh(run, p, a, c->hints, c->hint_count, true, &w);
    const char *word = w.failed    ? "Likely."
                       : w.open    ? "Not known."
                       : w.applies ? "Not likely."
                                   : "Does not apply.";
    w.text = str_fmt(a, "%s " STR_FMT, word, STR_ARG(w.text));
    return w;
}

static bool wants_diagnosis(const struct run_report *run, const struct policy *p,
                            const struct weighing *causes)
{
    const struct result *symptom = result_of(run, p, p->symptom);
    for (size_t i = 0; i < p->cause_count; i++)
        if (causes[i].failed)
            return true;
    return symptom && symptom->verdict == VERDICT_FAIL;
}

/* What the symptom's own rule says, for causes that would explain it. */
static struct str symptom_text(const struct run_report *run, const struct policy *p,
                               struct arena *a)
{
    const struct result *r = result_of(run, p, p->symptom);
    if (!r)
        return str_fmt(a, "Whether there is a symptom is not known: " STR_FMT " was not run.",
                       STR_ARG(p->symptom));
    if (r->verdict == VERDICT_FAIL)
        return str_fmt(a, "Would explain: " STR_FMT ".", STR_ARG(r->message));
    if (r->verdict == VERDICT_PASS)
        return str_fmt(a, "No symptom so far: " STR_FMT ".", STR_ARG(r->message));
    return str_fmt(a, "Whether there is a symptom is not known: " STR_FMT ".", STR_ARG(r->message));
}

static void add(struct run_report *run, struct str cause, struct str article, struct str text,
                bool likely)
{
    run->diagnosis[run->diagnosis_count++] = (struct diagnosis){cause, article, text, likely};
}

static void none_likely(const struct policy *p, struct arena *a, const struct weighing *causes,
                        struct run_report *run)
{
    const struct result *symptom = result_of(run, p, p->symptom);
    size_t open = 0;
    for (size_t i = 0; i < p->cause_count; i++)
        open += causes[i].open;
    struct str text =
        str_fmt(a, "There is a symptom, but none of the %zu causes shows: " STR_FMT ".",
                p->cause_count, STR_ARG(symptom->message));
    if (open)
        text =
            str_fmt(a, STR_FMT " %zu of them could not be judged, see above.", STR_ARG(text), open);
    else
        text = str_fmt(a,
                       STR_FMT " What was loaded at the time of the events is not known: the file "
                               "may have been removed, replaced or repaired since.",
                       STR_ARG(text));
    add(run, STR("No likely cause found"), p->symptom_article, text, false);
}

static void diagnose_policy(const struct policy *p, struct arena *a, struct run_report *run)
{
    bool likely = false;
    struct weighing *causes = ARENA_ARRAY(a, p->cause_count, struct weighing);
    if (!causes)
        return;
    for (size_t i = 0; i < p->cause_count; i++) {
        causes[i] = weigh_cause(run, p, a, &p->causes[i]);
        likely = likely || causes[i].failed;
    }
    if (!wants_diagnosis(run, p, causes))
        return;
    for (size_t i = 0; i < p->cause_count; i++) {
        struct str text = causes[i].text;
        if (causes[i].failed)
            add_sentence(a, &text, symptom_text(run, p, a));
        add(run, p->causes[i].title, p->causes[i].article, text, causes[i].failed);
    }
    if (!likely)
        none_likely(p, a, causes, run);
}

void diagnose(const struct catalogue *c, struct arena *a, struct run_report *run)
{
    size_t most = 0;
    for (size_t i = 0; i < c->policy_count; i++)
        most += c->policies[i]->cause_count + 1;
    run->diagnosis = ARENA_ARRAY(a, most, struct diagnosis);
    run->diagnosis_count = 0;
    for (size_t i = 0; run->diagnosis && i < c->policy_count; i++)
        if (c->policies[i]->cause_count)
            diagnose_policy(c->policies[i], a, run);
}
