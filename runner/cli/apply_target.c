#include "cli/apply_target.h"

#include <string.h>

#include "actions/writer_offline.h"
#include "base/wtime.h"
#include "cli/cores.h"
#include "cli/interrupt.h"
#include "cli/target_live.h"
#include "host/fd.h"

void apply_place_at(struct apply_place *p, const char *location)
{
    if (p->options.root || p->options.archive || strcmp(location, TARGET_LIVE_NAME) == 0)
        return;
    if (fd_is_folder(location))
        p->options.root = location;
    else
        p->options.archive = location;
}

bool apply_place_is_live(const struct apply_place *p)
{
    return !p->options.root && !p->options.archive;
}

static bool open_host(struct apply_place *p, uint64_t at, struct host **out, struct err *e)
{
    const struct target_options *t = &p->options;
    struct volume *volume = NULL;
    struct host_options options = {
        .at = at ? at : t->at,
        .now = wtime_now(),
        .jobs = t->jobs ? t->jobs : cores(),
    };
    if (apply_place_is_live(p))
        return target_live_open(t, at, out, e);
    bool ok = t->root ? volume_open_tree(t->root, t->complete, &volume, e)
                      : volume_open_archive(t->archive, t->complete, &t->limits, &volume, e);
    ok = ok && host_offline(volume, &options, out, e);
    return ok || err_prefix(e, t->root ? t->root : t->archive);
}

static bool open_target(void *context, const char *location, uint64_t at, struct host **out,
                        struct err *e)
{
    struct apply_place *p = context;
    if (location && !p->location) {
        p->location = malloc(strlen(location) + 1);
        if (!p->location)
            return err_set(e, ERR_NOMEM, 0, "out of memory");
        memcpy(p->location, location, strlen(location) + 1);
        apply_place_at(p, p->location);
    }
    if (p->writes && !(apply_place_is_live(p) ? target_live_allowed(e) : writer_offline_allowed(e)))
        return false;
    return open_host(p, at, out, e);
}

static bool stop(void *context)
{
    (void)context;
    return interrupt_seen() != 0;
}

struct apply_target apply_place_target(struct apply_place *p)
{
    return (struct apply_target){open_target, stop, p};
}

static void close_writing(struct apply_place *p)
{
    if (p->writing)
        host_close(p->writing);
    p->writing = NULL;
}

static bool open_backend(void *context, const char *id, uint64_t time,
                         const struct writer_ops **ops, void **backend, struct err *e)
{
    struct apply_place *p = context;
    if (apply_place_is_live(p))
        return target_live_writer(ops, backend, e);
    close_writing(p);
    if (!open_host(p, 0, &p->writing, e))
        return false;
    struct writer_offline_options options = {.host = p->writing, .id = id, .time = time};
    return writer_offline_open(&options, ops, backend, e);
}

struct gate_backend apply_place_backend(struct apply_place *p)
{
    return (struct gate_backend){open_backend, p};
}

void apply_place_done(struct apply_place *p)
{
    close_writing(p);
    free(p->location);
}
