/* Inside the reports: waivers. */
#pragma once

#include "report/parts.h"

/* "fail, waived: reason (approved by ..., ticket, until ...)"; nothing for other results. */
void sb_waiver(struct sb *b, const struct result *r);

void terminal_waiver(const struct layout *l, const struct result *r);
void terminal_waiver_notes(const struct layout *l, const struct run_report *run);

/* The member `waiver` of a result, and `waivers` of a report to which files were given. */
void json_waiver(struct json *j, const struct result *r);
void json_waiver_notes(struct json *j, const struct run_report *run);
