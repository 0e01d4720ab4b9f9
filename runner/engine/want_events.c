#include "base/wtime.h"
#include "engine/evaluate.h"

enum { GROUPS_IN_MESSAGE = 3, GROUPS_IN_VALUE = 1000, SAMPLES = 3, IDS = 256 };

/* What is asked for, in words and numbers. */
struct asked {
    struct str subject; /* "mfehidk 514/516/519 in System" */
    unsigned long long days;
    uint64_t least, most; /* how many events are as wanted */
    struct str wanted;    /* "none", "at most 5" */
};

static bool member_id(const struct value *x, uint32_t *out)
{
    if (x->kind != VALUE_INT || x->integer < 0 || x->integer > UINT16_MAX)
        return false;
    *out = (uint32_t)x->integer;
    return true;
}

/* False where a list holds what is no provider or no id: leaving it out would ask for less. */
static bool read_lists(const struct evaluation *v, const struct want *w, uint32_t *ids,
                       struct event_query *q)
{
    const struct value *providers = want_arg(v, w, "providers"), *list = want_arg(v, w, "ids");
    size_t names = providers && providers->kind == VALUE_LIST ? providers->list.count : 0;
    size_t numbers = list && list->kind == VALUE_LIST ? list->list.count : 0;
    q->ids = ids;
    q->providers = ARENA_ARRAY(v->mem, names + 1, struct str);
    if (!q->providers || numbers > IDS)
        return false;
    for (; q->provider_count < names; q->provider_count++) {
        const struct value *x = &providers->list.items[q->provider_count];
        if (x->kind != VALUE_TEXT || !x->text.len)
            return false;
        q->providers[q->provider_count] = x->text;
    }
    for (; q->id_count < numbers; q->id_count++)
        if (!member_id(&list->list.items[q->id_count], &ids[q->id_count]))
            return false;
    return true;
}

/* Fills the query from the arguments; `ids` has room for IDS numbers. */
static bool make_query(const struct evaluation *v, const struct want *w, uint32_t *ids,
                       struct event_query *q)
{
    const struct reference_time *reference = host_reference(v->host);
    uint64_t window = want_window(v, w) * WTIME_DAY;
    *q = (struct event_query){.channel = want_text(v, w, "channel")};
    q->until = reference->time;
    q->since = reference->time > window ? reference->time - window : 1;
    q->by_image = str_eq(want_text(v, w, "group_by"), STR("image"));
    q->samples = SAMPLES;
    return q->channel.len && read_lists(v, w, ids, q);
}

/* "mfehidk 514/516/519 in System" */
static struct str subject_text(const struct evaluation *v, const struct event_query *q)
{
    struct sb b;
    sb_init(&b, 4096);
    for (size_t i = 0; i < q->provider_count; i++) {
        sb_puts(&b, i ? "/" : "");
        sb_str(&b, q->providers[i]);
    }
    for (size_t i = 0; i < q->id_count; i++)
        sb_printf(&b, "%s%u", i ? "/" : q->provider_count ? " " : "", (unsigned)q->ids[i]);
    sb_puts(&b, b.len ? " in " : "any kind in ");
    sb_str(&b, q->channel);
    struct str text = str_dup(v->mem, (struct str){b.ptr, b.bad ? 0 : b.len});
    sb_done(&b);
    return text;
}

/* ---- observed -------------------------------------------------------------------------------- */

static struct value time_or_null(uint64_t t)
{
    return t ? value_time(t) : value_null();
}

static struct value group_value(const struct evaluation *v, const struct event_group *g)
{
    const struct value_member members[] = {
        {STR("id"), value_int(g->id)},
        {STR("image"), g->image.len ? value_text(g->image) : value_null()},
        {STR("count"), value_int((int64_t)g->count)},
        {STR("first"), time_or_null(g->first)},
        {STR("last"), time_or_null(g->last)},
    };
    return map_of(v->mem, members, 5);
}

static struct value group_list(const struct evaluation *v, const struct event_answer *answer)
{
    size_t n = answer->group_count < GROUPS_IN_VALUE ? answer->group_count : GROUPS_IN_VALUE;
    struct value list = value_list(v->mem, n);
    for (size_t i = 0; i < list.list.count; i++)
        list.list.items[i] = group_value(v, &answer->groups[i]);
    return list;
}

/* Hours of the window that the log covers: what a rate refers to. */
static double covered_hours(const struct event_answer *answer)
{
    const struct coverage *c = &answer->coverage;
    return c->known && c->to > c->from ? (double)(c->to - c->from) / (double)WTIME_HOUR : 0;
}

