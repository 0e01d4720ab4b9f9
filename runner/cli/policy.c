#include "cli/policy.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *about;
} verbs[] = {
    {"list", policy_list, "the rules of policies, without evaluating any"},
    {"show", policy_show, "what a rule wants, reads and repairs"},
    {"explain", policy_explain, "why a rule has its verdict on a host: every fact it read"},
    {"new", policy_new, "write a policy to begin with, and its tests"},
    {"test", policy_test, "run the tests of policies"},
    {"lint", policy_lint, "find mistakes in policy files, also those that load"},
    {"api", policy_api, "what policy files can name"},
};

enum { VERB_COUNT = sizeof verbs / sizeof *verbs };

static void usage(FILE *out)
{
    fputs("usage: rectify policy VERB [OPTIONS]\n\n"
          "Works on policies themselves: lists, explains, writes and tests them.\n\nverbs:\n",
          out);
    for (size_t i = 0; i < VERB_COUNT; i++)
        fprintf(out, "  %-9s %s\n", verbs[i].name, verbs[i].about);
    fputs("\nrectify policy VERB --help tells a verb's options.\n", out);
}

int verb_policy(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE_ERROR;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage(stdout);
        return EXIT_PASS;
    }
    const char *hint = NULL;
    size_t least = 3;
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
        size_t d = text_distance(str_of(argv[1]), str_of(verbs[i].name));
        if (d < least) {
            least = d;
            hint = verbs[i].name;
        }
    }
    return cli_fail(EXIT_USAGE_ERROR, "policy: unknown verb %s%s%s%s; see rectify policy --help",
                    argv[1], hint ? ", did you mean " : "", hint ? hint : "", hint ? "?" : "");
}
