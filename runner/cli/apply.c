#include <string.h>

#include "base/wtime.h"
#include "cli/apply_output.h"
#include "cli/apply_target.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/plan_file.h"
#include "cli/target_live.h"
#include "host/fd.h"

static const struct args_option options[] = {
    {"allow", "KIND,..",
     "what may be changed: registry, certificates, eventlog, services, upgrades"},
    {"dry-run", NULL, "recompute and compare the plan, show what would be done, write nothing"},
    {"what-if", NULL, "the same"},
    {"noop", NULL, "the same"},
    {"resume", "JOURNAL", "go on with an apply that was stopped"},
    {"journal", "FILE",
     "where the journal goes (default: PLAN with .journal instead of .json, then .2.journal, ...; "
     "for this Windows in %ProgramData%\\rectify)"},
    {"root", "DIR", "the target, where it is not where the plan says"},
    {"jobs", "N", "threads (default: all cores)"},
    APPLY_OUTPUT_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "apply",
    .synopsis = "PLAN --allow KIND,.. [OPTIONS] | PLAN --dry-run",
    .about = "Applies a plan that rectify plan wrote: computes it again from its policies and the "
             "target, goes on only if nothing differs, keeps every value that it replaces in a "
             "journal, asks the same rules again, and takes all back if one of them does not say "
             "what the plan predicted.",
    .options = options,
    .more =
        "exit codes: 0 applied and verified, 1 could not run, refused, or taken back: the\n"
        "target is as it was; 2 applied and verified, but not posted or not reported; 3 stopped\n"
        "in between: go on with --resume, or with rectify undo; 64 wrong command line;\n"
        "130 interrupted: as 3",
};

/* How long after it was made the plan for a live host is computed again as of then. */
#define PLAN_AGE (7 * WTIME_DAY)

struct applying {
    const char *plan, *resume, *journal;
    bool dry_run;
    unsigned allowed;
    struct apply_place place;
    struct apply_output output;
    struct plan_request request;
};

static bool allow(const struct args *a, struct applying *p)
{
    const char *word = a->value;
    for (;;) {
        size_t len = strcspn(word, ",");
        if (!authority_parse((struct str){word, len}, &p->allowed)) {
            args_bad_value(a,
                           "registry, certificates, eventlog, services or upgrades, with commas");
            return false;
        }
        if (!word[len])
            return true;
        word += len + 1;
    }
}

static int take_option(const struct args *a, struct applying *p)
{
    if (args_is(a, "allow"))
        return allow(a, p) ? 1 : -1;
    if (args_is(a, "resume"))
        p->resume = a->value;
    else if (args_is(a, "journal"))
        p->journal = a->value;
    else if (args_is(a, "dry-run") || args_is(a, "what-if") || args_is(a, "noop"))
        p->dry_run = true;
    else if (args_is(a, "root") || args_is(a, "jobs"))
        return target_option(a, &p->place.options);
    else
        return apply_output_option(a, &p->output);
    return 1;
}

/* -1: go on; else the exit code. */
static int parse(struct applying *p, int argc, char **argv)
{
    struct args a;
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD && p->plan)
            return cli_fail(EXIT_USAGE_ERROR, "apply: one plan at a time: %s, %s", p->plan,
                            a.value);
        if (got == ARGS_WORD)
            p->plan = a.value;
        else if (take_option(&a, p) <= 0)
            return EXIT_USAGE_ERROR;
    }
    if (!p->plan)
        return cli_fail(EXIT_USAGE_ERROR, "apply: name the plan file that rectify plan wrote");
    if (p->dry_run && (p->resume || p->journal))
        return cli_fail(EXIT_USAGE_ERROR, "apply: a dry run has no journal");
    if (p->resume && p->journal)
        return cli_fail(EXIT_USAGE_ERROR, "apply: --resume and --journal exclude each other");
    return apply_output_end("apply", &p->output) ? -1 : EXIT_USAGE_ERROR;
}

/* PLAN.json -> PLAN.journal, PLAN.2.journal, ...: the first that is not there; in `folder` unless
 * that is empty. */
