/* Schedules as tasks of Task Scheduler, with the source of their entries in the event log. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#include "base/wtime.h"
#include "cli/cli.h"
#include "cli/event_source_win.h"
#include "cli/output.h"
#include "cli/schedule_verbs.h"
#include "cli/target_live.h"
#include "cli/task_service_win.h"

enum { XML_SIZE = 1 << 20, COMMAND_MOST = 8000 };

/* Task Scheduler replaces %NAME% and $(Arg0) in what it starts, and there is no way to tell it not
 * to. */
static bool has_variables(struct str text)
{
    size_t signs = 0;
    bool opened = false;
    for (size_t i = 0; i < text.len; i++) {
        signs += text.ptr[i] == '%';
        opened |= i && text.ptr[i - 1] == '$' && text.ptr[i] == '(';
    }
    return signs > 1 || opened;
}

static bool command_fits(const struct schedule *s, struct err *e)
{
    struct sb line;
    sb_init(&line, XML_SIZE);
    schedule_windows_arguments(s, &line);
    bool ok = (!line.bad && line.len <= COMMAND_MOST) ||
              err_set(e, ERR_USAGE, 0, "the arguments take more than %d bytes", COMMAND_MOST);
    if (ok && (has_variables((struct str){line.ptr, line.len}) || has_variables(s->program)))
        ok = err_set(
            e, ERR_USAGE, 0,
            "Task Scheduler would replace what stands between two %% signs, or behind $(: put "
            "such values into a file (--inputs, --profile), and the program where no %% "
            "is");
    sb_done(&line);
    return ok;
}

bool schedule_fits(const struct schedule *s, const struct target_options *t, struct err *e)
{
    if (t->root && t->archive)
        return err_set(e, ERR_USAGE, 0, "--root and --archive exclude each other");
    if (!t->root && !t->archive && t->complete != COMPLETE_DETECT)
        return err_set(e, ERR_USAGE, 0, "--complete and --collection go with --root or --archive");
    return command_fits(s, e);
}

int schedule_print(const struct schedule *s)
{
    const struct output to = {.format = "xml"};
    struct err e = {0};
    struct sb xml;
    sb_init(&xml, XML_SIZE);
    schedule_task_xml(s, &xml);
    bool ok = output_write(&to, &xml, &e);
    sb_done(&xml);
    return ok ? EXIT_PASS : cli_fail(EXIT_COULD_NOT_RUN, "schedule: %s", e.text);
}

/* The task as Task Scheduler gives it back, which is what counts. */
static bool read_back(const struct schedule *s, struct arena *a, struct err *e)
{
    struct task_state task;
    struct sb want;
    bool there;
    if (!task_read(s->name, a, &there, &task, e))
        return false;
    if (!there)
        return err_set(e, ERR_IO, 0,
                       "Task Scheduler took the task \\rectify\\" STR_FMT
                       ", but does not have it now",
                       STR_ARG(s->name));
    sb_init(&want, XML_SIZE);
    schedule_windows_arguments(s, &want);
    bool same = str_eq(task.arguments, (struct str){want.ptr, want.len});
    want.len = 0;
    sb_printf(&want, "\"" STR_FMT "\"", STR_ARG(s->program));
    same = same && str_eq(task.command, (struct str){want.ptr, want.len}) && !want.bad;
    sb_done(&want);
    return same ||
           err_set(e, ERR_IO, 0,
                   "Task Scheduler gives the task back with another command: " STR_FMT " " STR_FMT,
                   STR_ARG(task.command), STR_ARG(task.arguments));
}

static bool install(const struct schedule *s, struct arena *a, struct err *e)
{
    struct sb xml;
    sb_init(&xml, XML_SIZE);
    schedule_task_xml(s, &xml);
    bool ok = !xml.bad || err_set(e, ERR_NOMEM, 0, "out of memory");
    ok = ok && event_source_register(s->program.ptr, e) &&
         task_register(s->name, (struct str){xml.ptr, xml.len}, e) && read_back(s, a, e);
    sb_done(&xml);
    return ok;
}

