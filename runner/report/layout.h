/* Laying text out for a terminal: escaped, wrapped by columns, coloured. */
#pragma once

#include "report/report.h"

enum colour { PLAIN, BOLD, DIM, RED, GREEN, YELLOW, CYAN };

struct layout {
    struct sb *out;
    const struct report_style *style;
};

/* Escaped text in a colour (no colour when the style has none). */
void lay_colour(const struct layout *l, enum colour c, struct str text);

/* `text` escaped and wrapped between column `indent` and the width; the cursor stands at `indent`.
 * Breaks at spaces, else behind a backslash or slash, else anywhere.  Ends the line. */
void lay_wrap(const struct layout *l, struct str text, unsigned indent);

/* "      label     text...": a labelled, wrapped paragraph; nothing when `text` is empty. */
void lay_field(const struct layout *l, const char *label, struct str text);

enum { LABEL_INDENT = 6, LABEL_TEXT = 16 };

/* Spaces up to a column. */
void lay_pad(const struct layout *l, size_t from, size_t to);

/* A value as one line of text, for terminal and CSV. */
void sb_value(struct sb *b, const struct value *v);
