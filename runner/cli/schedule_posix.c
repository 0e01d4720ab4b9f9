/* Schedules as timers of systemd, in the folder of the administrator's own units. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/disk.h"
#include "actions/folder.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/schedule_verbs.h"
#include "cli/systemctl.h"

static const char units[] = "/etc/systemd/system";

enum { UNIT_SIZE = 1 << 20 };

struct unit {
    struct str name; /* "rectify-check.timer" */
    struct sb text;
};

static bool begin(struct str name, struct arena *a, struct unit *service, struct unit *timer)
{
    service->name = str_fmt(a, "rectify-" STR_FMT ".service", STR_ARG(name));
    timer->name = str_fmt(a, "rectify-" STR_FMT ".timer", STR_ARG(name));
    sb_init(&service->text, UNIT_SIZE);
    sb_init(&timer->text, UNIT_SIZE);
    return service->name.ptr && timer->name.ptr;
}

static void done(struct unit *service, struct unit *timer)
{
    sb_done(&service->text);
    sb_done(&timer->text);
}

bool schedule_fits(const struct schedule *s, const struct target_options *t, struct err *e)
{
    /* systemd takes such a program for a mistake, however it is quoted. */
    if (strpbrk(s->program.ptr, "\"'\\"))
        return err_set(e, ERR_USAGE, 0,
                       "systemd starts no program with quotes or backslashes in its path: %s",
                       s->program.ptr);
    if (!t->root && !t->archive)
        return err_set(e, ERR_USAGE, 0,
                       "the arguments behind -- name no target: --root DIR or --archive FILE (this "
                       "system is not Windows)");
    return !t->root || !t->archive ||
           err_set(e, ERR_USAGE, 0, "--root and --archive exclude each other");
}

/* As `systemctl cat` shows them. */
static int print(const struct schedule *s, struct arena *a)
{
    struct unit service, timer;
    struct sb all;
    struct err e = {0};
    const struct output to = {.format = "units"};
    sb_init(&all, UNIT_SIZE * 3);
    bool ok = begin(s->name, a, &service, &timer) || err_set(&e, ERR_NOMEM, 0, "out of memory");
    schedule_service_unit(s, &service.text);
    schedule_timer_unit(s, &timer.text);
    if (ok) {
        sb_printf(&all, "# %s/%s\n", units, service.name.ptr);
        sb_put(&all, service.text.ptr, service.text.len);
        sb_printf(&all, "\n# %s/%s\n", units, timer.name.ptr);
        sb_put(&all, timer.text.ptr, timer.text.len);
        all.bad |= service.text.bad || timer.text.bad;
        ok = output_write(&to, &all, &e);
    }
    done(&service, &timer);
    sb_done(&all);
    return ok ? EXIT_PASS : cli_fail(EXIT_COULD_NOT_RUN, "schedule: %s", e.text);
}

int schedule_print(const struct schedule *s)
{
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    int code = print(s, &a);
    arena_done(&a);
    return code;
}

static bool write_units(const struct schedule *s, struct unit *service, struct unit *timer,
                        struct err *e)
{
    struct disk_dir *d = NULL;
    schedule_service_unit(s, &service->text);
    schedule_timer_unit(s, &timer->text);
    if (service->text.bad || timer->text.bad)
        return err_set(e, ERR_LIMIT, 0, "a unit of more than %d bytes", UNIT_SIZE);
    bool ok =
        disk_dir_open(units, &d, e) &&
        folder_place(d, service->name.ptr, span_of(service->text.ptr, service->text.len), e) &&
        folder_place(d, timer->name.ptr, span_of(timer->text.ptr, timer->text.len), e);
    disk_dir_close(d);
    return ok || err_prefix(e, units);
}

static bool reload(struct err *e)
{
    return systemctl((const char *const[]){"daemon-reload", NULL}, NULL, e);
}

/* A timer that runs already learns its new time only by a restart. */
static bool start(const char *timer, struct err *e)
{
    return reload(e) && systemctl((const char *const[]){"enable", timer, NULL}, NULL, e) &&
           systemctl((const char *const[]){"restart", timer, NULL}, NULL, e);
}

static bool started(const char *timer, struct err *e)
{
    struct sb said;
    sb_init(&said, 1 << 16);
    bool ok =
        systemctl((const char *const[]){"show", timer, "--property=ActiveState", NULL}, &said, e);
    ok = ok && ((said.ptr && strcmp(said.ptr, "ActiveState=active\n") == 0) ||
                err_set(e, ERR_IO, 0, "%s was started, but systemd says %.*s", timer,
                        said.ptr ? (int)strcspn(said.ptr, "\n") : 0, said.ptr ? said.ptr : ""));
    sb_done(&said);
    return ok;
}

