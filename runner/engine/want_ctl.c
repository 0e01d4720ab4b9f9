/* ctl.fresh, ctl.present: how old are Microsoft's lists on this host? */
#include "base/wtime.h"
#include "engine/evaluate.h"

/* The list and what its age is counted from. */
struct freshness {
    const struct trust_list *list;
    uint64_t since;
    const char *what; /* "last synchronised", "dated" */
    uint64_t now, limit;
};

static bool stores_read(const struct evaluation *v, const struct trust_state *s, struct result *out)
{
    if (s->stores_state == FACT_FOUND)
        return true;
    struct str why = state_text(v->mem, s->stores_state, s->stores_reason);
    out->verdict = VERDICT_UNKNOWN;
    out->observed.text = why;
    out->message = str_fmt(v->mem, "the certificate stores are " STR_FMT ", want " STR_FMT,
                           STR_ARG(why), STR_ARG(out->expected.text));
    return false;
}

static void observe(const struct evaluation *v, const struct freshness *f,
                    const struct trust_state *s, struct result *out)
{
    const struct trust_list *l = f->list;
    const struct value_member members[] = {
        {STR("state"), value_text(str_of(fact_state_name(l->state)))},
        {STR("last_sync"), l->last_sync ? value_time(l->last_sync) : value_null()},
        {STR("this_update"), l->this_update ? value_time(l->this_update) : value_null()},
        {STR("entries"), value_int((int64_t)l->entries)},
        {STR("updates_on"), value_bool(s->updates_on)},
    };
    out->observed.value = map_of(v->mem, members, sizeof members / sizeof *members);
    out->observed.text =
        f->since ? str_fmt(v->mem, "%s " STR_FMT, f->what, STR_ARG(time_text(v->mem, f->since)))
                 : state_text(v->mem, l->state, l->reason);
}

static void unknown(const struct evaluation *v, const struct freshness *f, struct str why,
                    struct result *out)
{
    out->verdict = VERDICT_UNKNOWN;
    out->message = str_fmt(v->mem, STR_FMT " " STR_FMT ", want " STR_FMT, STR_ARG(f->list->name),
                           STR_ARG(why), STR_ARG(out->expected.text));
}

/* An age that is too great is a failure even where the list itself cannot be used; a good age of a
 * list that does not count is none. */
static void judge(const struct evaluation *v, const struct freshness *f, bool trusted_time,
                  struct result *out)
{
    enum fact_state state = f->list->state;
    bool readable = state == FACT_FOUND || state == FACT_ABSENT;
    uint64_t age = f->now > f->since ? f->now - f->since : 0;
    bool old = f->since && age > f->limit;
    enum fact_state sync = f->list->sync_state;
    bool unread = sync == FACT_UNREADABLE || sync == FACT_NOT_COLLECTED;
    if (f->since && !trusted_time) {
        unknown(v, f, STR("cannot be dated, the reference time is not certain: name it with --at"),
                out);
    } else if (f->since > f->now + WTIME_DAY) {
        unknown(v, f, str_fmt(v->mem, STR_FMT ", later than now", STR_ARG(out->observed.text)),
                out);
    } else if (unread && (old || !f->since)) {
        unknown(v, f,
                str_fmt(v->mem, "was last synchronised at a time that is " STR_FMT,
                        STR_ARG(state_text(v->mem, sync, f->list->sync_reason))),
                out);
    } else if (!old && !readable) {
        unknown(v, f,
                str_fmt(v->mem, "is " STR_FMT, STR_ARG(state_text(v->mem, state, f->list->reason))),
                out);
    } else if (!f->since) {
        out->verdict = VERDICT_NOT_APPLICABLE;
        out->message = str_fmt(v->mem, "this host keeps no " STR_FMT " and has never fetched one",
                               STR_ARG(f->list->name));
    } else {
        out->verdict = old ? VERDICT_FAIL : VERDICT_PASS;
        out->message = str_fmt(v->mem, STR_FMT " " STR_FMT ", %llu days ago, want " STR_FMT,
                               STR_ARG(f->list->name), STR_ARG(out->observed.text),
                               (unsigned long long)(age / WTIME_DAY), STR_ARG(out->expected.text));
    }
}

/* There, and its signature verifies. */
static void judge_present(const struct evaluation *v, const struct freshness *f, struct result *out)
{
    enum fact_state state = f->list->state;
    out->verdict = state == FACT_FOUND    ? VERDICT_PASS
                   : state == FACT_ABSENT ? VERDICT_FAIL
                                          : VERDICT_UNKNOWN;
    out->message =
        str_fmt(v->mem, STR_FMT " is " STR_FMT ", want it there and verified",
                STR_ARG(f->list->name), STR_ARG(state_text(v->mem, state, f->list->reason)));
}

void want_ctl(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct err e = {0};
    const struct value *limit = want_arg(v, w, "days");
    uint64_t days =
        limit && limit->kind == VALUE_INT && limit->integer > 0 ? (uint64_t)limit->integer : 1;
    out->expected.text = str_fmt(v->mem, "at most %llu days old", (unsigned long long)days);
    out->expected.value =
        map_of(v->mem, &(struct value_member){STR("days"), value_int((int64_t)days)}, 1);
    if (w->kind == WANT_CTL_PRESENT)
        out->expected = (struct observation){STR("there and verified"), value_bool(true)};
    struct trust *t = judge_open(v->judge, &e);
    if (!t) {
        out->message = str_fmt(v->mem, "%s", e.text);
        return;
    }
    const struct trust_state *s = trust_state(t);
    if (!stores_read(v, s, out))
        return;
    bool roots = str_eq(want_text(v, w, "name"), s->authroot.name);
    struct freshness f = {.list = roots ? &s->authroot : &s->disallowed,
                          .now = host_reference(v->host)->time,
                          .limit = days * WTIME_DAY};
    f.since = f.list->last_sync ? f.list->last_sync : f.list->this_update;
    f.what = f.list->last_sync ? "last synchronised" : "dated";
    evidence_add(&out->evidence, &f.list->evidence);
    observe(v, &f, s, out);
    if (w->kind == WANT_CTL_PRESENT)
        judge_present(v, &f, out);
    else
        judge(v, &f, host_reference(v->host)->trusted, out);
}
