#include "host/coverage.h"

#include <stdlib.h>

#include "base/utf16.h"
#include "base/wtime.h"

enum { WHY_MAX = 1024, PAYLOAD_CAP = 1 << 20 };

/* Windows logs its uptime daily, so a log that goes on is never silent for longer. */
#define SILENCE_MAX (26 * WTIME_HOUR)

static void add_hole(struct log_span *s, uint64_t from, uint64_t to, struct str why)
{
    if (s->holes < HOLES_MAX) {
        s->hole[s->holes++] = (struct log_hole){from, to, why};
        return;
    }
    /* The last one takes in all further ones. */
    struct log_hole *last = &s->hole[HOLES_MAX - 1];
    last->from = from < last->from ? from : last->from;
    last->to = to > last->to ? to : last->to;
    last->why = STR("records are missing in many places");
}

/* --- the order of records --- */

/* Rows of a log that was overwritten from the front are not in order: runs of consecutive record
 * numbers are. */
struct run {
    size_t first, end;
    uint64_t id;
};

static int by_id(const void *a, const void *b)
{
    const struct run *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

struct runs {
    struct run *run;
    size_t count, cap;
    uint64_t last_id;
};

static bool add_run(struct runs *r, size_t row, uint64_t id)
{
    if (r->count == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 64;
        struct run *p = realloc(r->run, cap * sizeof *p);
        if (!p)
            return false;
        r->run = p;
        r->cap = cap;
    }
    r->run[r->count++] = (struct run){row, row, id};
    return true;
}

/* Rows [row, row + count), whose numbers are consecutive from `id` on. */
static bool add_rows(struct runs *r, size_t row, size_t count, uint64_t id)
{
    bool breaks = r->count == 0 || id < r->last_id || id - r->last_id > 1;
    if (breaks && !add_run(r, row, id))
        return false;
    r->run[r->count - 1].end = row + count;
    r->last_id = id + count - 1;
    return true;
}

static bool runs_of(const struct evlog *log, struct runs *out)
{
    for (size_t i = 0; i < log->parts; i++) {
        const struct evlog_part *p = &log->part[i];
        bool ok = true;
        if (p->count == 0)
            continue;
        if (p->even)
            ok = add_rows(out, (size_t)p->row, (size_t)p->count, p->first_id);
        else if (evlog_rows(log, i))
            for (uint64_t row = p->row; ok && row < p->row + p->count; row++)
                ok = add_rows(out, (size_t)row, 1, log->record_id[row]);
        if (!ok)
            return false;
    }
    if (out->count > 1)
        qsort(out->run, out->count, sizeof *out->run, by_id);
    return true;
}

/* --- being cleared --- */

struct clears {
    const struct evlog *log;
    struct str channel;
    int event_log, security; /* providers, -1 = none */
};

/* Event 104 stands in System for each log that was cleared, and names it. */
static bool names_channel(const struct clears *c, size_t row)
{
    struct evlog_payload payload;
    struct arena a;
    bool found = false;
    arena_init(&a, PAYLOAD_CAP);
    if (!evlog_payload(c->log, row, &a, &payload, NULL))
        found = true; /* it may well be this one */
    else
        for (size_t i = 0; i < payload.count && !found; i++)
            found = str_ieq(payload.string[i], c->channel);
    arena_done(&a);
    return found;
}

static bool is_clear(const struct clears *c, size_t row)
{
    uint16_t id = c->log->event_id[row];
    if (!evlog_may_clear(id))
        return false;
    int provider = c->log->fold[c->log->provider[row]];
    if (id == 104)
        return provider == c->event_log && names_channel(c, row);
    if (!str_ieq(c->channel, STR("Security")))
        return false;
    return id == 1102 ? provider == c->event_log
                      : provider == c->security && c->log->kind == EVLOG_EVT;
}

/* --- the walk --- */

struct walk {
    const struct evlog *log;
    struct log_span *span;
    struct arena *a;
    struct clears clears;
    uint64_t last_id, first, newest;
};

static void start_at(struct walk *w, uint64_t time, bool cleared)
{
    w->span->any = true;
    w->span->start = time;
    w->span->cleared = cleared;
    w->span->holes = 0;
    w->first = w->newest = time;
}

static struct str between(struct arena *a, struct str what, uint64_t from, uint64_t to)
{
    char one[WTIME_TEXT], other[WTIME_TEXT];
    if (from == 0 || to == UINT64_MAX)
        return what;
    return str_fmt(a, STR_FMT " (%s to %s)", STR_ARG(what), wtime_format(from, one),
                   wtime_format(to, other));
}

static void check_number(struct walk *w, uint64_t id, uint64_t time)
{
    uint64_t before = w->span->end;
    uint64_t from = before < time ? before : time, to = before < time ? time : before;
    if (id <= w->last_id || id - w->last_id == 1)
        return;
    struct str what = str_fmt(w->a, "records %llu to %llu are missing",
                              (unsigned long long)w->last_id + 1, (unsigned long long)id - 1);
    add_hole(w->span, from, to, between(w->a, what, from, to));
}

static const char *when(uint64_t time, char out[WTIME_TEXT])
{
    return time ? wtime_format(time, out) : "no time at all";
}

/* Records before a clock was set back bear times that may be wrong. */
static void check_clock(struct walk *w, uint64_t time)
{
    char from[WTIME_TEXT], to[WTIME_TEXT];
    if (w->newest > time && w->newest - time > WTIME_DAY) {
        add_hole(w->span, time, w->newest,
                 str_fmt(w->a, "the clock ran backwards from %s to %s", when(w->newest, from),
                         when(time, to)));
        w->newest = time;
    }
    if (time > w->newest)
        w->newest = time;
}

static void visit(struct walk *w, uint64_t id, uint64_t time, bool clear)
{
    if (!w->span->any) {
        start_at(w, time, clear);
    } else if (clear) {
        start_at(w, time, true);
    } else {
        check_number(w, id, time);
        check_clock(w, time);
        /* A clock that was set back a little: the first record is older than it says. */
        if (time < w->span->start && w->first - time <= WTIME_DAY)
            w->span->start = time;
    }
    w->last_id = id;
    w->span->end = time;
}

/* Of an even part the ends tell everything. */
static void visit_run(struct walk *w, const struct run *r)
{
    const struct evlog *log = w->log;
    size_t i = evlog_part_of(log, r->first);
    for (size_t row = r->first; row < r->end; i++) {
        const struct evlog_part *p = &log->part[i];
        size_t end = (size_t)(p->row + p->count) < r->end ? (size_t)(p->row + p->count) : r->end;
        if (p->even && p->count) {
            visit(w, p->first_id, p->time_from, false);
            w->last_id = p->first_id + p->count - 1; /* and all between them */
            visit(w, w->last_id, p->time_to, false);
        } else if (row < end && evlog_rows(log, i)) {
            for (; row < end; row++)
                visit(w, log->record_id[row], log->time[row], is_clear(&w->clears, row));
        }
        row = row < end ? end : row;
    }
}

/* --- damage --- */

/* Damage that a gap in the numbers has shown already gives the gap its cause. */
static bool explains(struct log_span *s, uint64_t from, uint64_t to, const char *text,
                     struct arena *a)
{
    for (size_t i = 0; i < s->holes; i++) {
        if (s->hole[i].from != from || s->hole[i].to != to)
            continue;
        s->hole[i].why = str_fmt(a, STR_FMT ": %s", STR_ARG(s->hole[i].why), text);
        return true;
    }
    return false;
}

static void add_damage(const struct evlog *log, struct arena *a, struct log_span *s)
{
    for (size_t i = 0; i < log->damage_count && i < EVLOG_DAMAGE_LISTED; i++) {
        const struct evlog_damage *d = &log->damage[i];
        if (!d->lost_records && !d->suspect)
            continue;
        uint64_t from = d->time_from, to = d->time_to ? d->time_to : UINT64_MAX;
        struct str why = between(a, str_fmt(a, "damaged: %s", d->text), from, to);
        if (explains(s, from, to, d->text, a))
            continue;
        if (from <= to) {
            add_hole(s, from, to, why);
            continue;
        }
        /* Between the newest and the oldest record of a log that wraps: either may be meant. */
        add_hole(s, from, UINT64_MAX, why);
        add_hole(s, 0, to, why);
    }
    if (log->damage_total > EVLOG_DAMAGE_LISTED)
        add_hole(s, 0, UINT64_MAX, STR("damaged in more places than are listed"));
}

void coverage_span(const struct evlog *log, struct str channel, struct arena *a,
                   struct log_span *out)
{
    struct runs runs = {0};
    memset(out, 0, sizeof *out);
    struct walk w = {.log = log, .span = out, .a = a};
    w.clears = (struct clears){.log = log,
                               .channel = channel,
                               .event_log = evlog_name(log, STR("Microsoft-Windows-Eventlog")),
                               .security = evlog_name(log, STR("Security"))};
    bool ok = runs_of(log, &runs);
    for (size_t i = 0; ok && i < runs.count; i++)
        visit_run(&w, &runs.run[i]);
    if (!ok)
        add_hole(out, 0, UINT64_MAX, STR("records in too many pieces"));
    free(runs.run);
    add_damage(log, a, out);
}

/* --- windows --- */

struct reasons {
    struct sb text;
};

static void because(struct reasons *r, struct coverage *c, struct str why)
{
    c->complete = false;
    if (r->text.len)
        sb_puts(&r->text, "; ");
    sb_str(&r->text, why);
}

static void check_start(const struct log_span *s, uint64_t since, struct arena *a,
                        struct reasons *r, struct coverage *c)
{
    char when[WTIME_TEXT];
    if (since == 0 || s->start <= since)
        return;
    because(r, c,
            str_fmt(a, s->cleared ? "the log was cleared at %s" : "the log begins at %s",
                    wtime_format(s->start, when)));
}

static void check_end(const struct log_span *s, uint64_t until,
                      const struct reference_time *reference, struct arena *a, struct reasons *r,
                      struct coverage *c)
{
    char text[WTIME_TEXT];
    if (s->end >= until)
        return;
    if (reference->time <= s->end || reference->time - s->end <= SILENCE_MAX) {
        c->to = until; /* nothing more was to be logged yet */
        return;
    }
    because(r, c, str_fmt(a, "nothing was logged after %s", when(s->end, text)));
}

void coverage_window(const struct log_span *span, uint64_t since, uint64_t until,
                     const struct reference_time *reference, struct arena *a, struct coverage *out)
{
    struct reasons r;
    sb_init(&r.text, WHY_MAX);
    *out = (struct coverage){.known = true, .complete = true};
    if (until == 0 || (reference->time && until > reference->time))
        until = reference->time;
    if (!reference->trusted)
        because(&r, out, STR("the reference time is not certain"));
    if (!span->any) {
        because(&r, out, STR("the log holds no records"));
    } else {
        out->from = span->start > since ? span->start : since;
        out->to = span->end < until ? span->end : until;
        check_start(span, since, a, &r, out);
        check_end(span, until, reference, a, &r, out);
        if (out->from > out->to)
            out->from = out->to = 0; /* nothing of the window */
    }
    uint64_t low = since ? since : span->start;
    for (size_t i = 0; i < span->holes && r.text.len < WHY_MAX / 2; i++)
        if (span->hole[i].from <= until && span->hole[i].to >= low) {
            because(&r, out, span->hole[i].why);
            out->gaps = true;
        }
    if (since > until && out->complete)
        because(&r, out, STR("the window begins after the reference time"));
    out->reason = str_dup(a, (struct str){r.text.ptr ? r.text.ptr : "", r.text.len});
    sb_done(&r.text);
}
