#include "cli/check_run.h"

#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "report/report.h"

static const char *const formats[] = {"terminal", "json", "junit", "csv", NULL};

static const struct args_option options[] = {
    TARGET_OPTIONS,
    TARGET_CACHE_OPTION,
    SELECTION_OPTIONS,
    {"format", "NAME[:FILE]", "terminal, json, junit or csv, repeatable; to a file or to stdout"},
    {"quiet", NULL, "terminal: verdicts of findings and the summary only"},
    {"verbose", NULL, "terminal: passing rules with their evidence too"},
    {"color", "WHEN", "auto, always or never"},
    {"progress", "WHEN", "auto, always or never"},
    {NULL, NULL, NULL},
};

const struct args_spec check_spec = {
    .verb = "check",
    .synopsis = "--root DIR | --archive FILE [OPTIONS]",
    .about =
        "Evaluates policies on a Windows volume and reports what holds, what does not, what is "
        "not known, and with which evidence.",
    .options = options,
    .more = "exit codes: 0 nothing failed, 1 could not run, 2 a rule failed, 3 nothing failed but\n"
            "something is unknown, conflicting or broken, 64 wrong command line",
};

static bool output_option(const struct args *a, struct check_request *c)
{
    struct err e = {0};
    if (args_is(a, "format") && !outputs_add(&c->outputs, a->value, formats, &e)) {
        cli_fail(0, "check: %s", e.text);
        return false;
    }
    if (args_is(a, "quiet"))
        c->style.quiet = true;
    if (args_is(a, "verbose"))
        c->style.verbose = true;
    if ((args_is(a, "color") && !colour_parse(a->value, &c->colour)) ||
        (args_is(a, "progress") && !progress_parse(a->value, &c->progress))) {
        args_bad_value(a, "auto, always or never");
        return false;
    }
    return true;
}

int check_parse(struct check_request *c, int argc, char **argv)
{
    struct args a;
    *c = (struct check_request){0};
    selection_begin(&c->selection);
    args_begin(&a, &check_spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD)
            return cli_fail(EXIT_USAGE_ERROR,
                            "check: unexpected argument %s; the target goes "
                            "behind --root or --archive",
                            a.value);
        int taken = target_option(&a, &c->target);
        if (taken == 0)
            taken = selection_option(&a, &c->selection, &c->target);
        if (taken < 0 || (taken == 0 && !output_option(&a, c)))
            return EXIT_USAGE_ERROR;
    }
    if (c->style.quiet && c->style.verbose)
        return cli_fail(EXIT_USAGE_ERROR, "check: --quiet and --verbose exclude each other");
    return -1;
}

static void render(const struct check_request *c, const struct output *o,
                   const struct run_report *run, struct sb *out)
{
    if (strcmp(o->format, "json") == 0) {
        report_json(run, out);
    } else if (strcmp(o->format, "junit") == 0) {
        report_junit(run, out);
    } else if (strcmp(o->format, "csv") == 0) {
        report_csv(run, out);
    } else {
        struct report_style style = output_style(o, c->colour);
        style.quiet = c->style.quiet;
        style.verbose = c->style.verbose;
        report_terminal(run, &style, out);
    }
}

static bool write_reports(const struct check_request *c, const struct run_report *run,
                          struct err *e)
{
    bool ok = true;
    for (size_t i = 0; i < c->outputs.count && ok; i++) {
        struct sb bytes;
        sb_init(&bytes, (size_t)1 << 30);
        render(c, &c->outputs.item[i], run, &bytes);
        ok = output_write(&c->outputs.item[i], &bytes, e);
        sb_done(&bytes);
    }
    return ok;
}

static void on_rule(void *context, size_t done, size_t total, const struct rule *next)
{
    (void)context;
    progress_step(next ? next->qualified.ptr : "", done, total);
}

struct seen {
    check_seen *call;
    void *context;
};

static int evaluate(const struct check_request *c, const struct catalogue *catalogue,
                    const struct seen *seen)
{
    struct host *host = NULL;
    uint64_t started = clock_ms();
    int code = target_open("check", &c->target, &host);
    if (code)
        return code;
    struct arena mem;
    arena_init(&mem, ARENA_DEFAULT_CAP);
    struct run_report run = {0};
    struct err e = {0};
    bool ok = engine_check(catalogue, host, on_rule, NULL, &mem, &run, &e);
    run.duration_ms = clock_ms() - started;
    progress_end();
    ok = ok && (!seen->call || seen->call(seen->context, &run, &e)) && write_reports(c, &run, &e);
    code = ok ? engine_exit_code(&run) : cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
    arena_done(&mem);
    host_close(host);
    return code;
}

int check_perform(const struct check_request *c, check_seen *seen, void *context)
{
    struct catalogue catalogue = {0};
    struct err e = {0};
    if (!catalogue_load(&c->selection.engine, &catalogue, &e))
        return cli_fail(e.kind == ERR_USAGE ? EXIT_USAGE_ERROR : EXIT_COULD_NOT_RUN, "%s", e.text);
    progress_begin(c->progress);
    int code = evaluate(c, &catalogue, &(struct seen){seen, context});
    progress_end();
    catalogue_done(&catalogue);
    return code;
}
