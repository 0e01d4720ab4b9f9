#include "cli/schedule_request.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/schedule_command.h"
#include "cli/schedule_verbs.h"
#include "cli/trusted_path.h"

static const struct args_option options[] = {
    {"name", "NAME", "of the schedule, where there are several (default: check)"},
    {"time", "HH:MM", "local time of day (default: 03:00)"},
    {"random-delay", "TIME",
     "start up to that much later, so that a fleet does not start at once: 90m, 2h, 0 (default: "
     "1h)"},
    {"keep", "N", "results to keep (default: 30)"},
    {"print", NULL, "print what would be installed, install nothing"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "schedule install",
    .synopsis = "[OPTIONS] -- CHECK-ARGUMENTS",
    .about =
        "Runs `rectify check CHECK-ARGUMENTS` once a day: a task of Task Scheduler that runs as "
        "SYSTEM, a timer of systemd that runs as root.  A run that was missed is made up for; "
        "one that is still going is not started twice.  The arguments are checked now; the "
        "program and the files that they name are refused when others than administrators "
        "can write them.  A schedule of that name is replaced.",
    .options = options,
    .more = "exit codes: 0 installed (--print: printed), 1 not installed: without administrator "
            "rights\n"
            "(without systemd) the task or the units are printed instead, 64 wrong command line",
};

static const struct args_option name_options[] = {
    {"name", "NAME", "of the schedule (default: check)"},
    {NULL, NULL, NULL},
};

static bool set_time(const char *text, struct schedule *s)
{
    unsigned long hour, minute;
    char part[3] = {0};
    if (strlen(text) != 5 || text[2] != ':')
        return false;
    memcpy(part, text, 2);
    if (!args_number(part, 0, 23, &hour) || !args_number(text + 3, 0, 59, &minute))
        return false;
    s->hour = (unsigned)hour;
    s->minute = (unsigned)minute;
    return true;
}

enum { DELAY_MOST = 24 * 60 };

/* "90m", "2h", "0". */
static bool set_delay(const char *text, struct schedule *s)
{
    char number[8] = {0};
    size_t len = strlen(text);
    unsigned long n, unit = 0;
    if (strcmp(text, "0") == 0) {
        s->delay = 0;
        return true;
    }
    if (len < 2 || len > sizeof number)
        return false;
    memcpy(number, text, len - 1);
    unit = text[len - 1] == 'm' ? 1 : text[len - 1] == 'h' ? 60 : 0;
    if (!unit || !args_number(number, 0, DELAY_MOST / unit, &n))
        return false;
    s->delay = (unsigned)(n * unit);
    return true;
}

static bool set_name(const struct args *a, struct str *name)
{
    *name = str_of(a->value);
    if (schedule_name_fits(*name))
        return true;
    args_bad_value(a, SCHEDULE_NAME_WANTED);
    return false;
}

/* False: said on stderr. */
static bool option(const struct args *a, struct schedule_request *r)
{
    unsigned long n;
    if (args_is(a, "name"))
        return set_name(a, &r->schedule.name);
    if (args_is(a, "print"))
        return r->print = true;
    if (args_is(a, "time") && !set_time(a->value, &r->schedule)) {
        args_bad_value(a, "a time such as 03:00");
        return false;
    }
    if (args_is(a, "random-delay") && !set_delay(a->value, &r->schedule)) {
        args_bad_value(a, "minutes or hours up to a day: 90m, 2h, 0");
        return false;
    }
    if (!args_is(a, "keep"))
        return true;
    if (!args_number(a->value, 1, SCHEDULE_KEEP_MOST, &n)) {
        args_bad_value(a, "a number from 1 to 10000");
        return false;
    }
    r->schedule.keep = (unsigned)n;
    return true;
}

/* -1, or the exit code; `*rest` is set to where the arguments of check begin, if there are any. */
static int options_parse(struct schedule_request *r, int argc, char **argv, int *rest)
{
    struct args a;
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD || (got == ARGS_OPTION && !option(&a, r)))
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD && !a.words_only)
            return cli_fail(EXIT_USAGE_ERROR,
                            "schedule install: unexpected argument %s; what check is told goes "
                            "behind --",
                            a.value);
        if (got == ARGS_WORD) {
            *rest = a.at - 1;
            return -1;
        }
    }
    return -1;
}

/* What will be run is what is loaded here. */
static int load(const struct schedule *s, struct arena *a)
{
    static struct check_request check;
    struct catalogue catalogue = {0};
    struct err e = {0};
    char **argv = ARENA_ARRAY(a, s->argument_count + 2, char *);
    if (!argv)
        return cli_fail(EXIT_COULD_NOT_RUN, "out of memory");
    argv[0] = arena_strdup(a, "check", 5);
    for (size_t i = 0; i < s->argument_count; i++)
        argv[i + 1] = arena_strdup(a, s->arguments[i].ptr, s->arguments[i].len);
    int code = check_parse(&check, (int)s->argument_count + 1, argv);
    if (code >= 0)
        return code;
    if (!schedule_fits(s, &check.target, &e))
        return cli_fail(EXIT_USAGE_ERROR, "schedule install: %s", e.text);
    if (!catalogue_load(&check.selection.engine, &catalogue, &e))
        return cli_fail(e.kind == ERR_USAGE ? EXIT_USAGE_ERROR : EXIT_COULD_NOT_RUN, "%s", e.text);
    catalogue_done(&catalogue);
    return -1;
}

static int arguments(struct schedule *s, struct arena *a, int argc, char **argv)
{
    static struct check_request check;
    struct err e = {0};
    char *name = argv[0];
    argv[0] = arena_strdup(a, "check", 5); /* `--` */
    int code = check_parse(&check, argc, argv);
    bool ok = code < 0 && program_path(a, &s->program, &e) &&
              trusted_path(s->program.ptr, TRUSTED_PROGRAM, a, &s->program, &e) &&
              schedule_command(argc, argv, s, a, &e);
    argv[0] = name;
    if (code >= 0)
        return code;
    if (!ok)
        return cli_fail(e.kind == ERR_USAGE ? EXIT_USAGE_ERROR : EXIT_COULD_NOT_RUN,
                        "schedule install: %s", e.text);
    if (!schedule_text_fits(s->program))
        return cli_fail(EXIT_COULD_NOT_RUN,
                        "schedule install: this program's path has characters that cannot be "
                        "scheduled: %s",
                        s->program.ptr);
    return load(s, a);
}

int schedule_request_parse(struct schedule_request *r, struct arena *a, int argc, char **argv)
{
    *r = (struct schedule_request){
        .schedule = {.name = STR("check"), .hour = 3, .delay = 60, .keep = SCHEDULE_KEEP}};
    int rest = argc, code = options_parse(r, argc, argv, &rest);
    if (code >= 0)
        return code;
    /* argv[rest - 1] is `--`, or the last argument where there is no more. */
    return arguments(&r->schedule, a, argc - rest + 1, argv + rest - 1);
}

int schedule_name_parse(const char *verb, const char *about, struct str *name, int argc,
                        char **argv)
{
    const struct args_spec own = {
        .verb = verb, .synopsis = "[--name NAME]", .about = about, .options = name_options};
    struct args a;
    *name = STR("check");
    args_begin(&a, &own, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_WORD)
            return cli_fail(EXIT_USAGE_ERROR, "%s: unexpected argument %s", verb, a.value);
        if (got == ARGS_BAD || !set_name(&a, name))
            return EXIT_USAGE_ERROR;
    }
    return -1;
}
