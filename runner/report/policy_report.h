/* Rules as the load phase gives them, nothing evaluated: `rectify policy list` and `show`. */
#pragma once

#include "model/rule_view.h"
#include "report/report.h"

struct rule_list {
    const struct rule_view *rules; /* policy by policy */
    size_t count;
};

void report_rules_terminal(const struct rule_list *list, const struct report_style *style,
                           struct sb *out); /* a line each */
void report_rules_show(const struct rule_list *list, const struct report_style *style,
                       struct sb *out); /* all that is known of each */
void report_rules_json(const struct rule_list *list, struct sb *out); /* rectify.rules/1 */
