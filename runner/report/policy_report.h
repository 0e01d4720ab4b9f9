/* `rectify policy list`: rules as the load phase gives them, nothing evaluated. */
#pragma once

#include "report/report.h"

struct rule_list {
    const struct rule *const *rules; /* policy by policy */
    size_t rule_count;
};

void report_rules_terminal(const struct rule_list *list, const struct report_style *style,
                           struct sb *out);
void report_rules_json(const struct rule_list *list, struct sb *out); /* rectify.rules/1 */