static struct value rate(const struct event_answer *answer, double hours_each)
{
    double hours = covered_hours(answer);
    /* Over less than an hour a rate says nothing. */
    return hours < 1 ? value_null() : rounded((double)answer->count / hours * hours_each);
}

static struct value observed_value(const struct evaluation *v, const struct event_answer *answer)
{
    const struct value_member members[] = {
        {STR("count"), value_int((int64_t)answer->count)},
        {STR("first"), time_or_null(answer->first)},
        {STR("last"), time_or_null(answer->last)},
        {STR("per_hour"), rate(answer, 1)},
        {STR("per_day"), rate(answer, 24)},
        {STR("groups"), group_list(v, answer)},
    };
    return map_of(v->mem, members, 6);
}

static struct str per_day_text(const struct evaluation *v, const struct event_answer *answer)
{
    struct value n = rate(answer, 24);
    return n.kind == VALUE_NUMBER ? str_fmt(v->mem, ", %.1f a day", n.number) : STR("");
}

static struct str observed_text(const struct evaluation *v, const struct event_answer *answer)
{
    if (!answer->count)
        return STR("no event");
    return str_fmt(v->mem, "%llu event%s" STR_FMT ", first " STR_FMT ", last " STR_FMT,
                   (unsigned long long)answer->count, answer->count == 1 ? "" : "s",
                   STR_ARG(per_day_text(v, answer)), STR_ARG(time_text(v->mem, answer->first)),
                   STR_ARG(time_text(v->mem, answer->last)));
}

/* The largest groups: "516 VSTSKMGR.EXE 120, 514 NAPRDMGR.EXE 3, 2 more groups" */
static struct str groups_text(const struct evaluation *v, const struct event_answer *answer)
{
    struct str text = STR("");
    uint64_t below = UINT64_MAX;
    size_t shown = 0, last = 0;
    while (shown < GROUPS_IN_MESSAGE && shown < answer->group_count) {
        /* The next largest; among equal counts in stored order. */
        const struct event_group *best = NULL;
        size_t at = 0;
        for (size_t i = 0; i < answer->group_count; i++) {
            const struct event_group *g = &answer->groups[i];
            bool left = g->count < below || (g->count == below && shown && i > last);
            if (left && (!best || g->count > best->count))
                best = g, at = i;
        }
        if (!best)
            break;
        text =
            str_fmt(v->mem, STR_FMT "%s%u " STR_FMT " %llu", STR_ARG(text), shown ? ", " : "",
                    (unsigned)best->id, STR_ARG(best->image.len ? best->image : STR("(no image)")),
                    (unsigned long long)best->count);
        below = best->count, last = at;
        shown++;
    }
    if (answer->group_count > shown)
        text = str_fmt(v->mem, STR_FMT ", %zu more", STR_ARG(text), answer->group_count - shown);
    return text;
}

/* ---- verdict --------------------------------------------------------------------------------- */

static void fail(const struct evaluation *v, const struct event_answer *answer,
                 const struct asked *asked, struct result *out)
{
    out->verdict = VERDICT_FAIL;
    struct str groups = groups_text(v, answer);
    out->message = str_fmt(
        v->mem, "%llu event%s of " STR_FMT STR_FMT ", want " STR_FMT " in %llu days%s" STR_FMT,
        (unsigned long long)answer->count, answer->count == 1 ? "" : "s", STR_ARG(asked->subject),
        STR_ARG(per_day_text(v, answer)), STR_ARG(asked->wanted), asked->days,
        groups.len ? ": " : "", STR_ARG(groups));
    if (!answer->coverage.complete)
        out->message = str_fmt(v->mem, STR_FMT " (the log does not cover the whole window)",
                               STR_ARG(out->message));
}

static struct str count_text(const struct evaluation *v, const struct event_answer *answer)
{
    if (!answer->count)
        return STR("no event");
    return str_fmt(v->mem, "%llu event%s", (unsigned long long)answer->count,
                   answer->count == 1 ? "" : "s");
}

static void not_covered(const struct evaluation *v, const struct event_answer *answer,
                        const struct asked *asked, struct result *out)
{
    const struct coverage *c = &answer->coverage;
    struct str reason = c->reason.len ? c->reason : STR("reason not known");
    struct str count = count_text(v, answer);
    out->verdict = VERDICT_UNKNOWN;
    if (!c->known || !c->from) {
        out->message = str_fmt(
            v->mem,
            STR_FMT " of " STR_FMT ", but the log covers nothing of the %llu days: " STR_FMT,
            STR_ARG(count), STR_ARG(asked->subject), asked->days, STR_ARG(reason));
        return;
    }
    out->message =
        str_fmt(v->mem,
                STR_FMT " of " STR_FMT " between " STR_FMT " and " STR_FMT
                        ", but the log does not cover all %llu days: " STR_FMT,
                STR_ARG(count), STR_ARG(asked->subject), STR_ARG(time_text(v->mem, c->from)),
                STR_ARG(time_text(v->mem, c->to)), asked->days, STR_ARG(reason));
}

