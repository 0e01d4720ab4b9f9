#include "cli/roots.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void usage(FILE *out)
{
    fputs("usage: rectify roots VERB [OPTIONS]\n\n"
          "Microsoft's lists of root certificates, outside of any host.\n\nverbs:\n"
          "  mirror    fill a folder with the lists and their certificates, for closed networks\n"
          "\nrectify roots VERB --help tells a verb's options.\n",
          out);
}

int verb_roots(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE_ERROR;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage(stdout);
        return EXIT_PASS;
    }
    if (strcmp(argv[1], "mirror") == 0)
        return roots_mirror_verb(argc - 1, argv + 1);
    return cli_fail(EXIT_USAGE_ERROR, "roots: unknown verb %s; see rectify roots --help", argv[1]);
}
