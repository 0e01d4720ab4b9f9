/* One scheduled run: what the task and the unit call, and what can be called by hand. */
#include <string.h>

#include "base/wtime.h"
#include "cli/check_run.h"
#include "cli/cli.h"
#include "cli/event_log.h"
#include "cli/private_folder.h"
#include "cli/run_lock.h"
#include "cli/schedule.h"
#include "cli/schedule_results.h"
#include "cli/schedule_verbs.h"

static const struct args_option options[] = {
    {"name", "NAME", "of the schedule (default: check)"},
    {"keep", "N", "results to keep (default: 30)"},
    {"results", "DIR",
     "where they go: a folder that others cannot write, made if it is not there (default: "
     "rectify\\results\\NAME below %ProgramData%, /var/lib/rectify/results/NAME)"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "schedule run",
    .synopsis = "[OPTIONS] -- CHECK-ARGUMENTS",
    .about = "What a schedule runs: `rectify check CHECK-ARGUMENTS`, its JSON report kept in the "
             "folder of results, the oldest ones removed, one line on standard error and, on "
             "Windows, in the Application log (source rectify).  Nothing is printed on standard "
             "output unless --format asks for it.",
    .options = options,
    .more =
        "exit codes: those of check; 75 a run of this schedule is still going\n\n"
        "event ids: 100 exit code 0, 101 a rule failed, 102 something is unknown, 110 could not\n"
        "run, 111 a run is still going",
};

struct run {
    struct str name;
    unsigned keep;
    const char *folder; /* --results */
    struct schedule_results results;
    struct check_request check;
    struct arena mem;
    struct sb summary; /* ", 1 fail, 9 pass" */
    char note[300];    /* what went wrong beside the run */
};

static bool option(const struct args *a, struct run *r)
{
    unsigned long n;
    if (args_is(a, "results")) {
        r->folder = a->value;
        return true;
    }
    if (args_is(a, "name")) {
        r->name = str_of(a->value);
        if (schedule_name_fits(r->name))
            return true;
        args_bad_value(a, SCHEDULE_NAME_WANTED);
        r->name = STR("check");
        return false;
    }
    if (!args_number(a->value, 1, SCHEDULE_KEEP_MOST, &n)) {
        args_bad_value(a, "a number from 1 to 10000");
        return false;
    }
    r->keep = (unsigned)n;
    return true;
}

/* -1, or the exit code; `*help`: nothing was to be run. */
static int parse(struct run *r, int argc, char **argv, bool *help)
{
    struct args a;
    int rest = argc;
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        *help = got == ARGS_HELP;
        if (*help)
            return EXIT_PASS;
        if (got == ARGS_BAD || (got == ARGS_OPTION && !option(&a, r)))
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD && !a.words_only)
            return cli_fail(EXIT_USAGE_ERROR,
                            "schedule run: unexpected argument %s; what check is told goes behind "
                            "--",
                            a.value);
        if (got == ARGS_WORD) {
            rest = a.at - 1;
            break;
        }
    }
    int code = check_parse(&r->check, argc - rest + 1, argv + rest - 1);
    *help = code == EXIT_PASS;
    return code;
}

static bool prepare(struct run *r, struct err *e)
{
    if (!r->folder)
        return schedule_results_make(r->name, &r->mem, &r->results.folder, e);
    r->results.folder = str_of(r->folder);
    return private_folder(r->folder, e);
}

static void count(struct run *r, const struct run_report *run)
{
    static const enum verdict order[] = {VERDICT_FAIL,     VERDICT_PASS,  VERDICT_UNKNOWN,
                                         VERDICT_CONFLICT, VERDICT_ERROR, VERDICT_NOT_APPLICABLE,
                                         VERDICT_WAIVED};
    for (size_t i = 0; i < VERDICTS; i++)
        sb_printf(&r->summary, ", %llu %s", (unsigned long long)run->summary[order[i]],
                  verdict_name(order[i]));
}

/* The report of the run; a result that is too much stays, but is told of. */
static bool keep_result(void *context, const struct run_report *run, struct err *e)
{
    struct run *r = context;
    struct err why = {0};
    struct sb json;
    sb_init(&json, (size_t)1 << 30);
    report_json(run, &json);
    bool ok = !json.bad || err_set(e, ERR_NOMEM, 0, "report does not fit in memory");
    ok = ok && schedule_results_write(&r->results, wtime_now(), (struct str){json.ptr, json.len},
                                      &r->mem, e);
    sb_done(&json);
    count(r, run);
    if (ok && !schedule_results_trim(&r->results, r->keep, &r->mem, &why))
        snprintf(r->note, sizeof r->note, ", old results stay: %s", why.text);
    return ok;
}

static enum run_outcome outcome(int code)
{
    switch (code) {
    case EXIT_PASS:
        return RUN_PASSED;
    case EXIT_RULE_FAILED:
        return RUN_FAILED;
    case EXIT_UNKNOWN:
        return RUN_UNKNOWN;
    case EXIT_STILL_RUNNING:
        return RUN_STILL_GOING;
    default:
        return RUN_COULD_NOT;
    }
}

static int tell(struct run *r, int code)
{
    struct err e = {0};
    struct sb line;
    bool ran = outcome(code) < RUN_COULD_NOT;
    sb_init(&line, 1 << 16);
    sb_printf(&line, "rectify " STR_FMT ": exit %d", STR_ARG(r->name), code);
    if (ran)
        sb_printf(&line, "%s, report " STR_FMT "%s", r->summary.ptr ? r->summary.ptr : "",
                  STR_ARG(r->results.written), r->note);
    else
        sb_printf(&line, ", %s", cli_last_failure());
    /* What --format asked for could not be written; the report was. */
    if (!ran && r->results.written.len)
        sb_printf(&line, "%s, report " STR_FMT, r->summary.ptr ? r->summary.ptr : "",
                  STR_ARG(r->results.written));
    if (ran || r->results.written.len)
        cli_fail(0, "%s", line.ptr ? line.ptr + strlen("rectify ") : "");
    if (!event_log_write(outcome(code), line.ptr ? line.ptr : "", &e))
        cli_fail(0, "schedule run: %s", e.text);
    sb_done(&line);
    return code;
}

static int locked(struct run *r)
{
    struct err e = {0};
    if (!prepare(r, &e))
        return cli_fail(EXIT_COULD_NOT_RUN, "schedule run: %s", e.text);
    struct str lock = private_below(r->results.folder, ".lock", &r->mem);
    switch (lock.ptr ? run_lock(lock.ptr, &e) : RUN_LOCK_FAILED) {
    case RUN_LOCK_TAKEN:
        return check_perform(&r->check, keep_result, r);
    case RUN_LOCK_HELD:
        return cli_fail(EXIT_STILL_RUNNING,
                        "schedule run: the run before is still going: it holds " STR_FMT,
                        STR_ARG(lock));
    default:
        return cli_fail(EXIT_COULD_NOT_RUN, "schedule run: %s", e.text);
    }
}

int schedule_run_verb(int argc, char **argv)
{
    static struct run r;
    bool help = false;
    r = (struct run){.name = STR("check"), .keep = SCHEDULE_KEEP};
    arena_init(&r.mem, ARENA_DEFAULT_CAP);
    sb_init(&r.summary, 1 << 12);
    int code = parse(&r, argc, argv, &help);
    if (!help)
        code = tell(&r, code < 0 ? locked(&r) : code);
    sb_done(&r.summary);
    arena_done(&r.mem);
    return code;
}
