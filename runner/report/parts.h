/* Parts of the reports of a check that other reports are made of as well. */
#pragma once

#include "report/json_value.h"
#include "report/layout.h"

/* schema, tool, run and target of an opened object. */
void json_report_head(struct json *j, const char *schema, const struct run_report *run);
void json_report_result(struct json *j, const struct result *r);
void json_report_evidence(struct json *j, const struct evidence *e);

/* host, target, reference time, notes. */
void terminal_report_head(const struct layout *l, const struct run_report *run);
/* A verdict with all that goes with it. */
void terminal_report_result(const struct layout *l, const struct result *r);
struct str terminal_verdict_word(enum verdict v);
enum colour terminal_verdict_colour(enum verdict v);
