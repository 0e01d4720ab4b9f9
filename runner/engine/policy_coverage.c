/* What the cases of a policy ran: lines of check functions, and clauses of wanted states. */
#include "engine/policy_mutants.h"
#include "script/source_mutants.h"

enum { CLAUSES_MAX = 65536 };

struct clauses {
    const struct want **wants; /* as many as `reports` */
    struct clause_report *reports;
    size_t count, most;
};

static size_t nodes_of(const struct want *w)
{
    return w ? w->nodes : 0;
}

static void list_clauses(struct clauses *c, const struct rule *rule, const struct want *w,
                         bool condition)
{
    if (!w || c->count == c->most)
        return;
    c->wants[c->count] = w;
    c->reports[c->count++] = (struct clause_report){
        rule, w->line, str_of(mutants_want_name(w->kind)), condition, false, false, false};
    for (size_t i = 0; i < w->child_count; i++)
        list_clauses(c, rule, w->children[i], condition);
}

static void saw(void *context, const struct want *w, enum verdict v)
{
    struct clauses *c = context;
    for (size_t i = 0; i < c->count; i++) {
        struct clause_report *r = &c->reports[i];
        if (c->wants[i] != w)
            continue;
        r->passed = r->passed || v == VERDICT_PASS;
        r->failed = r->failed || v == VERDICT_FAIL;
        r->other = r->other || (v != VERDICT_PASS && v != VERDICT_FAIL);
    }
}

static bool begin_clauses(const struct policy *p, struct arena *a, struct clauses *c)
{
    size_t most = nodes_of(p->applies);
    for (size_t i = 0; i < p->rule_count; i++)
        most += nodes_of(p->rules[i].want) + nodes_of(p->rules[i].applies);
    c->most = most < CLAUSES_MAX ? most : CLAUSES_MAX;
    c->wants = ARENA_ARRAY(a, c->most + 1, const struct want *);
    c->reports = ARENA_ARRAY(a, c->most + 1, struct clause_report);
    if (!c->wants || !c->reports)
        return false;
    for (size_t i = 0; i < p->rule_count; i++) {
        list_clauses(c, &p->rules[i], p->rules[i].applies, true);
        list_clauses(c, &p->rules[i], p->rules[i].want, false);
    }
    if (p->rule_count)
        list_clauses(c, &p->rules[0], p->applies, true);
    return true;
}

static void run_case(const struct test_suite *suite, const struct policy_case *k,
                     const struct case_change *record)
{
    struct host *h = NULL;
    struct run_report run;
    struct arena a;
    const struct rule *rule = policy_case_rule(suite->policy, k->rule);
    arena_init(&a, ARENA_DEFAULT_CAP);
    if (rule && policy_case_host(&suite->catalogue, k, &h, NULL)) {
        (void)policy_case_run(&suite->catalogue, rule, k, record, h, &a, &run, NULL);
        host_close(h);
    }
    arena_done(&a);
}

bool policy_coverage(const struct test_suite *suite, struct script_coverage *coverage,
                     struct arena *a, struct test_report *out, struct err *e)
{
    struct clauses c = {0};
    if (!begin_clauses(suite->policy, a, &c))
        return err_set(e, ERR_NOMEM, 0, "no memory for the coverage");
    const struct case_change record = {.coverage = coverage, .saw = saw, .saw_context = &c};
    for (size_t i = 0; i < suite->cases->count; i++)
        run_case(suite, &suite->cases->items[i], &record);
    struct clause_report *all =
        ARENA_ARRAY(a, out->clause_count + c.count + 1, struct clause_report);
    if (!all)
        return err_set(e, ERR_NOMEM, 0, "no memory for the coverage");
    if (out->clause_count)
        memcpy(all, out->clauses, out->clause_count * sizeof *all);
    if (c.count)
        memcpy(all + out->clause_count, c.reports, c.count * sizeof *all);
    out->clauses = all;
    out->clause_count += c.count;
    return true;
}

/* ---- lines ------------------------------------------------------------------------------------
 */

/* Lines of functions that were called are known from Lua; of others every line with a word counts.
 */
static bool is_code(const struct covered_file *f, const int *owner, const bool *word, size_t line,
                    const bool *called)
{
    if (f->lines[line] & LINE_CODE)
        return word[line] || (f->lines[line] & LINE_RAN);
    return owner[line] && word[line] && !called[owner[line]];
}

static void add_range(struct sb *b, size_t from, size_t to)
{
    sb_printf(b, from == to ? "%s%zu" : "%s%zu-%zu", b->len ? ", " : "", from, to);
}

static bool one_file(const struct covered_file *f, struct arena *a, struct lines_report *out)
{
    size_t n = f->line_count, from = 0, last = 0;
    int *owner = ARENA_ARRAY(a, n + 1, int);
    bool *word = ARENA_ARRAY(a, n + 1, bool), *called = ARENA_ARRAY(a, n + 1, bool);
    struct sb missing;
    if (!owner || !word || !called)
        return false;
    source_function_lines(f->text, a, owner, word, n);
    for (size_t i = 1; i <= n; i++)
        if (f->lines[i] & LINE_CODE)
            called[owner[i]] = true;
    sb_init(&missing, (size_t)1 << 20);
    for (size_t i = 1; i <= n; i++) {
        if (!is_code(f, owner, word, i, called))
            continue;
        out->code++;
        if (f->lines[i] & LINE_RAN) {
            out->ran++;
            if (from)
                add_range(&missing, from, last);
            from = 0;
        } else {
            from = from ? from : i;
            last = i;
        }
    }
    if (from)
        add_range(&missing, from, last);
    out->file = str_dup(a, str_of(f->path));
    out->missing = str_dup(a, (struct str){missing.ptr, missing.len});
    sb_done(&missing);
    return true;
}

bool policy_tests_cover(const struct test_suites *suites, struct arena *a, struct test_report *out,
                        struct err *e)
{
    struct script_coverage coverage = {0};
    bool ok = true;
    out->has_coverage = true;
    for (size_t i = 0; i < suites->count && ok; i++)
        ok = policy_coverage(&suites->items[i], &coverage, a, out, e);
    out->lines = ARENA_ARRAY(a, coverage.count + 1, struct lines_report);
    for (size_t i = 0; i < coverage.count && ok; i++) {
        ok = out->lines && one_file(&coverage.files[i], a, &out->lines[out->lines_count]);
        out->lines_count++;
    }
    script_coverage_done(&coverage);
    return ok || err_set(e, ERR_NOMEM, 0, "no memory for the coverage");
}
