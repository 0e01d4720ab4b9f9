#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/schedule_results.h"
#include "cli/schedule_verbs.h"
#include "cli/verbs.h"

static const struct verb verbs[] = {
    {"install", schedule_install_verb,
     "run a check once a day, as a task or a timer of the system"},
    {"show", schedule_show_verb, "what is installed, when it runs next, how it went"},
    {"remove", schedule_remove_verb, "remove it; its results stay"},
    {"run", schedule_run_verb, "what is run: a check that keeps its report, one at a time"},
};

int verb_schedule(int argc, char **argv)
{
    static const struct verbs all = {"schedule", "Compliance checks by themselves, once a day.",
                                     verbs, sizeof verbs / sizeof *verbs};
    return verbs_run(&all, argc, argv);
}

int schedule_install_verb(int argc, char **argv)
{
    struct schedule_request r;
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    int code = schedule_request_parse(&r, &a, argc, argv);
    if (code < 0)
        code = r.print ? schedule_print(&r.schedule) : schedule_install(&r.schedule, &a);
    arena_done(&a);
    return code;
}

static int named(int (*run)(struct str, struct arena *), const char *verb, const char *about,
                 int argc, char **argv)
{
    struct arena a;
    struct str name;
    arena_init(&a, ARENA_DEFAULT_CAP);
    int code = schedule_name_parse(verb, about, &name, argc, argv);
    if (code < 0)
        code = run(name, &a);
    if (fflush(stdout) != 0)
        code = cli_fail(EXIT_COULD_NOT_RUN, "%s: cannot write to standard output", verb);
    arena_done(&a);
    return code;
}

int schedule_show_verb(int argc, char **argv)
{
    return named(schedule_show, "schedule show",
                 "Shows what is installed, when it runs next and how it went; exit code 1 where "
                 "nothing of that name is installed.",
                 argc, argv);
}

int schedule_remove_verb(int argc, char **argv)
{
    return named(schedule_remove, "schedule remove",
                 "Removes a schedule; its results stay.  Exit code 1 where nothing of that name is "
                 "installed.",
                 argc, argv);
}

void schedule_tell_results(struct str name, struct arena *a)
{
    struct str folder, newest;
    struct err e = {0};
    if (!schedule_results_place(name, a, &folder, &e) ||
        !schedule_results_newest(folder, a, &newest, &e))
        cli_fail(0, "schedule: results: %s", e.text);
    else
        printf("results    " STR_FMT "\nnewest     " STR_FMT "\n", STR_ARG(folder),
               STR_ARG(newest.len ? newest : STR("none")));
}
