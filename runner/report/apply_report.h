/* What apply and undo did, for people and for programs. */
#pragma once

#include "model/apply.h"
#include "report/report.h"

/* One line an action and a changed verdict; what to type next. */
void report_apply_terminal(const struct apply_report *r, const struct report_style *style,
                           struct sb *out);
void report_apply_json(const struct apply_report *r, struct sb *out); /* rectify.apply/1 */
