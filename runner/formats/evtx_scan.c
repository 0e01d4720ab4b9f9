#include "formats/evtx_scan.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "formats/evtx_template.h"

/* General decoding of one record stays below this. */
enum { SCRATCH_MAX = 64 << 20 };

struct pass {
    struct evtx_scan *scan;
    atomic_uint_fast64_t next; /* first slot of the next range */
    atomic_bool stop;
};

struct task {
    struct pass *pass;
    struct evtx_worker *worker;
    pthread_t thread;
    bool started;
};

/* What damage means for the records: nothing, lost ones, or ones that may have been changed. */
enum harm { HARMLESS, LOST, SUSPECT };

static void note(struct evtx_worker *w, uint64_t at, enum harm harm, const char *what,
                 uint64_t number)
{
    if (w->damage_total < EVLOG_DAMAGE_LISTED) {
        struct evlog_damage *d = &w->damage[w->damage_total];
        *d = (struct evlog_damage){
            .at = at, .lost_records = harm == LOST, .suspect = harm == SUSPECT};
        snprintf(d->text, sizeof d->text, what, (unsigned long long)number);
    }
    w->damage_total++;
}

static bool general(struct evtx_worker *w, const struct evtx_chunk *c, const struct evtx_record *r,
                    struct evtx_fields *out, bool *decoded)
{
    struct evtx_system s;
    struct err why = {0};
    arena_reset(&w->scratch);
    *decoded = evtx_system_read(c, r, &w->scratch, &s, &why);
    if (!*decoded)
        return why.kind != ERR_NOMEM || w->scratch.cap - w->scratch.used < SCRATCH_MAX / 2;
    int32_t provider = evtx_names_add(&w->names, s.provider);
    int32_t channel = evtx_names_add(&w->names, s.channel);
    *out = (struct evtx_fields){s.time, s.event_id, (uint16_t)provider, (uint16_t)channel, s.level};
    return provider >= 0 && channel >= 0;
}

static bool add_row(struct evtx_worker *w, bool general_only, const struct evtx_chunk *c,
                    const struct evtx_record *r)
{
    struct evtx_rows *rows = w->rows;
    struct evtx_fields f;
    bool decoded = true;
    if (general_only || !evtx_template_fields(w->templates, &w->names, c, r, &f)) {
        if (!general(w, c, r, &f, &decoded))
            return err_set(&w->err, ERR_LIMIT, c->at, "no memory, or more than %d names",
                           EVTX_NAMES_MAX);
    }
    if (!decoded) {
        rows->undecodable++;
        note(w, c->at + r->at, LOST, "record %llu cannot be decoded", r->id);
        return true;
    }
    if (r->id > w->last_id)
        w->last_id = r->id;
    uint32_t i = rows->count++;
    rows->time[i] = f.time;
    rows->record_id[i] = r->id;
    rows->at[i] = r->at;
    rows->size[i] = (uint32_t)r->bytes.len;
    rows->event_id[i] = f.event_id;
    rows->provider[i] = f.provider;
    rows->channel[i] = f.channel;
    rows->level[i] = f.level;
    return true;
}

static void note_chunk(struct evtx_worker *w, const struct evtx_chunk *c, uint64_t slot)
{
    w->chunks++;
    w->bad_header += c->bad_header;
    w->bad_data += c->bad_data;
    if (c->bad_header)
        note(w, c->at, SUSPECT, "chunk %llu: header checksum mismatch", slot);
    if (c->bad_data)
        note(w, c->at, SUSPECT, "chunk %llu: data checksum mismatch", slot);
}

static bool one_slot(struct pass *p, struct evtx_worker *w, uint64_t slot)
{
    struct evtx_scan *s = p->scan;
    struct evtx_chunk c;
    uint64_t at = s->header.first_chunk + slot * EVTX_CHUNK_SIZE;
    if (s->known && s->known[slot]) {
        w->chunks++;
        return true;
    }
    evtx_chunk_read(s->file, at, true, &c);
    if (!c.found) {
        if (slot < s->header.chunks || !c.blank)
            note(w, at, LOST, "slot %llu holds no chunk", slot);
        return true;
    }
    note_chunk(w, &c, slot);
    evtx_templates_chunk(w->templates);
    w->rows->count = w->rows->undecodable = 0;
    struct evtx_record r;
    uint32_t pos = EVTX_CHUNK_HEADER;
    bool torn;
    while (evtx_record_next(&c, &pos, &r, &torn))
        if (!add_row(w, s->general_only, &c, &r))
            return false;
    w->undecodable += w->rows->undecodable;
    if (c.cut)
        note(w, at + pos, LOST, "chunk %llu: the file ends inside it", slot);
    else if (torn)
        note(w, at + pos, LOST, "chunk %llu: torn record, its rest is lost", slot);
    return s->rows(s->ctx, w, &c, slot, w->rows);
}

static bool one_range(struct pass *p, struct evtx_worker *w, uint64_t first)
{
    struct evtx_scan *s = p->scan;
    uint64_t last = first + EVTX_RANGE < s->header.slots ? first + EVTX_RANGE : s->header.slots;
    for (uint64_t slot = first; slot < last; slot++)
        if (!one_slot(p, w, slot))
            return false;
    return !s->end || s->end(s->ctx, w, first);
}

