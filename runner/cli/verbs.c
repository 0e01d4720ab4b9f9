#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

static void usage(const struct verbs *v, FILE *out)
{
    fprintf(out, "usage: rectify %s VERB [OPTIONS]\n\n%s\n\nverbs:\n", v->of, v->about);
    for (unsigned i = 0; i < v->count; i++)
        fprintf(out, "  %-9s %s\n", v->verb[i].name, v->verb[i].about);
    fprintf(out, "\nrectify %s VERB --help tells a verb's options.\n", v->of);
}

int verbs_run(const struct verbs *v, int argc, char **argv)
{
    if (argc < 2) {
        usage(v, stderr);
        return EXIT_USAGE_ERROR;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage(v, stdout);
        return EXIT_PASS;
    }
    const char *hint = NULL;
    size_t least = 3;
    for (unsigned i = 0; i < v->count; i++) {
        if (strcmp(argv[1], v->verb[i].name) == 0)
            return v->verb[i].run(argc - 1, argv + 1);
        size_t d = text_distance(str_of(argv[1]), str_of(v->verb[i].name));
        if (d < least) {
            least = d;
            hint = v->verb[i].name;
        }
    }
    return cli_fail(EXIT_USAGE_ERROR, "%s: unknown verb %s%s%s%s; see rectify %s --help", v->of,
                    argv[1], hint ? ", did you mean " : "", hint ? hint : "", hint ? "?" : "",
                    v->of);
}
