#include "cli/policy.h"
#include "cli/policy_rules.h"

static const struct args_option options[] = {
    POLICY_RULES_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "policy list",
    .synopsis = "[OPTIONS]",
    .about = "Lists rules with what their files say of them.  Files are loaded, which needs no "
             "target and evaluates nothing.",
    .options = options,
    .more = "exit codes: 0 listed, 1 a policy does not load, 64 wrong command line",
};

int policy_list(int argc, char **argv)
{
    return policy_rules(&spec, false, report_rules_terminal, argc, argv);
}