static const char *journal_name(const char *plan, struct str folder, struct arena *a)
{
    enum { TRIES = 1000 };
    const char *base = folder.len ? plan + journal_file_name(plan) : plan;
    size_t len = strlen(base);
    if (len > 5 && strcmp(base + len - 5, ".json") == 0)
        len -= 5;
    for (int i = 1; i < TRIES; i++) {
        struct str name =
            i == 1 ? str_fmt(a, STR_FMT "%.*s.journal", STR_ARG(folder), (int)len, base)
                   : str_fmt(a, STR_FMT "%.*s.%d.journal", STR_ARG(folder), (int)len, base, i);
        struct err e = {0};
        int fd = fd_open_read(name.ptr ? name.ptr : plan, &e);
        if (fd < 0 && e.kind == ERR_NOT_FOUND)
            return name.ptr;
        fd_close(fd);
    }
    return plan; /* is there: creating the journal says so */
}

/* Those of changes to a live host go where only administrators write. */
static const char *journal_default(const struct applying *p, struct arena *a, struct err *e)
{
    struct str folder = STR("");
    if (apply_place_is_live(&p->place) &&
        !(target_live_allowed(e) && target_live_journals(a, &folder, e)))
        return NULL;
    const char *name = journal_name(p->plan, folder, a);
    if (!name)
        err_set(e, ERR_NOMEM, 0, "out of memory");
    return name;
}

static void on_rule(void *context, size_t done, size_t total, const struct rule *next)
{
    (void)context;
    progress_step(next ? next->qualified.ptr : "", done, total);
}

static int run(struct applying *p, const struct catalogue *catalogue, const struct plan_file *file,
               struct arena *a)
{
    struct err e = {0};
    struct apply_report report;
    struct apply_target target = apply_place_target(&p->place);
    struct gate_backend backend = apply_place_backend(&p->place);
    p->place.writes = !p->dry_run;
    struct preview_request preview = {
        .catalogue = catalogue,
        .options = &p->request.options,
        .consent = &file->consent,
        .target = &target,
        .location = target_location(&p->place.options, a),
        .progress = on_rule,
    };
    if (p->dry_run) {
        if (!engine_preview(&preview, a, &report, &e))
            return cli_fail(EXIT_COULD_NOT_RUN, "apply: %s", e.text);
        progress_end();
        return apply_output_write("apply", &p->output, &report);
    }
    struct apply_request request = {
        .plan = preview,
        .allowed = p->allowed,
        .backend = &backend,
        .journal = p->resume    ? p->resume
                   : p->journal ? p->journal
                                : journal_default(p, a, &e),
        .resume = p->resume != NULL,
        .upgrade_post = p->request.upgrade_post,
    };
    interrupt_hold();
    bool ok = request.journal && engine_apply(&request, a, &report, &e);
    progress_end();
    return ok ? apply_output_write("apply", &p->output, &report)
              : cli_fail(EXIT_COULD_NOT_RUN, "apply: %s", e.text);
}

/* A live host's own time is the clock's, and some values (LastSyncTime) hold it: the plan would be
 * another one each time.  Offline the target says what time it is. */
static void take_time(struct applying *p, const struct plan_file *file)
{
    uint64_t now = wtime_now(), then = file->reference_time;
    if (apply_place_is_live(&p->place) && !p->place.options.at && then <= now &&
        now - then <= PLAN_AGE)
        p->place.options.at = then;
}

static int with_plan(struct applying *p, struct arena *a)
{
    struct plan_file file;
    struct catalogue catalogue = {0};
    struct err e = {0};
    struct target_options here = p->place.options;
    int code = plan_file_read("apply", p->plan, &p->request, a, &file);
    if (code)
        return code;
    /* What the plan says of the target counts, but for where it is and how fast it is read. */
    p->place.options = p->request.target;
    p->place.options.root = here.root;
    p->place.options.jobs = here.jobs;
    apply_place_at(&p->place, arena_strdup(a, file.location.ptr, file.location.len));
    take_time(p, &file);
    if (!catalogue_load(&p->request.selection.engine, &catalogue, &e))
        return cli_fail(EXIT_COULD_NOT_RUN, "apply: %s", e.text);
    progress_begin(p->output.progress);
    code = run(p, &catalogue, &file, a);
    progress_end();
    catalogue_done(&catalogue);
    return code;
}

int verb_apply(int argc, char **argv)
{
    static struct applying p;
    struct arena a;
    memset(&p, 0, sizeof p);
    int code = parse(&p, argc, argv);
    if (code >= 0)
        return code;
    plan_request_begin(&p.request);
    arena_init(&a, (size_t)1 << 30);
    code = with_plan(&p, &a);
    apply_place_done(&p.place);
    arena_done(&a);
    plan_request_done(&p.request);
    return code;
}
