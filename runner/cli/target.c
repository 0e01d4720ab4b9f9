#include "cli/target.h"

#include "base/wtime.h"
#include "cli/absolute.h"
#include "cli/cli.h"
#include "cli/cores.h"
#include "cli/target_live.h"

static int set_complete(const struct args *a, struct target_options *t, enum complete_choice c)
{
    if (t->complete != COMPLETE_DETECT && t->complete != c) {
        cli_fail(0, "%s: --complete and --collection exclude each other", a->spec->verb);
        return -1;
    }
    t->complete = c;
    return 1;
}

/* A second target or time would silently replace the first. */
static int set_once(const struct args *a, const char **to)
{
    if (*to) {
        cli_fail(0, "%s: --%s is given twice", a->spec->verb, a->spec->options[a->option].name);
        return -1;
    }
    *to = a->value;
    return 1;
}

int target_option(const struct args *a, struct target_options *t)
{
    unsigned long n;
    if (args_is(a, "root"))
        return set_once(a, &t->root);
    if (args_is(a, "archive"))
        return set_once(a, &t->archive);
    if (args_is(a, "cache"))
        return set_once(a, &t->cache);
    if (args_is(a, "at") && set_once(a, &t->at_text) < 0)
        return -1;
    if (args_is(a, "complete"))
        return set_complete(a, t, COMPLETE_YES);
    if (args_is(a, "collection"))
        return set_complete(a, t, COMPLETE_NO);
    if (args_is(a, "at") && wtime_parse(str_of(a->value), &t->at) && t->at)
        return 1;
    if (args_is(a, "at"))
        return args_bad_value(a, "a time such as 2019-05-20T09:00:00Z"), -1;
    if (!args_is(a, "jobs"))
        return 0;
    if (!args_number(a->value, 1, 256, &n))
        return args_bad_value(a, "a number from 1 to 256"), -1;
    t->jobs = (unsigned)n;
    return 1;
}

struct log_cache *target_cache(const char *verb, const char *dir)
{
    struct log_cache *cache = NULL;
    struct err e = {0};
    if (dir && !log_cache_open(dir, &cache, &e))
        cli_fail(0, "%s: no cache in %s: %s", verb, dir, e.text);
    return cache;
}

int target_open(const char *verb, const struct target_options *t, struct host **out)
{
    if (t->root && t->archive)
        return cli_fail(EXIT_USAGE_ERROR, "%s: --root and --archive exclude each other", verb);
    if (!t->root && !t->archive)
        return target_live(verb, t, out);
    const char *location = t->root ? t->root : t->archive;
    struct volume *volume = NULL;
    struct err e = {0};
    bool ok = t->root ? volume_open_tree(t->root, t->complete, &volume, &e)
                      : volume_open_archive(t->archive, t->complete, &t->limits, &volume, &e);
    struct host_options options = {
        .at = t->at,
        .now = wtime_now(),
        .jobs = t->jobs ? t->jobs : cores(),
        .cache = ok && t->root ? target_cache(verb, t->cache) : NULL,
    };
    if (ok)
        ok = host_offline(volume, &options, out, &e);
    if (ok)
        return 0;
    log_cache_close(options.cache);
    return cli_fail(EXIT_COULD_NOT_RUN, "%s: %s", location, e.text);
}

struct str target_location(const struct target_options *t, struct arena *a)
{
    const char *path = t->root ? t->root : t->archive;
    return path ? absolute_path(path, a) : STR(TARGET_LIVE_NAME);
}
