/* A schedule as a task of Windows' Task Scheduler ([MS-TSCH] 2.5), and its command line. */
#include "cli/schedule.h"

void schedule_windows_arguments(const struct schedule *s, struct sb *out)
{
    sb_printf(out, "schedule run --name " STR_FMT " --keep %u --", STR_ARG(s->name), s->keep);
    for (size_t i = 0; i < s->argument_count; i++) {
        sb_putc(out, ' ');
        sb_windows_word(out, s->arguments[i]);
    }
}

static void element(struct sb *out, const char *indent, const char *name, struct str text)
{
    sb_printf(out, "%s<%s>", indent, name);
    sb_xml_ascii(out, text);
    sb_printf(out, "</%s>\n", name);
}

/* The day is any in the past: what counts is the time. */
static void trigger(const struct schedule *s, struct sb *out)
{
    sb_printf(out,
              "  <Triggers>\n"
              "    <CalendarTrigger>\n"
              "      <StartBoundary>2024-01-01T%02u:%02u:00</StartBoundary>\n"
              "      <Enabled>true</Enabled>\n",
              s->hour, s->minute);
    if (s->delay)
        sb_printf(out, "      <RandomDelay>PT%uM</RandomDelay>\n", s->delay);
    sb_puts(out, "      <ScheduleByDay>\n"
                 "        <DaysInterval>1</DaysInterval>\n"
                 "      </ScheduleByDay>\n"
                 "    </CalendarTrigger>\n"
                 "  </Triggers>\n");
}

/* S-1-5-18 is SYSTEM, whatever its name is in the language of this Windows. */
static const char principal_and_settings[] =
    "  <Principals>\n"
    "    <Principal id=\"Author\">\n"
    "      <UserId>S-1-5-18</UserId>\n"
    "      <RunLevel>HighestAvailable</RunLevel>\n"
    "    </Principal>\n"
    "  </Principals>\n"
    "  <Settings>\n"
    "    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\n"
    "    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>\n"
    "    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>\n"
    "    <AllowHardTerminate>true</AllowHardTerminate>\n"
    "    <StartWhenAvailable>true</StartWhenAvailable>\n"
    "    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>\n"
    "    <AllowStartOnDemand>true</AllowStartOnDemand>\n"
    "    <Enabled>true</Enabled>\n"
    "    <Hidden>false</Hidden>\n"
    "    <RunOnlyIfIdle>false</RunOnlyIfIdle>\n"
    "    <WakeToRun>false</WakeToRun>\n"
    "    <ExecutionTimeLimit>PT4H</ExecutionTimeLimit>\n"
    "    <Priority>7</Priority>\n"
    "  </Settings>\n";

void schedule_task_xml(const struct schedule *s, struct sb *out)
{
    struct sb text;
    sb_init(&text, 1 << 20);
    sb_puts(out, "<?xml version=\"1.0\"?>\n"
                 "<Task version=\"1.2\" "
                 "xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\n"
                 "  <RegistrationInfo>\n"
                 "    <Author>rectify</Author>\n"
                 "    <Description>rectify: daily compliance check</Description>\n");
    sb_printf(&text, "\\rectify\\" STR_FMT, STR_ARG(s->name));
    element(out, "    ", "URI", (struct str){text.ptr, text.len});
    sb_puts(out, "  </RegistrationInfo>\n");
    trigger(s, out);
    sb_puts(out, principal_and_settings);
    sb_puts(out, "  <Actions Context=\"Author\">\n    <Exec>\n");
    text.len = 0;
    sb_printf(&text, "\"" STR_FMT "\"", STR_ARG(s->program));
    element(out, "      ", "Command", (struct str){text.ptr, text.len});
    text.len = 0;
    schedule_windows_arguments(s, &text);
    element(out, "      ", "Arguments", (struct str){text.ptr, text.len});
    sb_puts(out, "    </Exec>\n  </Actions>\n</Task>\n");
    out->bad |= text.bad;
    sb_done(&text);
}