int schedule_install(const struct schedule *s, struct arena *a)
{
    struct unit service, timer;
    struct err e = {0};
    const char *why = geteuid() != 0       ? "only root can install units"
                      : !systemctl_there() ? "systemd does not run here"
                                           : NULL;
    if (why) {
        int code = schedule_print(s);
        return code ? code
                    : cli_fail(EXIT_COULD_NOT_RUN,
                               "schedule install: not installed, %s; the units are printed: put "
                               "them into %s, then systemctl daemon-reload and systemctl enable "
                               "--now rectify-" STR_FMT ".timer",
                               why, units, STR_ARG(s->name));
    }
    bool ok = begin(s->name, a, &service, &timer) || err_set(&e, ERR_NOMEM, 0, "out of memory");
    ok = ok && write_units(s, &service, &timer, &e) && start(timer.name.ptr, &e) &&
         started(timer.name.ptr, &e);
    if (ok)
        printf("installed  %s/%s\n           %s/%s\n", units, service.name.ptr, units,
               timer.name.ptr);
    done(&service, &timer);
    if (!ok)
        return cli_fail(EXIT_COULD_NOT_RUN, "schedule install: %s", e.text);
    schedule_tell_results(s->name, a);
    return EXIT_PASS;
}

static bool is_there(struct str unit, struct arena *a)
{
    struct stat st;
    struct str path = str_fmt(a, "%s/" STR_FMT, units, STR_ARG(unit));
    return path.ptr && lstat(path.ptr, &st) == 0;
}

static void show_unit(struct str name, struct arena *a)
{
    struct span text;
    struct err e = {0};
    printf("\n# %s/" STR_FMT "\n", units, STR_ARG(name));
    if (folder_read(units, name.ptr, UNIT_SIZE, a, &text, &e))
        fwrite(text.ptr, 1, text.len, stdout);
    else
        cli_fail(0, "schedule show: %s: %s", name.ptr, e.text);
}

/* A line of `systemctl show`: NAME=VALUE. */
static void show_property(const char *line, size_t len)
{
    static const struct {
        const char *name, *title;
    } known[] = {
        {"ActiveState=", "timer      "},     {"NextElapseUSecRealtime=", "next run   "},
        {"LastTriggerUSec=", "last run   "}, {"Result=", "result     "},
        {"ExecMainStatus=", "exit code  "},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t name = strlen(known[i].name);
        if (len >= name && memcmp(line, known[i].name, name) == 0)
            printf("%s%.*s\n", known[i].title, len > name ? (int)(len - name) : 1,
                   len > name ? line + name : "-");
    }
}

static void show_state(const char *service, const char *timer)
{
    struct sb said;
    struct err e = {0};
    sb_init(&said, 1 << 16);
    if (!systemctl_there())
        puts("timer      not known: systemd does not run here");
    else if (systemctl((const char *const[]){"show", timer,
                                             "--property=ActiveState,NextElapseUSecRealtime,"
                                             "LastTriggerUSec",
                                             NULL},
                       &said, &e) &&
             systemctl(
                 (const char *const[]){"show", service, "--property=Result,ExecMainStatus", NULL},
                 &said, &e))
        for (size_t at = 0; at < said.len; at += strcspn(said.ptr + at, "\n") + 1)
            show_property(said.ptr + at, strcspn(said.ptr + at, "\n"));
    else
        cli_fail(0, "schedule show: %s", e.text);
    sb_done(&said);
}

static int not_there(const char *verb, struct str name)
{
    return cli_fail(EXIT_COULD_NOT_RUN,
                    "%s: no schedule " STR_FMT ": no rectify-" STR_FMT ".timer in %s", verb,
                    STR_ARG(name), STR_ARG(name), units);
}

int schedule_show(struct str name, struct arena *a)
{
    struct unit service, timer;
    if (!begin(name, a, &service, &timer) || !is_there(timer.name, a))
        return not_there("schedule show", name);
    show_state(service.name.ptr, timer.name.ptr);
    schedule_tell_results(name, a);
    show_unit(service.name, a);
    show_unit(timer.name, a);
    return EXIT_PASS;
}

int schedule_remove(struct str name, struct arena *a)
{
    struct unit service, timer;
    struct disk_dir *d = NULL;
    struct err e = {0};
    if (!begin(name, a, &service, &timer) ||
        (!is_there(timer.name, a) && !is_there(service.name, a)))
        return not_there("schedule remove", name);
    /* An installation that failed may have left the service alone, of which systemd has no timer.
     */
    bool ok = !systemctl_there() || !is_there(timer.name, a) ||
              systemctl((const char *const[]){"disable", "--now", timer.name.ptr, NULL}, NULL, &e);
    ok = ok && disk_dir_open(units, &d, &e) && disk_unlink("unit.remove", d, timer.name.ptr, &e) &&
         disk_unlink("unit.remove", d, service.name.ptr, &e) && (!systemctl_there() || reload(&e));
    disk_dir_close(d);
    if (!ok)
        return cli_fail(EXIT_COULD_NOT_RUN, "schedule remove: %s", e.text);
    printf("removed    %s, %s\n", timer.name.ptr, service.name.ptr);
    puts("its results stay:");
    schedule_tell_results(name, a);
    return EXIT_PASS;
}
