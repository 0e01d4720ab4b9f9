#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void usage(FILE *out)
{
    fputs("usage: rectify inspect KIND [OPTIONS] PATH...\n\n"
          "Reads artefacts without a policy: for people, and for comparison with other tools.\n\n"
          "kinds:\n"
          "  evtx   event logs (.evtx): records as JSON lines, XML or TSV, or counted\n"
          "  evt    event logs of Windows XP and 2003 (.evt)\n"
          "  hive   registry hives: values, transaction logs replayed\n\n"
          "rectify inspect KIND --help tells the options.\n",
          out);
}

int verb_inspect(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE_ERROR;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage(stdout);
        return EXIT_PASS;
    }
    if (strcmp(argv[1], "evtx") == 0 || strcmp(argv[1], "evt") == 0)
        return inspect_evtx(argc - 1, argv + 1);
    if (strcmp(argv[1], "hive") == 0)
        return inspect_hive(argc - 1, argv + 1);
    return cli_fail(EXIT_USAGE_ERROR, "inspect: unknown kind %s; there are evtx, evt and hive",
                    argv[1]);
}
