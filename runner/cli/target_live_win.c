#include "actions/writer_live.h"
#include "base/wtime.h"
#include "cli/cli.h"
#include "cli/cores.h"
#include "cli/private_folder.h"
#include "cli/target_live.h"
#include "host/live.h"

bool target_live_open(const struct target_options *t, uint64_t at, struct host **out, struct err *e)
{
    struct host_options options = {
        .at = at ? at : t->at,
        .now = wtime_now(),
        .jobs = t->jobs ? t->jobs : cores(),
    };
    return host_live(&options, out, e);
}

int target_live(const char *verb, const struct target_options *t, struct host **out)
{
    struct err e = {0};
    if (t->complete != COMPLETE_DETECT)
        return cli_fail(EXIT_USAGE_ERROR,
                        "%s: --complete and --collection go with --root or --archive", verb);
    if (t->cache)
        cli_fail(0, "%s: --cache is for files: the logs of this host are read anew", verb);
    return target_live_open(t, 0, out, &e) ? 0 : cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
}

bool target_live_allowed(struct err *e)
{
    return writer_live_allowed(e);
}

bool target_live_writer(const struct writer_ops **ops, void **backend, struct err *e)
{
    return writer_live_open(ops, backend, e);
}

bool target_live_journals(struct arena *a, struct str *out, struct err *e)
{
    struct str folder;
    if (!private_root(a, &folder, e) || !private_folder(folder.ptr, e))
        return false;
    *out = private_below(folder, "", a);
    return out->ptr || err_set(e, ERR_NOMEM, 0, "out of memory");
}
