/* `rectify policy lint`. */
#pragma once

#include "model/lint.h"
#include "report/report.h"

/* "file:line: level: text", a line each. */
void report_lint_terminal(const struct lint_report *lint, const struct report_style *style,
                          struct sb *out);
void report_lint_json(const struct lint_report *lint, struct sb *out); /* rectify.lint/1 */
