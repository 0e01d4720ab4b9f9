#include "cli/policy.h"
#include "cli/policy_rules.h"

static const struct args_option options[] = {
    POLICY_RULES_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "policy show",
    .synopsis = "RULE... [OPTIONS]",
    .about = "Shows rules: what they want and why, what they read, their inputs with their "
             "values, and how they repair.  RULE is an id, a short id where unique, or a glob.",
    .options = options,
    .more = "exit codes: 0 shown, 1 a policy does not load, 64 wrong command line",
};

int policy_show(int argc, char **argv)
{
    return policy_rules(&spec, true, report_rules_show, argc, argv);
}
