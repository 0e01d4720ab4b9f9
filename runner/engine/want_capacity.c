#include "base/wtime.h"
#include "engine/evaluate.h"

struct growth {
    struct log_config config;
    struct log_fact log;
    struct event_answer answer; /* all events of the window */
    double covered_days, bytes_a_day, days;
    bool fills; /* stops when it is full: `days` is what is left until then */
};

static bool not_read(const struct evaluation *v, struct str what, enum fact_state state,
                     struct str reason, struct result *out)
{
    if (state == FACT_FOUND)
        return false;
    out->verdict = VERDICT_UNKNOWN;
    out->observed.text = state_text(v->mem, state, reason);
    out->message = str_fmt(v->mem, STR_FMT " is " STR_FMT ", want " STR_FMT, STR_ARG(what),
                           STR_ARG(out->observed.text), STR_ARG(out->expected.text));
    return true;
}

static void unknown(const struct evaluation *v, struct str why, struct result *out)
{
    out->verdict = VERDICT_UNKNOWN;
    out->observed.text = why;
    out->message =
        str_fmt(v->mem, STR_FMT ", want " STR_FMT, STR_ARG(why), STR_ARG(out->expected.text));
}

static void read_log(const struct evaluation *v, struct str channel, uint64_t days,
                     struct growth *g)
{
    uint64_t until = host_reference(v->host)->time, window = days * WTIME_DAY;
    struct event_query q = {.channel = channel, .until = until};
    q.since = until > window ? until - window : 1;
    host_log_config(v->host, channel, v->mem, &g->config);
    host_log(v->host, channel, v->mem, &g->log);
    host_events(v->host, &q, v->mem, &g->answer);
}

/* Growth over the part of the window that the log covers, and how long its size lasts. */
static void measure(struct growth *g)
{
    const struct coverage *c = &g->answer.coverage;
    double size = (double)g->config.max_size, used = (double)g->log.bytes;
    if (c->known && c->from && c->to > c->from)
        g->covered_days = (double)(c->to - c->from) / (double)WTIME_DAY;
    if (g->covered_days > 0)
        g->bytes_a_day = (double)g->answer.covered_bytes / g->covered_days;
    g->fills = !g->config.may_overwrite && !g->config.auto_backup;
    double room = !g->fills ? size : size > used ? size - used : 0;
    if (g->bytes_a_day > 0)
        g->days = room / g->bytes_a_day;
}

static struct value observed_value(const struct evaluation *v, const struct growth *g)
{
    const struct value_member members[] = {
        {STR("size"), value_int((int64_t)g->config.max_size)},
        {STR("used"), value_int((int64_t)g->log.bytes)},
        {STR("may_overwrite"), value_bool(g->config.may_overwrite)},
        {STR("covered_days"), rounded(g->covered_days)},
        {STR("bytes_per_day"), rounded(g->bytes_a_day)},
        {STR("days"), g->bytes_a_day > 0 ? rounded(g->days) : value_null()},
    };
    return map_of(v->mem, members, 6);
}

static void judge(const struct evaluation *v, const struct growth *g, struct str channel,
                  uint64_t window, struct result *out)
{
    struct str size = size_text(v->mem, (double)g->config.max_size);
    out->verdict = g->bytes_a_day > 0 && g->days < (double)window ? VERDICT_FAIL : VERDICT_PASS;
    if (g->bytes_a_day <= 0)
        out->observed.text = str_fmt(v->mem, STR_FMT ", nothing written", STR_ARG(size));
    else if (g->fills)
        out->observed.text =
            str_fmt(v->mem, STR_FMT " without overwriting, " STR_FMT " a day, full in %.1f days",
                    STR_ARG(size), STR_ARG(size_text(v->mem, g->bytes_a_day)), g->days);
    else
        out->observed.text =
            str_fmt(v->mem, STR_FMT ", " STR_FMT " a day, holds %.1f days", STR_ARG(size),
                    STR_ARG(size_text(v->mem, g->bytes_a_day)), g->days);
    out->message =
        str_fmt(v->mem, STR_FMT " log of " STR_FMT ", want %llu days or more", STR_ARG(channel),
                STR_ARG(out->observed.text), (unsigned long long)window);
    if (out->verdict == VERDICT_PASS && g->answer.coverage.gaps)
        unknown(v,
                str_fmt(v->mem, "%s" STR_FMT, "records are missing, so it may grow faster: ",
                        STR_ARG(g->answer.coverage.reason)),
                out);
    else if (g->log.damaged)
        out->message =
            str_fmt(v->mem, STR_FMT " (damaged places were not counted)", STR_ARG(out->message));
}

void want_capacity(const struct evaluation *v, const struct want *w, struct result *out)
{
    const struct reference_time *reference = host_reference(v->host);
    struct str channel = want_text(v, w, "channel");
    uint64_t window = want_window(v, w);
    struct growth g = {0};
    read_log(v, channel, window, &g);
    out->expected.text = str_fmt(v->mem, "room for %llu days", (unsigned long long)window);
    out->expected.value =
        map_of(v->mem, &(struct value_member){STR("days"), value_int((int64_t)window)}, 1);
    out->coverage = g.answer.coverage;
    evidence_add(&out->evidence, &g.config.evidence);
    evidence_add(&out->evidence, &g.answer.evidence);
    struct str log = str_fmt(v->mem, "the log " STR_FMT, STR_ARG(channel));
    struct str size = str_fmt(v->mem, "the size of the " STR_FMT " log", STR_ARG(channel));
    if (not_read(v, log, g.answer.state, g.answer.reason, out) ||
        not_read(v, size, g.config.state, g.config.reason, out))
        return;
    measure(&g);
    out->observed.value = observed_value(v, &g);
    if (!g.config.max_size)
        unknown(v, str_fmt(v->mem, STR_FMT " is not known", STR_ARG(size)), out);
    else if (!reference->trusted)
        unknown(v,
                str_fmt(v->mem,
                        "the reference time is not certain (" STR_FMT "), name it with --at",
                        STR_ARG(reference->why)),
                out);
    else if (g.covered_days < 1)
        unknown(v,
                str_fmt(v->mem, STR_FMT " covers %.1f hours, less than a day", STR_ARG(log),
                        g.covered_days * 24),
                out);
    else
        judge(v, &g, channel, window, out);
}

uint64_t capacity_needed(const struct evaluation *v, struct str channel, uint64_t days)
{
    struct growth g = {0};
    read_log(v, channel, days, &g);
    if (g.answer.state != FACT_FOUND || g.config.state != FACT_FOUND)
        return 0;
    measure(&g);
    double bytes = g.bytes_a_day * (double)days + (g.fills ? (double)g.log.bytes : 0);
    if (g.covered_days < 1 || bytes <= 0 || bytes > (double)(UINT64_MAX / 2))
        return 0;
    return (uint64_t)bytes + 1;
}
