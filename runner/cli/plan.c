#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/plan_request.h"
#include "cli/progress.h"
#include "cli/target_live.h"
#include "report/plan_report.h"

static const char *const formats[] = {"terminal", "json", "reg", "sst", NULL};

static const struct args_option options[] = {
    TARGET_OPTIONS,
    TARGET_CACHE_OPTION,
    SELECTION_OPTIONS,
    {"format", "NAME[:FILE]",
     "terminal, json (what rectify apply takes), reg or sst, repeatable; to a file or to stdout"},
    {"verbose", NULL, "terminal: whole values, and rules whose verdict stays"},
    {"quiet", NULL, "terminal: one line an action, and the summary"},
    {"color", "WHEN", "auto, always or never"},
    {"progress", "WHEN", "auto, always or never"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "plan",
    .synopsis = "--root DIR | --archive FILE [OPTIONS]",
    .about = "Plans what would put failed rules right: each change with what is there now, the "
             "verdicts afterwards, and what is left to a person. Writes nothing to the target.",
    .options = options,
    .more =
        "settings (--set): roots.source=DIR|URL|windows-update|root-dir-url, where\n"
        "roots.refresh gets Microsoft's lists (default: nowhere, no network; root-dir-url is\n"
        "what a live host is told itself); upgrade.source=DIR|URL and upgrade.stage=DIR, where\n"
        "upgrade.stage takes packages from and puts them; upgrade.post=URL, who is told of\n"
        "upgrades that are due, once a plan is applied\n\n"
        "exit codes: 4 there is something to do, else as check: 0 nothing failed, 2 a rule\n"
        "failed and nothing can be done about it here, 3 something is unknown; 1 could not\n"
        "run, 64 wrong command line",
};

struct planning {
    struct plan_request request;
    struct outputs outputs;
    struct report_style style;
    enum when_colour colour;
    enum when_progress progress;
};

static bool output_option(const struct args *a, struct planning *p)
{
    struct err e = {0};
    if (args_is(a, "format") && !outputs_add(&p->outputs, a->value, formats, &e)) {
        cli_fail(0, "plan: %s", e.text);
        return false;
    }
    if (args_is(a, "quiet"))
        p->style.quiet = true;
    if (args_is(a, "verbose"))
        p->style.verbose = true;
    if ((args_is(a, "color") && !colour_parse(a->value, &p->colour)) ||
        (args_is(a, "progress") && !progress_parse(a->value, &p->progress))) {
        args_bad_value(a, "auto, always or never");
        return false;
    }
    return true;
}

/* -1: go on; else the exit code. */
static int parse(struct planning *p, int argc, char **argv)
{
    struct args a;
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD)
            return cli_fail(EXIT_USAGE_ERROR,
                            "plan: unexpected argument %s; the target goes behind --root or "
                            "--archive",
                            a.value);
        int taken = plan_request_option(&a, &p->request);
        if (taken < 0 || (taken == 0 && !output_option(&a, p)))
            return EXIT_USAGE_ERROR;
    }
    if (p->outputs.count == 0)
        p->outputs.item[p->outputs.count++] = (struct output){"terminal", NULL};
    if (p->style.quiet && p->style.verbose)
        return cli_fail(EXIT_USAGE_ERROR, "plan: --quiet and --verbose exclude each other");
    if (!plan_request_end(&p->request))
        return cli_fail(EXIT_COULD_NOT_RUN, "plan: out of memory");
    return -1;
}

static const char *plan_file(const struct planning *p)
{
    for (size_t i = 0; i < p->outputs.count; i++)
        if (strcmp(p->outputs.item[i].format, "json") == 0)
            return p->outputs.item[i].file;
    return NULL;
}

static void render(const struct planning *p, const struct output *o, const struct plan *plan,
                   struct sb *out)
{
    if (strcmp(o->format, "json") == 0) {
        report_plan_json(plan, out);
    } else if (strcmp(o->format, "reg") == 0) {
        report_plan_reg(plan, out);
    } else if (strcmp(o->format, "sst") == 0) {
        report_plan_sst(plan, out);
    } else {
        struct report_style style = output_style(o, p->colour);
        style.quiet = p->style.quiet;
        style.verbose = p->style.verbose;
        report_plan_terminal(plan, plan_file(p), &style, out);
    }
}

static bool write_reports(const struct planning *p, const struct plan *plan, struct err *e)
{
    bool ok = true;
    for (size_t i = 0; i < p->outputs.count && ok; i++) {
        struct sb bytes;
        sb_init(&bytes, (size_t)1 << 30);
        render(p, &p->outputs.item[i], plan, &bytes);
        ok = output_write(&p->outputs.item[i], &bytes, e);
        sb_done(&bytes);
    }
    return ok;
}

static void on_rule(void *context, size_t done, size_t total, const struct rule *next)
{
    (void)context;
    progress_step(next ? next->qualified.ptr : "", done, total);
}

static int run_plan(struct planning *p, const struct catalogue *catalogue)
{
    const struct target_options *target = &p->request.target;
    struct host *host = NULL;
    uint64_t started = clock_ms();
    int code = target_open("plan", target, &host);
    if (code)
        return code;
    struct arena mem;
    arena_init(&mem, 2 * ARENA_DEFAULT_CAP); /* two runs */
    struct plan plan;
    struct err e = {0};
    bool ok = engine_plan(catalogue, host, &p->request.options, on_rule, NULL, &mem, &plan, &e);
    plan.now.duration_ms = clock_ms() - started;
    plan.location = target_location(target, &mem);
    progress_end();
    ok = ok && write_reports(p, &plan, &e);
    code = ok ? plan_exit_code(&plan) : cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
    arena_done(&mem);
    host_close(host);
    return code;
}

int verb_plan(int argc, char **argv)
{
    static struct planning p;
    memset(&p, 0, sizeof p);
    plan_request_begin(&p.request);
    int code = parse(&p, argc, argv);
    struct catalogue catalogue = {0};
    struct err e = {0};
    if (code < 0 && !catalogue_load(&p.request.selection.engine, &catalogue, &e)) {
        code = cli_fail(e.kind == ERR_USAGE ? EXIT_USAGE_ERROR : EXIT_COULD_NOT_RUN, "%s", e.text);
    } else if (code < 0) {
        progress_begin(p.progress);
        code = run_plan(&p, &catalogue);
        progress_end();
        catalogue_done(&catalogue);
    }
    plan_request_done(&p.request);
    return code;
}
