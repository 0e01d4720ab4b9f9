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

static bool not_windows(struct err *e)
{
    return err_set(e, ERR_UNSUPPORTED, 0,
                   "the target is the running Windows that the plan was made on, and this system "
                   "is not Windows: name a volume with --root DIR");
}

bool target_live_open(const struct target_options *t, uint64_t at, struct host **out, struct err *e)
{
    (void)t;
    (void)at;
    (void)out;
    return not_windows(e);
}

bool target_live_allowed(struct err *e)
{
    return not_windows(e);
}

bool target_live_writer(const struct writer_ops **ops, void **backend, struct err *e)
{
    (void)ops;
    (void)backend;
    return not_windows(e);
}

bool target_live_journals(struct arena *a, struct str *out, struct err *e)
{
    (void)a;
    *out = (struct str){NULL, 0};
    return not_windows(e);
}
