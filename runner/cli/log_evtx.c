#include <pthread.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/utf16.h"
#include "cli/log_csv.h"
#include "cli/log_query.h"
#include "cli/log_tally.h"
#include "formats/evtx_render.h"

enum { OUTPUT_MAX = 1 << 30 };

struct per_worker {
    struct log_tally tally;
    struct sb out;
    uint8_t *wanted; /* per name: 0 not judged yet, 1 yes, 2 no */
    uint64_t partial;
};

struct job {
    const struct log_query *q;
    const char *path;
    struct sb *lines;
    struct sb file_member; /* "file":"...", */
    struct per_worker *w;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint64_t turn; /* first slot of the range that may write next */
    bool failed;
    struct err err;
};

bool log_query_provider(const struct log_query *q, struct str name)
{
    for (size_t i = 0; i < q->providers; i++)
        if (str_ieq(str_of(q->provider[i]), name))
            return true;
    return q->providers == 0;
}

static bool wanted(const struct job *j, struct evtx_worker *w, uint16_t name)
{
    uint8_t *known = &j->w[w->index].wanted[name];
    if (*known == 0)
        *known = log_query_provider(j->q, w->names.text[name]) ? 1 : 2;
    return *known == 1;
}

static bool asked(const struct job *j, struct evtx_worker *w, const struct evtx_rows *rows,
                  uint32_t i)
{
    return log_query_row(j->q, rows->time[i], rows->event_id[i]) &&
           (!j->q->providers || wanted(j, w, rows->provider[i]));
}

static bool count_rows(void *ctx, struct evtx_worker *w, const struct evtx_chunk *c, uint64_t slot,
                       const struct evtx_rows *rows)
{
    struct job *j = ctx;
    struct log_tally *t = &j->w[w->index].tally;
    (void)c;
    (void)slot;
    for (uint32_t i = 0; i < rows->count; i++) {
        if (!asked(j, w, rows, i))
            continue;
        if (!log_tally_add(t, rows->provider[i], rows->channel[i], rows->event_id[i]))
            return false;
    }
    return true;
}

/* The member goes behind the row's opening brace. */
static void add_file(const struct job *j, struct sb *out, size_t start)
{
    size_t n = j->file_member.len;
    if (!n || !sb_reserve(out, n))
        return;
    memmove(out->ptr + start + 1 + n, out->ptr + start + 1, out->len - start - 1);
    memcpy(out->ptr + start + 1, j->file_member.ptr, n);
    out->len += n;
}

static bool dump_rows(void *ctx, struct evtx_worker *w, const struct evtx_chunk *c, uint64_t slot,
                      const struct evtx_rows *rows)
{
    struct job *j = ctx;
    struct per_worker *p = &j->w[w->index];
    enum evtx_format format = j->q->format == LOG_XML ? EVTX_XML : EVTX_JSON;
    (void)slot;
    for (uint32_t i = 0; i < rows->count; i++) {
        if (!asked(j, w, rows, i))
            continue;
        if (j->q->format == LOG_TSV) {
            log_tsv_row(&p->out, j->q, j->path, rows->time[i], rows->record_id[i],
                        w->names.text[rows->channel[i]], w->names.text[rows->provider[i]],
                        rows->event_id[i], rows->level[i]);
            continue;
        }
        struct evtx_record r = {{c->bytes.ptr + rows->at[i], rows->size[i]},
                                rows->at[i],
                                rows->record_id[i],
                                rows->time[i]};
        size_t start = p->out.len;
        bool partial = false;
        if (j->q->format == LOG_CSV) {
            struct log_csv_row row = {j->path,
                                      rows->time[i],
                                      rows->record_id[i],
                                      w->names.text[rows->channel[i]],
                                      w->names.text[rows->provider[i]],
                                      rows->event_id[i],
                                      rows->level[i]};
            p->partial += !log_csv_evtx(&p->out, j->q, &row, c, &r, &w->scratch);
            continue;
        }
        if (evtx_render_record(w->templates, c, &r, &w->scratch, format, &p->out, &partial) &&
            format == EVTX_JSON)
            add_file(j, &p->out, start);
        p->partial += partial;
    }
    return !p->out.bad;
}

