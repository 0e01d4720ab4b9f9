/* Event queries, answered from the columns of a log's index. */
#include <stdlib.h>

#include "base/utf16.h"
#include "host/logs.h"

enum { GROUPS_MAX = 1024, SLOTS = 4096, SAMPLES_MAX = 64, ID_BITS = 65536, PASSES_MAX = 3 };

struct query {
    const struct event_query *q;
    const struct evlog *log;
    struct host_log_index *index;
    struct arena *a;
    struct event_answer *out;
    bool *provider; /* by name; NULL = all */
    uint8_t id[ID_BITS / 8];
    uint16_t *slot;             /* groups by hash: number + 1 */
    size_t *earliest;           /* by group: its oldest row, whose spelling counts */
    size_t sample[SAMPLES_MAX]; /* rows, newest first */
    size_t sample_count;
};

static bool prepare(struct query *x)
{
    const struct event_query *q = x->q;
    if (q->provider_count) {
        x->provider = ARENA_ARRAY(x->a, x->log->name_count + 1, bool);
        if (!x->provider)
            return false;
        for (size_t i = 0; i < q->provider_count; i++) {
            int name = evlog_name(x->log, q->providers[i]);
            for (size_t n = 0; name >= 0 && n < x->log->name_count; n++)
                x->provider[n] = x->provider[n] || x->log->fold[n] == name;
        }
    }
    memset(x->id, q->id_count ? 0 : 0xFF, sizeof x->id);
    for (size_t i = 0; i < q->id_count; i++)
        if (q->ids[i] < ID_BITS)
            x->id[q->ids[i] / 8] |= (uint8_t)(1u << (q->ids[i] & 7));
    if (q->by_image) {
        x->slot = ARENA_ARRAY(x->a, SLOTS, uint16_t);
        x->earliest = ARENA_ARRAY(x->a, GROUPS_MAX, size_t);
        x->out->groups = ARENA_ARRAY(x->a, GROUPS_MAX, struct event_group);
        return x->slot && x->earliest && x->out->groups;
    }
    return true;
}

static bool wants_id(const struct query *x, uint16_t id)
{
    return x->id[id / 8] >> (id & 7) & 1;
}

static bool matches(const struct query *x, size_t row)
{
    uint64_t time = x->log->time[row];
    return wants_id(x, x->log->event_id[row]) &&
           (!x->provider || x->provider[x->log->provider[row]]) && time >= x->q->since &&
           (x->q->until == 0 || time <= x->q->until);
}

/* --- groups --- */

static struct event_group *group_of(struct query *x, uint32_t id, struct str image)
{
    struct event_answer *out = x->out;
    for (uint32_t at = str_ihash(image) * 31 + id;; at++) {
        uint16_t *slot = &x->slot[at % SLOTS];
        if (*slot) {
            struct event_group *g = &out->groups[*slot - 1];
            if (g->id == id && str_ieq(g->image, image))
                return g;
            continue;
        }
        if (out->group_count == GROUPS_MAX) /* more names than a log of one machine has */
            return &out->groups[GROUPS_MAX - 1];
        struct event_group *g = &out->groups[out->group_count++];
        g->id = id;
        g->image = image;
        *slot = (uint16_t)out->group_count;
        return g;
    }
}

/* Rows of one bucket that name one image. */
struct tally {
    uint64_t count;
    size_t oldest, newest; /* rows */
};

static void add_tally(struct query *x, uint16_t id, struct str image, const struct tally *t)
{
    struct event_group *g = group_of(x, id, image);
    size_t *earliest = &x->earliest[g - x->out->groups];
    uint64_t first = x->log->time[t->oldest], last = x->log->time[t->newest];
    if (g->count == 0 || log_older(x->log, t->oldest, *earliest)) {
        *earliest = t->oldest;
        g->image = image;
    }
    if (g->count == 0 || first < g->first)
        g->first = first;
    if (last > g->last)
        g->last = last;
    g->count += t->count;
}

