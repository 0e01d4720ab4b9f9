/* service.enabled, service.start, service.absent: how Windows starts a service. */
#include "engine/evaluate.h"

enum { START_DISABLED = 4 };

static struct value state_value(const struct evaluation *v, struct str name, struct str state)
{
    const struct value_member members[] = {{STR("service"), value_text(name)},
                                           {STR("state"), value_text(state)}};
    return map_of(v->mem, members, 2);
}

static void missing(const struct evaluation *v, const struct want *w, struct str name,
                    struct result *out)
{
    struct str rule = want_text(v, w, "if_absent");
    out->verdict = VERDICT_FAIL;
    if (w->kind == WANT_SERVICE_ABSENT || str_eq(rule, STR("pass")))
        out->verdict = VERDICT_PASS;
    else if (str_eq(rule, STR("not_applicable")))
        out->verdict = VERDICT_NOT_APPLICABLE;
    out->observed.value = state_value(v, name, STR("missing"));
    out->observed.text = str_fmt(v->mem, STR_FMT " missing", STR_ARG(name));
}

static void judge_start(const struct evaluation *v, const struct want *w,
                        const struct service_fact *s, struct result *out)
{
    /* Numbers above `disabled` mean nothing to Windows: such a service does not start either. */
    if (w->kind == WANT_SERVICE)
        out->verdict = s->start >= START_DISABLED ? VERDICT_FAIL : VERDICT_PASS;
    else
        answer_verdict(
            v, w, predicate_string(v, &w->predicate, str_of(service_start_name(s->start))), out);
}

static void judge(const struct evaluation *v, const struct want *w, const struct service_fact *s,
                  struct result *out)
{
    if (s->state == FACT_ABSENT) {
        missing(v, w, s->name, out);
        return;
    }
    bool there = w->kind == WANT_SERVICE_ABSENT && s->state == FACT_FOUND;
    if (!there && (s->state != FACT_FOUND || !s->has_start)) {
        struct str why = s->state == FACT_FOUND ? STR("without a Start value")
                                                : state_text(v->mem, s->state, s->reason);
        out->verdict = VERDICT_UNKNOWN;
        out->observed.text = str_fmt(v->mem, STR_FMT " " STR_FMT, STR_ARG(s->name), STR_ARG(why));
        return;
    }
    struct str mode = s->has_start ? str_of(service_start_name(s->start)) : STR("there");
    out->observed.value = state_value(v, s->name, mode);
    out->observed.text = s->has_start ? str_fmt(v->mem, STR_FMT " " STR_FMT " (Start %u)",
                                                STR_ARG(s->name), STR_ARG(mode), (unsigned)s->start)
                                      : str_fmt(v->mem, STR_FMT " there", STR_ARG(s->name));
    if (there)
        out->verdict = VERDICT_FAIL;
    else
        judge_start(v, w, s, out);
}

/* "enabled", "absent", or the predicate of the start mode. */
static struct str wanted_text(const struct evaluation *v, const struct want *w)
{
    if (w->kind == WANT_SERVICE_START)
        return str_fmt(v->mem, "start " STR_FMT, STR_ARG(predicate_text(v, &w->predicate)));
    return w->kind == WANT_SERVICE ? STR("enabled") : STR("absent");
}

void want_service(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct str name = want_text(v, w, "name"), want = wanted_text(v, w);
    out->expected.text = str_fmt(v->mem, STR_FMT " " STR_FMT, STR_ARG(name), STR_ARG(want));
    out->expected.value = state_value(v, name, want);
    if (!want_concerns(v, w, out))
        return;
    struct service_fact fact = {0};
    host_service(v->host, name, v->mem, &fact);
    if (!fact.name.len)
        fact.name = name;
    evidence_add(&out->evidence, &fact.evidence);
    out->message = STR("");
    judge(v, w, &fact, out);
    if (out->verdict != VERDICT_ERROR)
        out->message = w->kind == WANT_SERVICE_START
                           ? str_fmt(v->mem, "service " STR_FMT ", want " STR_FMT,
                                     STR_ARG(out->observed.text), STR_ARG(want))
                           : str_fmt(v->mem, "service " STR_FMT ", want it " STR_FMT,
                                     STR_ARG(out->observed.text), STR_ARG(want));
}
