/* Where reports go: `--format NAME[:FILE]`, split at the first colon; one may go to stdout.  Files
 * are written beside themselves and renamed, so that a reader never sees half a report. */
#pragma once

#include "report/report.h"

enum { OUTPUTS_MAX = 8 };

struct output {
    const char *format; /* one of the verb's names */
    const char *file;   /* NULL = stdout */
};

struct outputs {
    struct output item[OUTPUTS_MAX];
    size_t count;
};

/* Adds one `NAME[:FILE]`; `formats` ends with NULL.  False with ERR_USAGE. */
bool outputs_add(struct outputs *o, const char *text, const char *const *formats, struct err *e);

/* Writes the bytes to the file or to stdout, whole, and checks that they arrived. */
bool output_write(const struct output *o, const struct sb *bytes, struct err *e);

/* --color auto|always|never and NO_COLOR, for a stream. */
enum when_colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };
bool colour_parse(const char *text, enum when_colour *out);
bool colour_on(enum when_colour when, int fd);

/* Columns of the terminal on `fd`, 80 where it is none. */
unsigned terminal_width(int fd);

/* How the terminal report of this output looks. */
struct report_style output_style(const struct output *o, enum when_colour when);
