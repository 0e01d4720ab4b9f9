#include "report/policy_tests.h"

#include "base/json.h"
#include "report/layout.h"

void report_tests_run(const struct run_report *run, struct sb *out)
{
    struct run_report same = *run;
    same.run_id = STR("");
    same.started = 0;
    same.duration_ms = 0;
    report_json(&same, out);
}

/* ---- terminal ---------------------------------------------------------------------------------
 */

static void put_place(const struct layout *l, struct str file, int line)
{
    sb_terminal(l->out, file);
    if (line)
        sb_printf(l->out, ":%d", line);
}

static void put_problem(const struct layout *l, struct str file, struct str rule,
                        const struct test_problem *p)
{
    put_place(l, file, p->line);
    sb_puts(l->out, ": ");
    if (rule.len) {
        sb_terminal(l->out, rule);
        sb_puts(l->out, ": ");
    }
    sb_terminal(l->out, p->text);
    sb_putc(l->out, '\n');
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void put_suite(const struct layout *l, const struct suite_result *s)
{
    size_t failed = 0;
    for (size_t i = 0; i < s->cases->count; i++) {
        const struct case_result *c = &s->results[i];
        failed += c->problem_count != 0;
        for (size_t k = 0; k < c->problem_count; k++)
            put_problem(l, s->cases->file, c->it->rule, &c->problems[k]);
    }
    for (size_t i = 0; i < s->problem_count; i++)
        put_problem(l, s->cases->file, (struct str){NULL, 0}, &s->problems[i]);
    bool ok = !failed && !s->problem_count;
    lay_colour(l, ok ? GREEN : RED, ok ? STR("ok  ") : STR("FAIL"));
    sb_puts(l->out, "  ");
    sb_terminal(l->out, s->policy->id);
    sb_printf(l->out, ": %zu of %zu case%s as expected", s->cases->count - failed, s->cases->count,
              plural(s->cases->count));
    if (s->problem_count)
        sb_printf(l->out, ", %zu rule%s without a case that passes and one that fails",
                  s->problem_count, plural(s->problem_count));
    sb_putc(l->out, '\n');
}

/* Verdicts of a clause that no case has shown. */
static const char *unseen(const struct clause_report *c)
{
    if (!c->passed && !c->failed)
        return c->other ? "neither passes nor fails in any case" : "is evaluated by no case";
    return c->passed ? "never fails" : "never passes";
}

static void put_coverage(const struct layout *l, const struct test_report *r)
{
    size_t both = 0;
    for (size_t i = 0; i < r->clause_count; i++) {
        const struct clause_report *c = &r->clauses[i];
        both += c->passed && c->failed;
        if (c->passed && c->failed)
            continue;
        put_place(l, c->rule->policy->file, c->line);
        sb_printf(l->out, ": " STR_FMT ": %s" STR_FMT " %s\n", STR_ARG(c->rule->id),
                  c->condition ? "condition " : "", STR_ARG(c->name), unseen(c));
    }
    sb_printf(l->out, "clauses: %zu of %zu seen both to pass and to fail\n", both, r->clause_count);
    for (size_t i = 0; i < r->lines_count; i++) {
        const struct lines_report *f = &r->lines[i];
        if (!f->code)
            continue;
        sb_puts(l->out, "lines: ");
        sb_terminal(l->out, f->file);
        sb_printf(l->out, ": %zu of %zu ran%s" STR_FMT "\n", f->ran, f->code,
                  f->missing.len ? ", not " : "", STR_ARG(f->missing));
    }
}

static void put_mutants(const struct layout *l, const struct test_report *r)
{
    for (size_t i = 0; i < r->survivor_count; i++) {
        const struct mutant_report *m = &r->survivors[i];
        put_place(l, m->file, m->line);
        sb_puts(l->out, ": not noticed: ");
        if (m->rule.len)
            sb_printf(l->out, STR_FMT ": ", STR_ARG(m->rule));
        sb_terminal(l->out, m->text);
        sb_putc(l->out, '\n');
    }
    sb_printf(l->out, "mutants: %zu of %zu noticed", r->mutant_count - r->survivor_count,
              r->mutant_count);
    if (r->not_run)
        sb_printf(l->out, "; %zu more would lie on lines that no case runs", r->not_run);
    sb_putc(l->out, '\n');
}

void report_tests_terminal(const struct test_report *r, const struct report_style *style,
                           struct sb *out)
{
    struct layout l = {out, style};
    for (size_t i = 0; i < r->suite_count; i++)
        put_suite(&l, &r->suites[i]);
    if (r->has_coverage)
        put_coverage(&l, r);
    if (r->has_mutants)
        put_mutants(&l, r);
    sb_printf(out, "%zu case%s, %zu fact%s made unreadable, %zu case%s wrong\n", r->cases,
              plural(r->cases), r->facts, plural(r->facts), r->failed_cases,
              plural(r->failed_cases));
}

/* ---- JSON -------------------------------------------------------------------------------------
 */

static void text(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    json_str(j, s);
}

static void number(struct json *j, const char *key, uint64_t n)
{
    json_key(j, key);
    json_u64(j, n);
}

static void problems(struct json *j, const struct test_problem *list, size_t count)
{
    json_key(j, "problems");
    json_open_array(j);
    for (size_t i = 0; i < count; i++) {
        json_open_object(j);
        text(j, "kind", str_of(test_problem_name(list[i].kind)));
        text(j, "text", list[i].text);
        json_close_object(j);
    }
    json_close_array(j);
}

static void one_case(struct json *j, const struct case_result *c)
{
    json_open_object(j);
    text(j, "rule", c->it->rule);
    text(j, "title", c->it->title);
    number(j, "line", (uint64_t)c->it->line);
    text(j, "expect", str_of(verdict_name(c->it->expect)));
    text(j, "verdict", c->ran ? str_of(verdict_name(c->verdict)) : STR(""));
    text(j, "message", c->message);
    number(j, "facts", c->facts);
    problems(j, c->problems, c->problem_count);
    json_close_object(j);
}

static void one_suite(struct json *j, const struct suite_result *s)
{
    json_open_object(j);
    text(j, "policy", s->policy->id);
    text(j, "file", s->cases->file);
    json_key(j, "cases");
    json_open_array(j);
    for (size_t i = 0; i < s->cases->count; i++)
        one_case(j, &s->results[i]);
    json_close_array(j);
    problems(j, s->problems, s->problem_count);
    json_close_object(j);
}

static void flag(struct json *j, const char *key, bool v)
{
    json_key(j, key);
    json_bool(j, v);
}

static void coverage(struct json *j, const struct test_report *r)
{
    json_key(j, "clauses");
    json_open_array(j);
    for (size_t i = 0; i < r->clause_count; i++) {
        const struct clause_report *c = &r->clauses[i];
        json_open_object(j);
        text(j, "rule", c->rule->qualified);
        text(j, "file", c->rule->policy->file);
        number(j, "line", (uint64_t)c->line);
        text(j, "clause", c->name);
        flag(j, "condition", c->condition);
        flag(j, "passed", c->passed);
        flag(j, "failed", c->failed);
        flag(j, "other", c->other);
        json_close_object(j);
    }
    json_close_array(j);
    json_key(j, "lines");
    json_open_array(j);
    for (size_t i = 0; i < r->lines_count; i++) {
        json_open_object(j);
        text(j, "file", r->lines[i].file);
        number(j, "code", r->lines[i].code);
        number(j, "ran", r->lines[i].ran);
        text(j, "missing", r->lines[i].missing);
        json_close_object(j);
    }
    json_close_array(j);
}

static void mutants(struct json *j, const struct test_report *r)
{
    json_key(j, "mutants");
    json_open_object(j);
    number(j, "made", r->mutant_count);
    number(j, "noticed", r->mutant_count - r->survivor_count);
    number(j, "on_lines_not_run", r->not_run);
    json_key(j, "survivors");
    json_open_array(j);
    for (size_t i = 0; i < r->survivor_count; i++) {
        json_open_object(j);
        text(j, "file", r->survivors[i].file);
        number(j, "line", (uint64_t)r->survivors[i].line);
        text(j, "rule", r->survivors[i].rule);
        text(j, "text", r->survivors[i].text);
        json_close_object(j);
    }
    json_close_array(j);
    json_close_object(j);
}

void report_tests_json(const struct test_report *r, struct sb *out)
{
    struct json j;
    json_init(&j, out, 2);
    json_open_object(&j);
    text(&j, "schema", STR("rectify.policy_tests/1"));
    json_key(&j, "suites");
    json_open_array(&j);
    for (size_t i = 0; i < r->suite_count; i++)
        one_suite(&j, &r->suites[i]);
    json_close_array(&j);
    if (r->has_coverage)
        coverage(&j, r);
    if (r->has_mutants)
        mutants(&j, r);
    json_key(&j, "summary");
    json_open_object(&j);
    number(&j, "cases", r->cases);
    number(&j, "failed", r->failed_cases);
    number(&j, "facts", r->facts);
    json_close_object(&j);
    json_close_object(&j);
    sb_putc(out, '\n');
}

/* ---- JUnit ------------------------------------------------------------------------------------
 */

static void attribute(struct sb *b, const char *name, struct str s)
{
    sb_printf(b, " %s=\"", name);
    sb_xml(b, s);
    sb_putc(b, '"');
}

static void junit_problems(struct sb *b, const struct test_problem *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sb_puts(b, "      <failure");
        attribute(b, "type", str_of(test_problem_name(list[i].kind)));
        attribute(b, "message", list[i].text);
        sb_puts(b, "/>\n");
    }
}