static void judge(const struct evaluation *v, const struct event_answer *answer,
                  const struct asked *asked, struct result *out)
{
    const struct reference_time *reference = host_reference(v->host);
    if (!reference->trusted) {
        /* Which days the window means is not known: neither a pass nor a failure can be told. */
        out->verdict = VERDICT_UNKNOWN;
        out->message = str_fmt(v->mem,
                               "the reference time is not certain (" STR_FMT
                               "), name it with --at; by it %llu event%s of " STR_FMT,
                               STR_ARG(reference->why), (unsigned long long)answer->count,
                               answer->count == 1 ? "" : "s", STR_ARG(asked->subject));
    } else if (answer->count > asked->most) {
        fail(v, answer, asked, out); /* more would not make it better */
    } else if (!answer->coverage.complete && (answer->count < asked->least || !asked->least)) {
        not_covered(v, answer, asked, out);
    } else if (answer->count < asked->least) {
        fail(v, answer, asked, out);
    } else {
        out->verdict = VERDICT_PASS;
        out->message =
            str_fmt(v->mem, STR_FMT " of " STR_FMT " in the last %llu days",
                    STR_ARG(count_text(v, answer)), STR_ARG(asked->subject), asked->days);
    }
}

static uint64_t limit(const struct evaluation *v, const struct want *w, const char *name)
{
    const struct value *n = want_arg(v, w, name);
    return n && n->kind == VALUE_INT && n->integer > 0 ? (uint64_t)n->integer : 0;
}

/* How many events are wanted; also as `expected`. */
static void set_limits(const struct evaluation *v, const struct want *w, struct asked *asked,
                       struct result *out)
{
    bool most = value_get(&w->args, "at_most"), least = value_get(&w->args, "at_least");
    asked->least = limit(v, w, "at_least");
    asked->most = least ? UINT64_MAX : limit(v, w, "at_most");
    uint64_t n = least ? asked->least : asked->most;
    asked->wanted = !most && !least ? STR("none")
                                    : str_fmt(v->mem, "%s %llu", least ? "at least" : "at most",
                                              (unsigned long long)n);
    out->expected.text = !most && !least
                             ? str_fmt(v->mem, "no event of " STR_FMT " in %llu days",
                                       STR_ARG(asked->subject), asked->days)
                             : str_fmt(v->mem, STR_FMT " event%s of " STR_FMT " in %llu days",
                                       STR_ARG(asked->wanted), n == 1 ? "" : "s",
                                       STR_ARG(asked->subject), asked->days);
    const struct value_member wanted[] = {{least  ? STR("at_least")
                                           : most ? STR("at_most")
                                                  : STR("count"),
                                           value_int((int64_t)n)},
                                          {STR("days"), value_int((int64_t)asked->days)}};
    out->expected.value = map_of(v->mem, wanted, 2);
}

void want_events(const struct evaluation *v, const struct want *w, struct result *out)
{
    uint32_t ids[IDS];
    struct event_query q;
    struct event_answer answer = {0};
    if (!make_query(v, w, ids, &q)) {
        out->verdict = VERDICT_ERROR;
        out->message =
            str_fmt(v->mem, "line %d: channel, providers or ids cannot be asked for", w->line);
        return;
    }
    host_events(v->host, &q, v->mem, &answer);
    struct asked asked = {.subject = subject_text(v, &q), .days = want_window(v, w)};
    set_limits(v, w, &asked, out);
    out->coverage = answer.coverage;
    evidence_add(&out->evidence, &answer.evidence);
    for (size_t i = 0; i < answer.sample_count; i++)
        evidence_add(&out->evidence, &answer.samples[i].evidence);
    if (answer.state != FACT_FOUND) {
        out->verdict = VERDICT_UNKNOWN;
        out->observed.text = state_text(v->mem, answer.state, answer.reason);
        out->message =
            str_fmt(v->mem, "the log " STR_FMT " is " STR_FMT ", want " STR_FMT, STR_ARG(q.channel),
                    STR_ARG(out->observed.text), STR_ARG(out->expected.text));
        return;
    }
    out->observed.text = observed_text(v, &answer);
    out->observed.value = observed_value(v, &answer);
    judge(v, &answer, &asked, out);
}
