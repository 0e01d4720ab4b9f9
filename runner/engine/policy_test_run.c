/* Running cases, and what is checked without being asked for. */
#include "engine/policy_mutants.h"
#include "engine/policy_test.h"
#include "engine/workers.h"
#include "host/traced.h"

#include <pthread.h>
#include <stdarg.h>

enum { PROBLEMS_MAX = 64, REPORT_MOST = 64 << 20 };

struct testing {
    const struct test_options *options;
    pthread_mutex_t lock;
    size_t done, total;
};

/* One case being run. */
struct trial {
    const struct testing *t;
    const struct test_suite *suite;
    const struct rule *rule;
    struct case_result *out;
    const struct case_change *change; /* a mutant, or NULL */
};

static void problem(struct case_result *out, enum test_problem_kind kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static void problem(struct case_result *out, enum test_problem_kind kind, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    if (!out->problems)
        out->problems = ARENA_ARRAY(&out->mem, PROBLEMS_MAX, struct test_problem);
    if (!out->problems || out->problem_count == PROBLEMS_MAX)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    out->problems[out->problem_count++] =
        (struct test_problem){kind, str_dup(&out->mem, str_of(text)), out->it->line};
}

/* ---- verdict and message ----------------------------------------------------------------------
 */

static bool contains(struct str text, struct str part)
{
    for (size_t i = 0; i + part.len <= text.len; i++)
        if (memcmp(text.ptr + i, part.ptr, part.len) == 0)
            return true;
    return false;
}

static void compare(struct case_result *out, const struct result *r)
{
    const struct policy_case *k = out->it;
    out->ran = true;
    out->verdict = r->verdict;
    out->message = str_dup(&out->mem, r->message);
    if (r->verdict != k->expect)
        problem(out, PROBLEM_VERDICT, "is %s, want %s: " STR_FMT, verdict_name(r->verdict),
                verdict_name(k->expect), STR_ARG(r->message));
    if (k->message.len && !str_eq(r->message, k->message))
        problem(out, PROBLEM_MESSAGE, "the message is \"" STR_FMT "\", want \"" STR_FMT "\"",
                STR_ARG(r->message), STR_ARG(k->message));
    for (size_t i = 0; i < k->says_count; i++)
        if (!contains(r->message, k->says[i]))
            problem(out, PROBLEM_MESSAGE, "the message is \"" STR_FMT "\", want \"" STR_FMT "\"",
                    STR_ARG(r->message), STR_ARG(k->says[i]));
}

/* ---- every fact made unreadable ---------------------------------------------------------------
 */

static bool holds(enum verdict v)
{
    return v == VERDICT_PASS || v == VERDICT_NOT_APPLICABLE;
}

/* The verdict with one fact changed; ERROR where it cannot be had. */
static enum verdict changed(const struct trial *t, struct host *traced,
                            const struct host_read *read, enum read_change change,
                            struct str *message)
{
    struct arena a;
    struct run_report run;
    struct err e = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    traced_change(traced, read, change);
    bool ok =
        policy_case_run(&t->suite->catalogue, t->rule, t->out->it, t->change, traced, &a, &run, &e);
    enum verdict v = ok ? run.results[0].verdict : VERDICT_ERROR;
    if (message)
        *message = str_dup(&t->out->mem, ok ? run.results[0].message : str_of(e.text));
    arena_done(&a);
    return v;
}

/* Does the verdict rest on the fact?  NULL: no other content of it gives another verdict. */
static const char *bearing(const struct trial *t, struct host *traced, const struct host_read *read,
                           enum verdict *other)
{
    static const char *const words[] = {[CHANGE_ABSENT] = "absent",
                                        [CHANGE_EMPTY] = "empty",
                                        [CHANGE_LARGE] = "very large",
                                        [CHANGE_TYPE] = "of another type"};
    for (int c = CHANGE_ABSENT; c <= CHANGE_TYPE; c++) {
        *other = changed(t, traced, read, (enum read_change)c, NULL);
        if (*other != t->out->verdict)
            return words[c];
    }
    return NULL;
}

/* What is wrong with `now` when a fact of a case with the verdict `was` cannot be read. */
static void judge_hidden(const struct trial *t, struct host *traced, const struct host_read *read)
{
    struct case_result *out = t->out;
    struct str message;
    enum verdict was = out->verdict, other = was;
    enum verdict now = changed(t, traced, read, CHANGE_UNREADABLE, &message);
    struct str fact = traced_text(read, &out->mem);
    if (now == VERDICT_ERROR && was != VERDICT_ERROR) {
        problem(out, PROBLEM_HIDDEN, STR_FMT " unreadable: the policy fails with " STR_FMT,
                STR_ARG(fact), STR_ARG(message));
    } else if (now == VERDICT_FAIL && was != VERDICT_FAIL && was != VERDICT_CONFLICT) {
        problem(out, PROBLEM_HIDDEN,
                STR_FMT " unreadable: fail instead of unknown (" STR_FMT
                        "): a fact that cannot be read is no violation",
                STR_ARG(fact), STR_ARG(message));
    } else if (holds(now) && now != was) {
        problem(out, PROBLEM_HIDDEN, STR_FMT " unreadable: %s turns into %s", STR_ARG(fact),
                verdict_name(was), verdict_name(now));
    } else if (holds(now)) {
        const char *how = bearing(t, traced, read, &other);
        if (how)
            problem(out, PROBLEM_HIDDEN,
                    STR_FMT " unreadable: still %s, although the verdict rests on it (%s when it "
                            "is %s)",
                    STR_ARG(fact), verdict_name(now), verdict_name(other), how);
    }
}

static void try_faults(const struct trial *t, struct host *traced)
{
    size_t count = 0;
    const struct host_read *reads = traced_reads(traced, &count);
    struct host_read *kept = ARENA_ARRAY(&t->out->mem, count + 1, struct host_read);
    if (!kept)
        return;
    if (count)
        memcpy(kept, reads, count * sizeof *kept);
    for (size_t i = 0; i < count; i++) {
        if (kept[i].state == FACT_UNREADABLE || kept[i].state == FACT_NOT_COLLECTED)
            continue;
        t->out->facts++;
        judge_hidden(t, traced, &kept[i]);
    }
}

/* ---- one case ---------------------------------------------------------------------------------
 */

/* Evaluates on a host of its own. */
static bool fresh(const struct trial *t, struct host **below, struct host **traced, struct arena *a,
                  struct run_report *run, struct err *e)
{
    const struct catalogue *c = &t->suite->catalogue;
    *below = *traced = NULL;
    if (!policy_case_host(c, t->out->it, below, e)) {
        *below = NULL;
        return false;
    }
    if (!host_traced(*below, traced, e)) {
        *traced = NULL;
        return false;
    }
    return policy_case_run(c, t->rule, t->out->it, t->change, *traced, a, run, e);
}

static void run_again(const struct trial *t, const struct sb *first)
{
    struct host *below, *traced;
    struct run_report run;
    struct arena a;
    struct sb second;
    struct err e = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    sb_init(&second, REPORT_MOST);
    if (fresh(t, &below, &traced, &a, &run, &e))
        t->t->options->render(&run, &second);
    if (!span_eq(span_of(first->ptr, first->len), span_of(second.ptr, second.len)))
        problem(t->out, PROBLEM_DIFFERS, "two runs of the same case give different reports");
    sb_done(&second);
    host_close(traced);
    host_close(below);
    arena_done(&a);
}

/* On a host of its own: planning reads more than the rule does. */
static void try_repair(const struct trial *t)
{
    const struct catalogue *c = &t->suite->catalogue;
    struct host *h = NULL;
    struct arena a;
    struct err e = {0};
    if (!t->out->it->repairs)
        return;
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = policy_case_host(c, t->out->it, &h, &e);
    if (!ok || !policy_case_repairs(c, t->rule, t->out->it, h, &a, &e))
        problem(t->out, PROBLEM_REPAIR, "%s", e.text);
    if (ok)
        host_close(h);
    arena_done(&a);
}

static void run_trial(const struct trial *t)
{
    struct host *below, *traced;
    struct run_report run;
    struct arena a;
    struct sb report;
    struct err e = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    sb_init(&report, REPORT_MOST);
    if (fresh(t, &below, &traced, &a, &run, &e)) {
        compare(t->out, &run.results[0]);
        if (t->t->options->render) {
            t->t->options->render(&run, &report);
            run_again(t, &report);
        }
        try_faults(t, traced);
        try_repair(t);
    } else {
        problem(t->out, PROBLEM_CASE, "%s", e.text);
    }
    sb_done(&report);
    host_close(traced);
    host_close(below);
    arena_done(&a);
}

bool policy_case_notices(const struct test_suite *suite, const struct rule *rule,
                         const struct policy_case *k, const struct case_change *change, bool faults)
{
    struct case_result result = {.it = k};
    const struct trial t = {NULL, suite, rule, &result, change};
    struct host *below, *traced;
    struct run_report run;
    struct arena a;
    struct err e = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    arena_init(&result.mem, ARENA_DEFAULT_CAP);
    if (!fresh(&t, &below, &traced, &a, &run, &e)) {
        problem(&result, PROBLEM_CASE, "%s", e.text);
    } else {
        compare(&result, &run.results[0]);
        if (faults && !result.problem_count)
            try_faults(&t, traced);
    }
    bool noticed = result.problem_count != 0;
    host_close(traced);
    host_close(below);
    arena_done(&a);
    arena_done(&result.mem);
    return noticed;
}

const struct rule *policy_case_rule(const struct policy *p, struct str id)
{
    for (size_t i = 0; i < p->rule_count; i++)
        if (str_eq(p->rules[i].id, id))
            return &p->rules[i];
    return NULL;
}

struct work {
    struct testing t;
    const struct test_suites *suites;
    struct test_report *out;
};

static void announce(struct work *w, const struct policy_case *k)
{
    const struct test_options *o = w->t.options;
    pthread_mutex_lock(&w->t.lock);
    if (o->progress)
        o->progress(o->progress_context, w->t.done, w->t.total, k->rule);
    w->t.done++;
    pthread_mutex_unlock(&w->t.lock);
}

static void run_item(void *context, size_t item)
{
    struct work *w = context;
    size_t s = 0;
    while (item >= w->suites->items[s].cases->count)
        item -= w->suites->items[s++].cases->count;
    struct trial t = {&w->t, &w->suites->items[s], NULL, &w->out->suites[s].results[item], NULL};
    announce(w, t.out->it);
    t.rule = policy_case_rule(t.suite->policy, t.out->it->rule);
    if (t.rule)
        run_trial(&t);
    else
        problem(t.out, PROBLEM_CASE, "policy \"" STR_FMT "\" has no rule \"" STR_FMT "\"",
                STR_ARG(t.suite->policy->id), STR_ARG(t.out->it->rule));
}

/* ---- rules that no case passes, or none fails -------------------------------------------------
 */

static bool expected(const struct policy_cases *cases, const struct rule *r, enum verdict v)
{
    for (size_t i = 0; i < cases->count; i++)
        if (str_eq(cases->items[i].rule, r->id) && cases->items[i].expect == v)
            return true;
    return false;
}

static void check_rules(struct suite_result *s, struct arena *a)
{
    s->problems = ARENA_ARRAY(a, s->policy->rule_count + 1, struct test_problem);
    for (size_t i = 0; s->problems && i < s->policy->rule_count; i++) {
        const struct rule *r = &s->policy->rules[i];
        bool pass = expected(s->cases, r, VERDICT_PASS);
        bool fail = expected(s->cases, r, VERDICT_FAIL);
        if (pass && fail)
            continue;
        s->problems[s->problem_count++] = (struct test_problem){
            PROBLEM_RULE,
            str_fmt(a, "rule \"" STR_FMT "\" has no case that %s", STR_ARG(r->id),
                    pass   ? "fails"
                    : fail ? "passes"
                           : "passes and none that fails"),
            0};
    }
}

/* ---- all --------------------------------------------------------------------------------------
 */

static bool prepare(const struct test_suites *suites, struct arena *a, struct test_report *out)
{
    *out = (struct test_report){.suite_count = suites->count};
    out->suites = ARENA_ARRAY(a, suites->count + 1, struct suite_result);
    for (size_t i = 0; out->suites && i < suites->count; i++) {
        struct suite_result *s = &out->suites[i];
        s->cases = suites->items[i].cases;
        s->policy = suites->items[i].policy;
        s->results = ARENA_ARRAY(a, s->cases->count, struct case_result);
        if (!s->results)
            return false;
        for (size_t k = 0; k < s->cases->count; k++) {
            s->results[k].it = &s->cases->items[k];
            arena_init(&s->results[k].mem, ARENA_DEFAULT_CAP);
        }
        out->cases += s->cases->count;
        check_rules(s, a);
    }
    return out->suites != NULL;
}

static void add_up(struct test_report *out)
{
    for (size_t i = 0; i < out->suite_count; i++)
        for (size_t k = 0; k < out->suites[i].cases->count; k++) {
            out->failed_cases += out->suites[i].results[k].problem_count != 0;
            out->facts += out->suites[i].results[k].facts;
        }
}

bool policy_tests_run(const struct test_suites *suites, const struct test_options *options,
                      struct arena *a, struct test_report *out, struct err *e)
{
    struct work w = {.t = {.options = options}, .suites = suites, .out = out};
    if (!prepare(suites, a, out) || pthread_mutex_init(&w.t.lock, NULL) != 0)
        return err_set(e, ERR_NOMEM, 0, "no memory for the results of the cases");
    w.t.total = out->cases;
    workers_run(options->jobs, out->cases, run_item, &w);
    pthread_mutex_destroy(&w.t.lock);
    add_up(out);
    return !a->full || err_set(e, ERR_NOMEM, 0, "no memory for the results of the cases");
}

void policy_tests_report_done(struct test_report *r)
{
    for (size_t i = 0; i < r->suite_count; i++)
        for (size_t k = 0; k < r->suites[i].cases->count; k++)
            arena_done(&r->suites[i].results[k].mem);
    *r = (struct test_report){0};
}

bool policy_tests_failed(const struct test_report *r)
{
    for (size_t i = 0; i < r->suite_count; i++)
        if (r->suites[i].problem_count)
            return true;
    return r->failed_cases != 0;
}