static void *work(void *arg)
{
    struct task *t = arg;
    while (!atomic_load(&t->pass->stop)) {
        uint64_t first = atomic_fetch_add(&t->pass->next, EVTX_RANGE);
        if (first >= t->pass->scan->header.slots)
            break;
        if (!one_range(t->pass, t->worker, first)) {
            err_set(&t->worker->err, ERR_NOMEM, 0, "out of memory");
            atomic_store(&t->pass->stop, true);
            if (t->pass->scan->abort)
                t->pass->scan->abort(t->pass->scan->ctx);
        }
    }
    return NULL;
}

static bool worker_init(struct evtx_worker *w, unsigned index)
{
    w->index = index;
    evtx_names_init(&w->names);
    arena_init(&w->scratch, SCRATCH_MAX);
    w->templates = evtx_templates_new();
    w->rows = malloc(sizeof *w->rows);
    return w->templates && w->rows;
}

static int by_offset(const void *a, const void *b)
{
    const struct evlog_damage *x = a, *y = b;
    return x->at != y->at ? (x->at > y->at ? 1 : -1) : strcmp(x->text, y->text);
}

/* The header may lag behind the chunks, but it never runs ahead of them: where it names later
 * records than there are, the log's end is missing. */
static void note_missing_end(struct evtx_scan *s)
{
    uint64_t last = s->known_id;
    for (unsigned i = 0; i < s->jobs; i++)
        if (s->worker[i].last_id > last)
            last = s->worker[i].last_id;
    if (!s->header.bad && s->header.next_record && s->header.next_record - 1 > last)
        note(&s->worker[0], s->file.len, LOST, "the file header knows of records up to %llu",
             s->header.next_record - 1);
}

/* Each worker kept its first ones, so the first ones of the file are among them. */
static bool merge(struct evtx_scan *s, struct err *e)
{
    struct evlog_damage *all = calloc(s->jobs, sizeof s->damage);
    size_t count = 0;
    if (!all)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    for (unsigned i = 0; i < s->jobs; i++) {
        struct evtx_worker *w = &s->worker[i];
        size_t listed =
            w->damage_total < EVLOG_DAMAGE_LISTED ? (size_t)w->damage_total : EVLOG_DAMAGE_LISTED;
        memcpy(all + count, w->damage, listed * sizeof *all);
        count += listed;
        s->damage_total += w->damage_total;
        s->chunks += w->chunks;
        s->bad_header += w->bad_header;
        s->bad_data += w->bad_data;
        s->undecodable += w->undecodable;
    }
    qsort(all, count, sizeof *all, by_offset);
    memcpy(s->damage, all,
           (count < EVLOG_DAMAGE_LISTED ? count : EVLOG_DAMAGE_LISTED) * sizeof *all);
    free(all);
    return true;
}

static void run(struct task *task, unsigned jobs)
{
    for (unsigned i = 1; i < jobs; i++)
        task[i].started = pthread_create(&task[i].thread, NULL, work, &task[i]) == 0;
    work(&task[0]);
    for (unsigned i = 1; i < jobs; i++)
        if (task[i].started)
            pthread_join(task[i].thread, NULL);
}

bool evtx_scan_run(struct evtx_scan *s, struct err *e)
{
    if (!evtx_header_read(s->file, &s->header, e))
        return false;
    uint64_t ranges = (s->header.slots + EVTX_RANGE - 1) / EVTX_RANGE;
    if (s->jobs > ranges)
        s->jobs = (unsigned)ranges;
    if (s->jobs == 0)
        s->jobs = 1;
    struct pass p = {.scan = s};
    atomic_init(&p.next, 0);
    atomic_init(&p.stop, false);
    s->worker = calloc(s->jobs, sizeof *s->worker);
    struct task *task = calloc(s->jobs, sizeof *task);
    bool ok = s->worker && task;
    for (unsigned i = 0; ok && i < s->jobs; i++) {
        task[i] = (struct task){.pass = &p, .worker = &s->worker[i]};
        ok = worker_init(&s->worker[i], i);
    }
    if (!ok)
        err_set(e, ERR_NOMEM, 0, "out of memory");
    if (ok && s->header.bad)
        note(&s->worker[0], 0, HARMLESS, "file header: checksum or fields wrong", 0);
    if (ok && s->header.chunks > s->header.slots)
        note(&s->worker[0], s->file.len, LOST, "the file ends before %llu of its chunks",
             s->header.chunks - s->header.slots);
    if (ok)
        run(task, s->jobs);
    if (ok)
        note_missing_end(s);
    free(task);
    for (unsigned i = 0; ok && i < s->jobs; i++)
        if (s->worker[i].err.kind) {
            ok =
                err_set(e, s->worker[i].err.kind, s->worker[i].err.at, "%s", s->worker[i].err.text);
        }
    return ok && merge(s, e);
}

void evtx_scan_done(struct evtx_scan *s)
{
    for (unsigned i = 0; s->worker && i < s->jobs; i++) {
        struct evtx_worker *w = &s->worker[i];
        evtx_names_done(&w->names);
        arena_done(&w->scratch);
        evtx_templates_free(w->templates);
        free(w->rows);
    }
    free(s->worker);
    s->worker = NULL;
}
