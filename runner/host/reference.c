/* The reference time: what "now" means for a target that is not running. */
#include "base/wtime.h"
#include "host/logs.h"

enum { CANDIDATES_MAX = 16 };

static size_t candidates(struct host *h, struct arena *a, struct write_time *out)
{
    size_t n = 0;
    const struct host_log_index *index = logs_get(h, STR("System"));
    if (index && index->source.state == FACT_FOUND && index->span.any) {
        out[n].what = str_fmt(a, "last record of " STR_FMT, STR_ARG(index->source.file.path));
        out[n++].time = index->span.end;
    }
    return n + h->ops->write_times(h, a, out + n, CANDIDATES_MAX - n);
}

static void refuse(struct host *h, const struct write_time *c)
{
    char when[WTIME_TEXT];
    host_note(h, str_fmt(&h->mem, STR_FMT " (%s) lies in the future and is no reference time",
                         STR_ARG(c->what), wtime_format(c->time, when)));
}

static void derive(struct host *h, struct reference_time *r)
{
    struct write_time list[CANDIDATES_MAX] = {0};
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    size_t n = candidates(h, &a, list);
    const struct write_time *newest = NULL;
    r->trusted = true;
    for (size_t i = 0; i < n; i++) {
        if (list[i].time > h->options.now && list[i].time - h->options.now > WTIME_DAY) {
            refuse(h, &list[i]);
            r->trusted = false;
        } else if (!newest || list[i].time > newest->time) {
            newest = &list[i];
        }
    }
    if (newest) {
        r->time = newest->time;
        r->why = str_dup(&h->mem, newest->what);
    } else {
        r->time = h->options.now;
        r->why = STR("wall clock: nothing in the target tells its time");
        r->trusted = r->trusted && (h->info.kind == TARGET_MEMORY || h->info.kind == TARGET_LIVE);
    }
    arena_done(&a);
}

const struct reference_time *host_reference(struct host *h)
{
    if (h->reference_asked)
        return &h->reference;
    h->reference_asked = true;
    memset(&h->reference, 0, sizeof h->reference);
    if (h->info.kind != TARGET_LIVE)
        derive(h, &h->reference);
    if (h->info.kind == TARGET_LIVE)
        h->reference = (struct reference_time){h->options.now, STR("wall clock"), true};
    if (h->options.at)
        h->reference = (struct reference_time){h->options.at, STR("--at"), true};
    return &h->reference;
}