static void fail(void *ctx)
{
    struct job *j = ctx;
    pthread_mutex_lock(&j->lock);
    j->failed = true;
    pthread_cond_broadcast(&j->moved);
    pthread_mutex_unlock(&j->lock);
}

/* Ranges are written in the order of the file. */
static bool write_range(void *ctx, struct evtx_worker *w, uint64_t first)
{
    struct job *j = ctx;
    struct sb *out = &j->w[w->index].out;
    pthread_mutex_lock(&j->lock);
    while (j->turn != first && !j->failed)
        pthread_cond_wait(&j->moved, &j->lock);
    bool ok = !j->failed;
    if (ok && j->q->format == LOG_TSV)
        sb_put(j->lines, out->ptr, out->len);
    else if (ok)
        ok = log_write(out->ptr ? out->ptr : "", out->len, &j->err);
    ok = ok && !j->lines->bad;
    j->turn = first + EVTX_RANGE;
    j->failed = j->failed || !ok;
    pthread_cond_broadcast(&j->moved);
    pthread_mutex_unlock(&j->lock);
    out->len = 0;
    return ok;
}

static bool add_counts(struct job *j, const struct evtx_scan *s, struct log_counts *c)
{
    for (unsigned i = 0; i < s->jobs; i++)
        if (!log_tally_counts(&j->w[i].tally, s->worker[i].names.text, c))
            return false;
    return true;
}

static bool prepare(struct job *j, unsigned jobs, struct err *e)
{
    j->w = calloc(jobs, sizeof *j->w);
    bool ok = j->w != NULL;
    for (unsigned i = 0; ok && i < jobs; i++) {
        sb_init(&j->w[i].out, OUTPUT_MAX);
        j->w[i].wanted = calloc(EVTX_NAMES_MAX + 1, 1);
        ok = j->w[i].wanted != NULL;
    }
    sb_init(&j->file_member, 1 << 16);
    if (j->q->several && j->q->format == LOG_JSONL) {
        sb_puts(&j->file_member, "\"file\":");
        sb_json(&j->file_member, str_of(j->path));
        sb_putc(&j->file_member, ',');
    }
    return ok || err_set(e, ERR_NOMEM, 0, "out of memory");
}

static void release(struct job *j, unsigned jobs)
{
    for (unsigned i = 0; j->w && i < jobs; i++) {
        log_tally_done(&j->w[i].tally);
        free(j->w[i].wanted);
        sb_done(&j->w[i].out);
    }
    free(j->w);
    sb_done(&j->file_member);
    pthread_mutex_destroy(&j->lock);
    pthread_cond_destroy(&j->moved);
}

static void tell(const struct job *j, const struct evtx_scan *s,
                 void (*damage)(const char *path, const struct log_damage *d))
{
    struct log_damage d = {
        .undecodable = s->undecodable,
        .bad_header = s->bad_header,
        .bad_data = s->bad_data,
        .total = s->damage_total,
        .listed = s->damage,
        .count =
            s->damage_total < EVLOG_DAMAGE_LISTED ? (size_t)s->damage_total : EVLOG_DAMAGE_LISTED,
    };
    for (unsigned i = 0; i < s->jobs; i++)
        d.partial += j->w[i].partial;
    damage(j->path, &d);
}

bool log_evtx(const struct log_query *q, struct span file, const char *path, struct log_counts *c,
              struct sb *lines, void (*damage)(const char *path, const struct log_damage *d),
              struct err *e)
{
    struct job j = {.q = q, .path = path, .lines = lines};
    pthread_mutex_init(&j.lock, NULL);
    pthread_cond_init(&j.moved, NULL);
    struct evtx_scan s = {.file = file, .jobs = q->jobs, .ctx = &j};
    s.rows = q->count ? count_rows : dump_rows;
    s.end = q->count ? NULL : write_range;
    s.abort = q->count ? NULL : fail;
    unsigned jobs = q->jobs ? q->jobs : 1;
    bool ok = prepare(&j, jobs, e);
    if (ok && !evtx_scan_run(&s, e)) {
        if (j.err.kind && e)
            *e = j.err;
        ok = false;
    }
    if (ok && q->count && !add_counts(&j, &s, c))
        ok = err_set(e, ERR_NOMEM, 0, "out of memory");
    if (ok)
        tell(&j, &s, damage);
    evtx_scan_done(&s);
    release(&j, jobs);
    return ok;
}
