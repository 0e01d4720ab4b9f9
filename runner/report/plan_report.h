/* A plan for people, for `apply`, and for the tools of change boards. */
#pragma once

#include "model/plan.h"
#include "report/report.h"

/* A readable diff.  `plan_file`: where the JSON went, for the command to type next; NULL = nowhere.
 */
void report_plan_terminal(const struct plan *plan, const char *plan_file,
                          const struct report_style *style, struct sb *out);

/* rectify.plan/1.  Values are whole, as lower-case hex of the bytes as stored. */
void report_plan_json(const struct plan *plan, struct sb *out);

/* What regedit imports: UTF-16LE with its mark, deletions included.  Strings that hold anything but
 * printable ASCII are written as hex(1) (docs/design.md section 12). */
void report_plan_reg(const struct plan *plan, struct sb *out);

/* The certificates that the plan adds, as a serialized store; empty where it adds none. */
void report_plan_sst(const struct plan *plan, struct sb *out);

/* The authorities that applying needs, as bits. */
unsigned plan_authorities(const struct plan *plan);