static bool group_rows(struct query *x, struct log_bucket *b, size_t from, size_t to)
{
    struct log_images *images = &x->index->images;
    const struct log_rows *r = &x->index->rows;
    if (!images->strings && !log_images_open(x->log, images))
        return false;
    if (!log_images_look(images, r, b, from, to))
        return false;
    struct tally *t = calloc(images->count, sizeof *t);
    for (size_t i = from; t && i < to; i++) {
        struct tally *k = &t[b->image[i - b->first] - 1];
        if (k->count++ == 0)
            k->oldest = r->row[i];
        k->newest = r->row[i];
    }
    for (size_t i = 0; t && i < images->count; i++)
        if (t[i].count)
            add_tally(x, (uint16_t)b->key, images->image[i], &t[i]);
    free(t);
    return t != NULL;
}

static int group_order(const void *a, const void *b)
{
    const struct event_group *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    int order = str_icmp(x->image, y->image);
    return order ? order : str_cmp(x->image, y->image);
}

/* --- samples --- */

static bool newer(const struct evlog *log, size_t a, size_t b)
{
    if (log->time[a] != log->time[b])
        return log->time[a] > log->time[b];
    return log->record_id[a] > log->record_id[b];
}

static void consider(struct query *x, size_t row)
{
    size_t most = x->q->samples < SAMPLES_MAX ? x->q->samples : SAMPLES_MAX, at;
    if (most == 0)
        return;
    if (x->sample_count == most) {
        if (!newer(x->log, row, x->sample[most - 1]))
            return;
        x->sample_count--;
    }
    for (at = x->sample_count; at > 0 && newer(x->log, row, x->sample[at - 1]); at--)
        x->sample[at] = x->sample[at - 1];
    x->sample[at] = row;
    x->sample_count++;
}

static void fill_sample(struct query *x, size_t row, struct str artefact, struct event_sample *out)
{
    const struct evlog *log = x->log;
    struct evlog_payload payload;
    struct span bytes;
    struct err e = {0};
    out->time = log->time[row];
    out->record_id = log->record_id[row];
    out->offset = log->offset[row];
    out->id = log->event_id[row];
    out->provider = str_dup(x->a, log->names[log->provider[row]]);
    out->evidence.artefact = artefact;
    out->evidence.where =
        str_fmt(x->a, "record %llu at offset %llu", (unsigned long long)out->record_id,
                (unsigned long long)out->offset);
    if (span_sub(log->bytes, out->offset, log->size[row], &bytes))
        (void)sha256_hex(bytes, out->evidence.sha256, NULL);
    if (evlog_payload(log, row, x->a, &payload, &e)) {
        out->strings = payload.string;
        out->string_count = payload.count;
    } else {
        out->evidence.note = str_fmt(x->a, "strings cannot be read: %s", e.text);
    }
}

static void fill_samples(struct query *x, struct str artefact)
{
    x->out->samples = ARENA_ARRAY(x->a, x->sample_count + 1, struct event_sample);
    for (size_t i = 0; x->out->samples && i < x->sample_count; i++)
        fill_sample(x, x->sample[i], artefact, &x->out->samples[x->out->sample_count++]);
}

/* --- the rows --- */

static void add_rows(struct event_answer *out, uint64_t count, uint64_t first, uint64_t last)
{
    if (out->count == 0 || first < out->first)
        out->first = first;
    if (last > out->last)
        out->last = last;
    out->count += count;
}

static uint64_t until_of(const struct event_query *q)
{
    return q->until ? q->until : UINT64_MAX;
}

static void pass(struct query *x)
{
    for (size_t i = 0; i < x->log->parts; i++) {
        const struct evlog_part *p = &x->log->part[i];
        if (p->count == 0 || p->time_to < x->q->since || p->time_from > until_of(x->q) ||
            !evlog_rows(x->log, i))
            continue;
        for (size_t row = (size_t)p->row; row < p->row + p->count; row++) {
            if (!matches(x, row))
                continue;
            add_rows(x->out, 1, x->log->time[row], x->log->time[row]);
            consider(x, row);
        }
    }
}

static bool one_bucket(struct query *x, struct log_bucket *b)
{
    const struct log_rows *r = &x->index->rows;
    size_t from, to;
    if (!log_rows_window(r, x->log, b, x->q->since, x->q->until, &from, &to))
        return false;
    if (from == to)
        return true;
    add_rows(x->out, to - from, x->log->time[r->row[from]], x->log->time[r->row[to - 1]]);
    for (size_t i = to; i > from && to - i < x->q->samples; i--)
        consider(x, r->row[i - 1]);
    return !x->q->by_image || group_rows(x, b, from, to);
}

