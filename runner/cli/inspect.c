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
          "  hive   registry hives: values, transaction logs replayed\n"
          "  pe     executables: version, signatures; with --root whether that host trusts them\n"
          "  cat    security catalogs: members, signature\n"
          "  ctl    certificate trust lists (.stl, .cab): entries, signature\n"
          "  sst    serialized certificate stores\n"
          "  certs  the certificate stores of a host\n\n"
          "rectify inspect KIND --help tells the options.\n",
          out);
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} kinds[] = {
    {"evtx", inspect_evtx}, {"evt", inspect_evtx}, {"hive", inspect_hive}, {"pe", inspect_pe},
    {"cat", inspect_cat},   {"ctl", inspect_ctl},  {"sst", inspect_sst},   {"certs", inspect_certs},
};

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
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(argv[1], kinds[i].name) == 0)
            return kinds[i].run(argc - 1, argv + 1);
    return cli_fail(EXIT_USAGE_ERROR,
                    "inspect: unknown kind %s; there are evtx, evt, hive, pe, cat, ctl, sst and "
                    "certs",
                    argv[1]);
}
