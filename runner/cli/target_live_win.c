#include "base/wtime.h"
#include "cli/cli.h"
#include "cli/cores.h"
#include "cli/target_live.h"
#include "host/live.h"

int target_live(const char *verb, const struct target_options *t, struct host **out)
{
    struct err e = {0};
    struct host_options options = {
        .at = t->at,
        .now = wtime_now(),
        .jobs = t->jobs ? t->jobs : cores(),
    };
    if (t->complete != COMPLETE_DETECT)
        return cli_fail(EXIT_USAGE_ERROR,
                        "%s: --complete and --collection go with --root or --archive", verb);
    if (t->cache)
        cli_fail(0, "%s: --cache is for files: the logs of this host are read anew", verb);
    return host_live(&options, out, &e) ? 0 : cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
}
