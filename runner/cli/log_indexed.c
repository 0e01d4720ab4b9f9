/* Counts from a kept index. */
#include <stdlib.h>

#include "cli/log_query.h"
#include "cli/log_tally.h"
#include "host/fd.h"
#include "host/log_cache.h"

static bool count(const struct log_query *q, const struct evlog *log, struct log_counts *c,
                  struct err *e)
{
    struct log_tally t = {0};
    bool *wanted = calloc(log->name_count + 1, sizeof *wanted);
    bool ok = wanted != NULL;
    for (size_t i = 0; ok && i < log->name_count; i++)
        wanted[i] = log_query_provider(q, log->names[i]);
    for (size_t i = 0; ok && i < log->count; i++)
        if (log_query_row(q, log->time[i], log->event_id[i]) && wanted[log->provider[i]])
            ok = log_tally_add(&t, log->provider[i], log->channel[i], log->event_id[i]);
    ok = ok && log_tally_counts(&t, log->names, c);
    log_tally_done(&t);
    free(wanted);
    return ok || err_set(e, ERR_NOMEM, 0, "out of memory");
}

static bool indexed(const struct log_query *q, int fd, const struct file_map *m, const char *path,
                    struct log_counts *c,
                    void (*damage)(const char *path, const struct log_damage *d), struct err *e)
{
    struct evlog log;
    struct log_cache_use use;
    if (!log_cache_index(q->cache, fd, m, q->jobs, &log, &use, e))
        return false;
    if (!evlog_rows_all(&log)) {
        log_cache_forget(q->cache, m);
        evlog_close(&log);
        if (!evlog_open(m->bytes, q->jobs, &log, e))
            return false;
    }
    bool ok = log.kind == EVLOG_EVTX || err_set(e, ERR_FORMAT, 0, "not an EVTX file");
    ok = ok && count(q, &log, c, e);
    if (ok && !(file_intact(m) && log_cache_intact(&log)))
        ok = err_set(e, ERR_IO, 0, "parts of it could not be read");
    if (ok)
        damage(path, &(struct log_damage){.undecodable = log.records_undecodable,
                                          .bad_header = log.chunks_bad_header,
                                          .bad_data = log.chunks_bad_data,
                                          .total = log.damage_total,
                                          .listed = log.damage,
                                          .count = log.damage_count});
    evlog_close(&log);
    return ok;
}

bool log_indexed(const struct log_query *q, const char *path, struct log_counts *c,
                 void (*damage)(const char *path, const struct log_damage *d), struct err *e)
{
    struct file_map m;
    int fd = fd_open_read(path, e);
    bool ok = fd >= 0 && file_map_fd(fd, &m, e);
    if (ok) {
        ok = indexed(q, fd, &m, path, c, damage, e);
        file_unmap(&m);
    }
    fd_close(fd);
    return ok;
}
