/* What `policy list` and `policy show` share: options, loading, describing, output. */
#pragma once

#include "cli/output.h"
#include "cli/selection.h"
#include "report/policy_report.h"

typedef void rules_terminal(const struct rule_list *list, const struct report_style *style,
                            struct sb *out);

/* `takes_rules`: words name rules, as --only does, and one is needed. */
int policy_rules(const struct args_spec *spec, bool takes_rules, rules_terminal *terminal, int argc,
                 char **argv);

#define POLICY_RULES_OPTIONS                                                                       \
    SELECTION_OPTIONS,                                                                             \
        {"format", "NAME[:FILE]", "terminal or json, repeatable; to a file or to stdout"},         \
    {                                                                                              \
        "color", "WHEN", "auto, always or never"                                                   \
    }