static void junit_case(struct sb *b, const struct suite_result *s, size_t index)
{
    const struct case_result *c = &s->results[index];
    struct sb name;
    sb_init(&name, 4096);
    sb_printf(&name, STR_FMT " %zu %s", STR_ARG(c->it->rule), index + 1,
              verdict_name(c->it->expect));
    if (c->it->title.len)
        sb_printf(&name, ": " STR_FMT, STR_ARG(c->it->title));
    sb_puts(b, "    <testcase");
    attribute(b, "classname", s->policy->id);
    attribute(b, "name", (struct str){name.ptr, name.len});
    sb_puts(b, c->problem_count ? ">\n" : "/>\n");
    junit_problems(b, c->problems, c->problem_count);
    if (c->problem_count)
        sb_puts(b, "    </testcase>\n");
    sb_done(&name);
}

static void junit_suite(struct sb *b, const struct suite_result *s)
{
    size_t failed = 0;
    for (size_t i = 0; i < s->cases->count; i++)
        failed += s->results[i].problem_count != 0;
    sb_puts(b, "  <testsuite");
    attribute(b, "name", s->policy->id);
    attribute(b, "file", s->cases->file);
    sb_printf(b, " tests=\"%zu\" failures=\"%zu\">\n", s->cases->count + 1,
              failed + (s->problem_count != 0));
    for (size_t i = 0; i < s->cases->count; i++)
        junit_case(b, s, i);
    sb_puts(b, "    <testcase");
    attribute(b, "classname", s->policy->id);
    attribute(b, "name", STR("each rule has a case that passes and one that fails"));
    sb_puts(b, s->problem_count ? ">\n" : "/>\n");
    junit_problems(b, s->problems, s->problem_count);
    sb_puts(b, s->problem_count ? "    </testcase>\n  </testsuite>\n" : "  </testsuite>\n");
}

void report_tests_junit(const struct test_report *r, struct sb *out)
{
    sb_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rectify policy "
                 "test\">\n");
    for (size_t i = 0; i < r->suite_count; i++)
        junit_suite(out, &r->suites[i]);
    sb_puts(out, "</testsuites>\n");
}
