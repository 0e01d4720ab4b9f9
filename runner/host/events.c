/* Event queries, answered from the columns of a log's index. */
#include "base/utf16.h"
#include "host/image.h"
#include "host/logs.h"

enum {
    GROUPS_MAX = 1024,
    SLOTS = 4096,
    SAMPLES_MAX = 64,
    SCRATCH_BLOCK = 64 << 10,
    ID_BITS = 65536
};

struct query {
    const struct event_query *q;
    const struct evlog *log;
    struct arena *a;
    struct event_answer *out;
    bool *provider; /* by name; NULL = all */
    uint8_t *id;    /* a bit each; NULL = all */
    uint16_t *slot; /* groups by hash: number + 1 */
    struct arena scratch;
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
    if (q->id_count) {
        x->id = ARENA_ARRAY(x->a, ID_BITS / 8, uint8_t);
        if (!x->id)
            return false;
        for (size_t i = 0; i < q->id_count; i++)
            if (q->ids[i] < ID_BITS)
                x->id[q->ids[i] / 8] |= (uint8_t)(1u << (q->ids[i] & 7));
    }
    if (q->by_image) {
        x->slot = ARENA_ARRAY(x->a, SLOTS, uint16_t);
        x->out->groups = ARENA_ARRAY(x->a, GROUPS_MAX, struct event_group);
        return x->slot && x->out->groups;
    }
    return true;
}

static bool matches(const struct query *x, size_t row)
{
    uint16_t id = x->log->event_id[row];
    uint64_t time = x->log->time[row];
    return (!x->provider || x->provider[x->log->provider[row]]) &&
           (!x->id || (x->id[id / 8] >> (id & 7) & 1)) && time >= x->q->since &&
           (x->q->until == 0 || time <= x->q->until);
}

/* --- groups --- */

/* The image in a row's strings; lives until the next call. */
static struct str image_of(struct query *x, size_t row)
{
    struct evlog_payload payload;
    struct str image = {"", 0};
    arena_reset(&x->scratch);
    if (evlog_payload(x->log, row, &x->scratch, &payload, NULL))
        for (size_t i = 0; i < payload.count; i++)
            if (image_token(payload.string[i], &image))
                break;
    return image;
}

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
        g->image = str_dup(x->a, image);
        *slot = (uint16_t)out->group_count;
        return g;
    }
}

static void count_in(uint64_t *count, uint64_t *first, uint64_t *last, uint64_t time)
{
    if (*count == 0 || time < *first)
        *first = time;
    if (*count == 0 || time > *last)
        *last = time;
    ++*count;
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

/* --- the pass --- */

static void pass(struct query *x)
{
    struct event_answer *out = x->out;
    for (size_t row = 0; row < x->log->count; row++) {
        if (!matches(x, row))
            continue;
        uint64_t time = x->log->time[row];
        count_in(&out->count, &out->first, &out->last, time);
        consider(x, row);
        if (!x->q->by_image)
            continue;
        struct event_group *g = group_of(x, x->log->event_id[row], image_of(x, row));
        count_in(&g->count, &g->first, &g->last, time);
    }
    if (out->group_count)
        qsort(out->groups, out->group_count, sizeof *out->groups, group_order);
}

static uint64_t bytes_between(const struct evlog *log, uint64_t from, uint64_t to)
{
    uint64_t bytes = 0;
    for (size_t row = 0; row < log->count; row++)
        if (log->time[row] >= from && log->time[row] <= to)
            bytes += log->size[row];
    return bytes;
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
    /* One block that holds a record's strings is kept by arena_reset(): no allocation a row. */
    arena_init(&x->scratch, ARENA_DEFAULT_CAP);
    (void)arena_alloc(&x->scratch, SCRATCH_BLOCK);
    if (prepare(x)) {
        pass(x);
        fill_samples(x, out->evidence.artefact);
        logs_coverage(h, index, x->q->since, x->q->until, x->a, &out->coverage);
        if (out->coverage.to)
            out->covered_bytes = bytes_between(x->log, out->coverage.from, out->coverage.to);
        out->evidence.where = str_fmt(x->a, "%llu records", (unsigned long long)x->log->count);
    }
    arena_done(&x->scratch);
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
        struct query x = {.q = q, .log = &index->log, .a = a, .out = out};
        out->state = FACT_FOUND;
        answer(h, index, &x);
        (void)logs_intact(h, index);
    }
    if (index->source.state != FACT_FOUND)
        unreadable(h, out, index->source.state, index->source.reason);
    else if (a->full)
        unreadable(h, out, FACT_UNREADABLE, STR("out of memory"));
}
