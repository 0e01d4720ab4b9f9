/* `rectify policy explain`. */
#pragma once

#include "model/explain.h"
#include "report/report.h"

/* `run` holds the one result. */
void report_explain_terminal(const struct run_report *run, const struct explanation *x,
                             const struct report_style *style, struct sb *out);
void report_explain_json(const struct run_report *run, const struct explanation *x,
                         struct sb *out); /* rectify.explain/1 */
