#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/cores.h"
#include "cli/output.h"
#include "cli/policy.h"
#include "cli/progress.h"
#include "engine/policy_test.h"
#include "report/policy_tests.h"

enum { REPEATS = 64, JOBS_MAX = 64, SURVIVORS_MAX = 1000000 };

static const char *const formats[] = {"terminal", "json", "junit", NULL};

static const struct args_option options[] = {
    {"policy", "PATH", "policies that the tests are about, repeatable (default: see below)"},
    {"format", "NAME[:FILE]", "terminal, json or junit, repeatable; to a file or to stdout"},
    {"coverage", NULL, "tell which lines ran and which clauses were seen to pass and to fail"},
    {"mutate", NULL, "make small mistakes in the policies and tell which ones no case notices"},
    {"survivors", "N", "with --mutate: exit 2 when more mistakes than N are not noticed"},
    {"jobs", "N", "threads (default: one a processor)"},
    {"color", "WHEN", "auto, always or never"},
    {"progress", "WHEN", "auto, always or never"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "policy test",
    .synopsis = "PATH... [OPTIONS]",
    .about =
        "Runs tests of policies: files named *_test.lua, or folders that hold some.  Each case "
        "is also run twice, and once for every fact that it read with that fact made "
        "unreadable, which must show in the verdict.  NAME_test.lua is about NAME.lua beside "
        "it; without that, about the built-in packs.",
    .options = options,
    .more = "exit codes: 0 all as expected, 1 could not run, 2 something is not as expected, 64 "
            "wrong command line",
};

struct testing {
    struct engine_options engine;
    struct str policies[REPEATS], paths[REPEATS];
    size_t path_count;
    struct outputs outputs;
    enum when_colour colour;
    enum when_progress progress;
    unsigned long jobs, survivors;
    bool coverage, mutate, limited;
};

static bool take(struct str *list, size_t *count, const char *text)
{
    if (*count == REPEATS)
        return false;
    list[(*count)++] = str_of(text);
    return true;
}

/* 0: taken; else the exit code. */
static int take_option(struct testing *t, const struct args *a)
{
    struct err e = {0};
    if (args_is(a, "policy") && !take(t->policies, &t->engine.policy_count, a->value))
        return cli_fail(EXIT_USAGE_ERROR, "policy test: more than %d policies", REPEATS);
    if (args_is(a, "format") && !outputs_add(&t->outputs, a->value, formats, &e))
        return cli_fail(EXIT_USAGE_ERROR, "policy test: %s", e.text);
    if (args_is(a, "jobs") && !args_number(a->value, 1, JOBS_MAX, &t->jobs))
        return args_bad_value(a, "1 to 64");
    t->coverage = t->coverage || args_is(a, "coverage");
    t->mutate = t->mutate || args_is(a, "mutate");
    if (args_is(a, "survivors") && !args_number(a->value, 0, SURVIVORS_MAX, &t->survivors))
        return args_bad_value(a, "a number");
    t->limited = t->limited || args_is(a, "survivors");
    if (args_is(a, "color") && !colour_parse(a->value, &t->colour))
        return args_bad_value(a, "auto, always or never");
    if (args_is(a, "progress") && !progress_parse(a->value, &t->progress))
        return args_bad_value(a, "auto, always or never");
    return 0;
}

/* -1: go on; else the exit code. */
static int parse(struct testing *t, int argc, char **argv)
{
    struct args a;
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD && !take(t->paths, &t->path_count, a.value))
            return cli_fail(EXIT_USAGE_ERROR, "policy test: more than %d paths", REPEATS);
        int code = got == ARGS_OPTION ? take_option(t, &a) : 0;
        if (code)
            return code;
    }
    if (t->path_count == 0)
        return cli_fail(EXIT_USAGE_ERROR,
                        "policy test: name files called *_test.lua, or folders that hold some");
    if (t->limited && !t->mutate)
        return cli_fail(EXIT_USAGE_ERROR, "policy test: --survivors goes with --mutate");
    if (t->outputs.count == 0)
        t->outputs.item[t->outputs.count++] = (struct output){"terminal", NULL};
    return -1;
}

static bool write_one(const struct testing *t, const struct output *o,
                      const struct test_report *report, struct err *e)
{
    struct sb bytes;
    struct report_style style = output_style(o, t->colour);
    sb_init(&bytes, (size_t)1 << 30);
    if (strcmp(o->format, "json") == 0)
        report_tests_json(report, &bytes);
    else if (strcmp(o->format, "junit") == 0)
        report_tests_junit(report, &bytes);
    else
        report_tests_terminal(report, &style, &bytes);
    bool ok = output_write(o, &bytes, e);
    sb_done(&bytes);
    return ok;
}

static void show(void *context, size_t done, size_t total, struct str what)
{
    char text[128];
    (void)context;
    snprintf(text, sizeof text, STR_FMT, STR_ARG(what));
    progress_step(text, done, total);
}

static int run(const struct testing *t, const struct test_suites *suites)
{
    struct arena a;
    struct test_report report;
    struct err e = {0};
    struct test_options o = {.jobs = t->jobs ? (unsigned)t->jobs : cores(),
                             .render = report_tests_run,
                             .progress = show};
    arena_init(&a, ARENA_DEFAULT_CAP);
    progress_begin(t->progress);
    bool ok = policy_tests_run(suites, &o, &a, &report, &e);
    ok = ok && (!t->coverage || policy_tests_cover(suites, &a, &report, &e));
    ok = ok && (!t->mutate || policy_tests_mutate(suites, &o, &a, &report, &e));
    progress_end();
    for (size_t i = 0; i < t->outputs.count && ok; i++)
        ok = write_one(t, &t->outputs.item[i], &report, &e);
    bool failed =
        policy_tests_failed(&report) || (t->limited && report.survivor_count > t->survivors);
    int code = failed ? EXIT_RULE_FAILED : EXIT_PASS;
    policy_tests_report_done(&report);
    arena_done(&a);
    return ok ? code : cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
}

int policy_test(int argc, char **argv)
{
    static struct testing t;
    t = (struct testing){0};
    t.engine.policies = t.policies;
    int code = parse(&t, argc, argv);
    if (code >= 0)
        return code;
    struct test_suites suites;
    struct err e = {0};
    if (!policy_tests_load(&t.engine, t.paths, t.path_count, &suites, &e))
        return cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
    code = run(&t, &suites);
    policy_tests_done(&suites);
    return code;
}
