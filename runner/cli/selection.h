/* Options that name policies, rules and inputs, shared by the verbs that evaluate or list rules. */
#pragma once

#include "cli/target.h"
#include "engine/engine.h"

/* Rows of an option table. */
#define SELECTION_OPTIONS                                                                          \
    {"policy", "PATH", "policy file or folder, repeatable (default: the built-in packs)"},         \
        {"profile", "PROFILE",                                                                     \
         "profile that selects rules and sets inputs: a file, or the name of a built-in one, "     \
         "repeatable; what the command line says counts more"},                                    \
        {"only", "RULE", "evaluate this rule only: id, short id or glob, repeatable"},             \
        {"skip", "RULE", "leave this rule out, repeatable"},                                       \
        {"severity", "LEVEL",                                                                      \
         "rules of this severity and above: info, low, medium, high, critical"},                   \
        {"inputs", "FILE",                                                                         \
         "JSON file with values of inputs: {\"POLICY.NAME\": value, ...}, "                        \
         "repeatable"},                                                                            \
        {"waivers", "FILE", "JSON file of approved exceptions, repeatable"},                       \
    {                                                                                              \
        "set", "NAME=VALUE",                                                                       \
            "value of a policy's input (POLICY.NAME=VALUE where two have it); "                    \
            "trust.weak_algorithms=refuse distrusts MD5 and SHA-1 signatures; archive.members=N, " \
            ".member_bytes, .total_bytes, .ratio limit an archive"                                 \
    }

enum { SELECTION_REPEATS = 64 };

struct selection {
    struct engine_options engine; /* its lists point into this struct: do not copy it */
    struct str policies[SELECTION_REPEATS], only[SELECTION_REPEATS], skip[SELECTION_REPEATS];
    struct str profiles[SELECTION_REPEATS], inputs[SELECTION_REPEATS], waivers[SELECTION_REPEATS];
    struct engine_setting settings[SELECTION_REPEATS];
};

void selection_begin(struct selection *s);

/* Takes the current option if it is one of the above: 1 taken, 0 not one of ours, -1 wrong (said on
 * stderr).  `--set archive.*` goes to the target. */
int selection_option(const struct args *a, struct selection *s, struct target_options *t);
