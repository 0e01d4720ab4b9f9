/* Reports: functions of results only.  Each writes to a buffer; who calls decides where it goes. */
#pragma once

#include "base/text.h" /* sb_terminal */
#include "model/facts_report.h"
#include "model/result.h"

struct report_style {
    bool colour;
    unsigned width; /* columns, at least 40; 80 where not known */
    bool verbose;   /* terminal: passing rules and their evidence too */
    bool quiet;     /* terminal: findings' verdict lines and the summary only */
};

void report_terminal(const struct run_report *run, const struct report_style *style,
                     struct sb *out);
void report_json(const struct run_report *run, struct sb *out); /* rectify.report/1 */
void report_junit(const struct run_report *run, struct sb *out);
void report_csv(const struct run_report *run, struct sb *out);

void report_facts_terminal(const struct facts_report *facts, const struct report_style *style,
                           struct sb *out);
void report_facts_json(const struct facts_report *facts, struct sb *out); /* rectify.facts/1 */

/* Columns that the text takes on a terminal: East Asian wide characters count two. */
size_t terminal_columns(struct str s);

/* RFC 4180 with the guard against formulas (leading = + - @ TAB CR get a '). */
void sb_csv(struct sb *b, struct str s);

/* XML 1.0 text; characters that XML forbids become U+FFFD. */
void sb_xml(struct sb *b, struct str s);
