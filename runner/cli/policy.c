#include "cli/policy.h"

#include "cli/cli.h"
#include "cli/verbs.h"

static const struct verb verbs[] = {
    {"list", policy_list, "the rules of policies, without evaluating any"},
    {"show", policy_show, "what a rule wants, reads and repairs"},
    {"explain", policy_explain, "why a rule has its verdict on a host: every fact it read"},
    {"new", policy_new, "write a policy to begin with, and its tests"},
    {"test", policy_test, "run the tests of policies"},
    {"lint", policy_lint, "find mistakes in policy files, also those that load"},
    {"api", policy_api, "what policy files can name"},
};

int verb_policy(int argc, char **argv)
{
    static const struct verbs all = {
        "policy", "Works on policies themselves: lists, explains, writes and tests them.", verbs,
        sizeof verbs / sizeof *verbs};
    return verbs_run(&all, argc, argv);
}
