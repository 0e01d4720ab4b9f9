#include "engine/evaluate.h"

enum { START_DISABLED = 4 };

static struct value state_value(const struct evaluation *v, struct str name, const char *state)
{
    const struct value_member members[] = {{STR("service"), value_text(name)},
                                           {STR("state"), value_text(str_of(state))}};
    return map_of(v->mem, members, 2);
}

static void judge(const struct evaluation *v, const struct service_fact *s, struct result *out)
{
    if (s->state == FACT_ABSENT) {
        out->verdict = VERDICT_FAIL;
        out->observed.value = state_value(v, s->name, "missing");
        out->observed.text = str_fmt(v->mem, STR_FMT " missing", STR_ARG(s->name));
        return;
    }
    if (s->state != FACT_FOUND || !s->has_start) {
        struct str why = s->state == FACT_FOUND ? STR("without a Start value")
                                                : state_text(v->mem, s->state, s->reason);
        out->verdict = VERDICT_UNKNOWN;
        out->observed.text = str_fmt(v->mem, STR_FMT " " STR_FMT, STR_ARG(s->name), STR_ARG(why));
        return;
    }
    /* Numbers above `disabled` mean nothing to Windows: such a service does not start either. */
    out->verdict = s->start >= START_DISABLED ? VERDICT_FAIL : VERDICT_PASS;
    out->observed.value = state_value(v, s->name, service_start_name(s->start));
    out->observed.text = str_fmt(v->mem, STR_FMT " %s (Start %u)", STR_ARG(s->name),
                                 service_start_name(s->start), (unsigned)s->start);
}

void want_service(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct str name = want_text(v, w, "name");
    out->expected.text = str_fmt(v->mem, STR_FMT " enabled", STR_ARG(name));
    out->expected.value = state_value(v, name, "enabled");
    if (!want_concerns(v, w, out))
        return;
    struct service_fact fact = {0};
    host_service(v->host, name, v->mem, &fact);
    if (!fact.name.len)
        fact.name = name;
    evidence_add(&out->evidence, &fact.evidence);
    judge(v, &fact, out);
    out->message =
        str_fmt(v->mem, "service " STR_FMT ", want it enabled", STR_ARG(out->observed.text));
}
