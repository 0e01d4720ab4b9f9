#include "cli/cli.h"
#include "cli/target_live.h"

int target_live(const char *verb, const struct target_options *t, struct host **out)
{
    (void)t;
    (void)out;
    return cli_fail(EXIT_USAGE_ERROR,
                    "%s: no target: name a Windows volume with --root DIR or a collection with "
                    "--archive FILE (this system is not Windows)",
                    verb);
}