static bool bucket_range(struct query *x, size_t from, size_t to)
{
    struct log_rows *r = &x->index->rows;
    for (size_t i = from; i < to; i++)
        if (wants_id(x, (uint16_t)r->bucket[i].key) && !one_bucket(x, &r->bucket[i]))
            return false;
    return true;
}

static bool by_bucket(struct query *x)
{
    const struct log_rows *r = &x->index->rows;
    if (!x->provider)
        return bucket_range(x, 0, r->buckets);
    for (size_t n = 0; n < x->log->name_count; n++) {
        uint32_t key = (uint32_t)n << 16;
        if (x->provider[n] && x->log->fold[n] == n &&
            !bucket_range(x, log_rows_find(r, key),
                          n == UINT16_MAX ? r->buckets : log_rows_find(r, key + ID_BITS)))
            return false;
    }
    return true;
}

/* The rows in order: of this window; of all of the log when somebody asks for another. */
static bool order_rows(struct host_log_index *index, const struct event_query *q)
{
    struct log_rows *r = &index->rows;
    uint64_t until = until_of(q);
    if (r->row && r->since <= q->since && until <= r->until)
        return true;
    bool first = !r->row;
    log_rows_done(r);
    return log_rows_make(&index->log, first ? q->since : 0, first ? until : UINT64_MAX, r);
}

/* Sorting the rows costs what a few passes cost. */
static bool find_rows(struct query *x)
{
    struct host_log_index *index = x->index;
    bool sorted = x->q->by_image || ++index->asked > PASSES_MAX;
    if (sorted && !order_rows(index, x->q))
        return false;
    if (!sorted) {
        pass(x);
        return true;
    }
    if (!by_bucket(x))
        return false;
    if (x->out->group_count)
        qsort(x->out->groups, x->out->group_count, sizeof *x->out->groups, group_order);
    for (size_t i = 0; i < x->out->group_count; i++)
        x->out->groups[i].image = str_dup(x->a, x->out->groups[i].image);
    return true;
}

static uint64_t bytes_between(struct query *x, uint64_t from, uint64_t to)
{
    struct log_bytes *b = &x->index->bytes;
    if (!b->block && !log_bytes_make(x->log, b)) {
        x->a->full = true;
        return 0;
    }
    return log_bytes_between(b, x->log, from, to);
}

static void unreadable(struct host *h, struct event_answer *out, enum fact_state state,
                       struct str reason)
{
    out->state = state;
    out->reason = out->evidence.note = reason;
    out->coverage = (struct coverage){.reason = reason};
    host_count(h, state);
}

static void answer(struct host *h, struct host_log_index *index, struct query *x)
{
    struct event_answer *out = x->out;
    out->evidence.note = index->note;
    if (!prepare(x) || !find_rows(x)) {
        x->a->full = true;
        return;
    }
    fill_samples(x, out->evidence.artefact);
    logs_coverage(h, index, x->q->since, x->q->until, x->a, &out->coverage);
    if (out->coverage.to)
        out->covered_bytes = bytes_between(x, out->coverage.from, out->coverage.to);
    out->evidence.where = str_fmt(x->a, "%llu records", (unsigned long long)x->log->count);
}

void host_events(struct host *h, const struct event_query *q, struct arena *a,
                 struct event_answer *out)
{
    memset(out, 0, sizeof *out);
    struct host_log_index *index = logs_get(h, q->channel);
    if (!index) {
        unreadable(h, out, FACT_UNREADABLE, STR("more logs than can be opened"));
        return;
    }
    out->evidence.artefact = str_dup(a, index->source.file.path);
    if (index->source.state == FACT_FOUND) {
        const struct evidence artefact = out->evidence;
        do {
            struct query x = {.q = q, .log = &index->log, .index = index, .a = a, .out = out};
            *out = (struct event_answer){.state = FACT_FOUND, .evidence = artefact};
            answer(h, index, &x);
        } while (logs_renew(h, index));
        (void)logs_intact(h, index);
    }
    if (index->source.state != FACT_FOUND)
        unreadable(h, out, index->source.state, index->source.reason);
    else if (a->full)
        unreadable(h, out, FACT_UNREADABLE, STR("out of memory"));
}
