#include "model/policy_test.h"

const char *test_problem_name(enum test_problem_kind kind)
{
    static const char *const names[] = {
        [PROBLEM_CASE] = "case",     [PROBLEM_VERDICT] = "verdict", [PROBLEM_MESSAGE] = "message",
        [PROBLEM_HIDDEN] = "hidden", [PROBLEM_DIFFERS] = "differs", [PROBLEM_REPAIR] = "repair",
        [PROBLEM_RULE] = "rule",
    };
    return names[kind];
}
