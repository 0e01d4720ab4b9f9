/* `rectify schedule`: what a schedule is, and how it is written for Task Scheduler and for systemd.
 *
 * A schedule runs `rectify schedule run --name NAME --keep N -- ARGUMENTS` once a day, as SYSTEM or
 * root.  All texts are UTF-8 without control characters (schedule_text_fits()); paths are absolute.
 * The functions that write texts are pure and the same on every system. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum { SCHEDULE_KEEP = 30, SCHEDULE_KEEP_MOST = 10000, SCHEDULE_NAME_MOST = 64 };

struct schedule {
    struct str name;
    struct str program;    /* this executable */
    unsigned hour, minute; /* local time */
    unsigned delay;        /* minutes at most, at random */
    unsigned keep;         /* results */
    struct str *arguments; /* of check */
    size_t argument_count;
    struct str *writes; /* folders that check is told to write to */
    size_t write_count;
    struct str target; /* --root or --archive, empty = the running Windows */
};

/* Names go into names of tasks, units and folders: letters, digits and . _ -, the first one a
 * letter or a digit, the last one no dot, and are no device's (NUL). */
bool schedule_name_fits(struct str name);
#define SCHEDULE_NAME_WANTED                                                                       \
    "at most 64 letters, digits and . _ -, the first one a letter or a digit, no dot at the end, " \
    "and no name of a device (NUL)"

/* Well-formed UTF-8 that may stand in XML and in a unit file: no control characters. */
bool schedule_text_fits(struct str text);

/* As one word of a Windows command line: quotes and the backslashes before them escaped. */
void sb_windows_word(struct sb *b, struct str word);

/* As one word of a command in a unit file, always in quotes: specifiers (%), variables ($), quotes
 * and backslashes escaped.  `path`: a word of a list of paths, where $ means nothing. */
void sb_unit_word(struct sb *b, struct str word, bool path);

/* XML 1.0 in ASCII, whatever the text: no encoding that it is stored in can harm it. */
void sb_xml_ascii(struct sb *b, struct str text);

/* What is inserted into an entry of Windows' event log: Event Viewer takes %1 and %% in it for
 * places to insert at, without an escape, so such a sign becomes a wide one (U+FF05). */
void sb_event_text(struct sb *b, struct str text);

/* What stands behind the program's name. */
void schedule_windows_arguments(const struct schedule *s, struct sb *out);

void schedule_task_xml(const struct schedule *s, struct sb *out);
void schedule_service_unit(const struct schedule *s, struct sb *out);
void schedule_timer_unit(const struct schedule *s, struct sb *out);