int schedule_install(const struct schedule *s, struct arena *a)
{
    struct err e = {0};
    if (!target_live_allowed(&e)) {
        if (e.kind == ERR_UNSUPPORTED)
            return cli_fail(EXIT_COULD_NOT_RUN, "schedule install: %s", e.text);
        int code = schedule_print(s);
        return code ? code
                    : cli_fail(EXIT_COULD_NOT_RUN,
                               "schedule install: not installed, %s; the task is printed: keep it "
                               "in a file, then from an elevated prompt schtasks /Create /TN "
                               "\\rectify\\" STR_FMT " /XML FILE",
                               e.text, STR_ARG(s->name));
    }
    if (!install(s, a, &e))
        return cli_fail(EXIT_COULD_NOT_RUN,
                        "schedule install: not installed: %s (rectify schedule remove takes back "
                        "what there is of it)",
                        e.text);
    printf("installed  task \\rectify\\" STR_FMT "\n"
           "           event log Application, source rectify\n",
           STR_ARG(s->name));
    schedule_tell_results(s->name, a);
    return EXIT_PASS;
}

/* Days since 1899-12-30, in local time. */
static void show_time(const char *title, double date)
{
    const struct wtime_civil day_0 = {.year = 1899, .month = 12, .day = 30};
    struct wtime_civil c;
    uint64_t start;
    if (date > 1 && date < 2000000 && wtime_from_civil(&day_0, &start) &&
        wtime_civil(start + (uint64_t)(date * 86400 + 0.5) * WTIME_SECOND, &c))
        printf("%s  %04d-%02d-%02d %02d:%02d:%02d local time\n", title, c.year, c.month, c.day,
               c.hour, c.minute, c.second);
    else
        printf("%s  never\n", title);
}

static const char *meaning(long result)
{
    static const struct {
        long code;
        const char *text;
    } known[] = {
        {0, "no rule failed"},
        {1, "could not run"},
        {2, "a rule failed"},
        {3, "something is unknown"},
        {EXIT_USAGE_ERROR, "wrong command line"},
        {EXIT_STILL_RUNNING, "the run before was still going"},
        {0x41301, "it runs now"},
        {0x41303, "it has not run yet"},
        {0x41306, "it was ended"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == result)
            return known[i].text;
    return "not a code of rectify's";
}

int schedule_show(struct str name, struct arena *a)
{
    struct task_state task;
    struct err e = {0};
    bool there;
    if (!task_read(name, a, &there, &task, &e))
        return cli_fail(EXIT_COULD_NOT_RUN, "schedule show: %s", e.text);
    if (!there)
        return cli_fail(EXIT_COULD_NOT_RUN,
                        "schedule show: no schedule " STR_FMT ": Task Scheduler has no task "
                        "\\rectify\\" STR_FMT,
                        STR_ARG(name), STR_ARG(name));
    printf("task       \\rectify\\" STR_FMT "%s\n", STR_ARG(name),
           task.enabled ? "" : ", switched off");
    printf("runs       " STR_FMT " " STR_FMT "\n", STR_ARG(task.command), STR_ARG(task.arguments));
    show_time("next run ", task.next);
    show_time("last run ", task.last);
    if (task.last > 1)
        printf("result     %lu: %s\n", (unsigned long)task.result, meaning(task.result));
    schedule_tell_results(name, a);
    printf("\n" STR_FMT "\n", STR_ARG(task.xml));
    return EXIT_PASS;
}

/* The source goes with the last schedule. */
static bool remove_both(struct str name, bool *task, bool *source, struct err *e)
{
    bool last = false;
    *source = false;
    return task_remove(name, task, &last, e) && (!last || event_source_remove(source, e));
}

int schedule_remove(struct str name, struct arena *a)
{
    struct err e = {0};
    bool task, source;
    if (!target_live_allowed(&e) || !remove_both(name, &task, &source, &e))
        return cli_fail(EXIT_COULD_NOT_RUN, "schedule remove: %s", e.text);
    if (!task && !source)
        return cli_fail(EXIT_COULD_NOT_RUN,
                        "schedule remove: no schedule " STR_FMT ": Task Scheduler has no task "
                        "\\rectify\\" STR_FMT,
                        STR_ARG(name), STR_ARG(name));
    if (task)
        printf("removed    task \\rectify\\" STR_FMT "\n", STR_ARG(name));
    if (source)
        puts("removed    source rectify of the Application log");
    puts("its results stay:");
    schedule_tell_results(name, a);
    return EXIT_PASS;
}
