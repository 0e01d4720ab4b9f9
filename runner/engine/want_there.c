/* product.installed, product.absent, eventlog.size: one fact each. */
#include "engine/evaluate.h"

static void observe(const struct evaluation *v, const struct product_fact *fact, struct result *out)
{
    char text[VERSION_TEXT];
    bool there = fact->state == PRODUCT_INSTALLED || fact->state == PRODUCT_CONFLICT;
    out->observed = (struct observation){STR("not installed"), value_bool(false)};
    if (there) {
        out->observed.text = str_fmt(v->mem, "installed (%s)", version_format(fact->version, text));
        out->observed.value = value_bool(true);
    }
    for (size_t i = 0; i < fact->reading_count; i++)
        if (fact->readings[i].state != FACT_ABSENT || !there)
            evidence_add(&out->evidence, &fact->readings[i].evidence);
}

/* Sources that disagree about the version agree that the product is there. */
void want_product_there(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct str id = want_text(v, w, "id");
    const struct product_def *def = product_find(v->catalogue, id);
    bool wanted = w->kind == WANT_PRODUCT_INSTALLED;
    if (!def) {
        out->verdict = VERDICT_ERROR;
        out->message =
            str_fmt(v->mem, "line %d: no product \"" STR_FMT "\" is defined", w->line, STR_ARG(id));
        return;
    }
    const struct product_fact *fact = product_read(v, def);
    out->expected =
        (struct observation){wanted ? STR("installed") : STR("not installed"), value_bool(wanted)};
    observe(v, fact, out);
    if (fact->state == PRODUCT_UNKNOWN) {
        out->verdict = VERDICT_UNKNOWN;
        out->observed = (struct observation){STR("not known"), value_null()};
        out->message = str_fmt(v->mem, "whether " STR_FMT " is installed is not known: " STR_FMT,
                               STR_ARG(def->name), STR_ARG(fact->reason));
        return;
    }
    bool there = fact->state != PRODUCT_ABSENT;
    out->verdict = there == wanted ? VERDICT_PASS : VERDICT_FAIL;
    out->message = str_fmt(v->mem, STR_FMT " is " STR_FMT ", want it " STR_FMT, STR_ARG(def->name),
                           STR_ARG(out->observed.text), STR_ARG(out->expected.text));
}

void want_log_size(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct str channel = want_text(v, w, "channel");
    const struct value *least = want_arg(v, w, "bytes");
    int64_t bytes = least && least->kind == VALUE_INT ? least->integer : 0;
    struct log_config config = {0};
    host_log_config(v->host, channel, v->mem, &config);
    evidence_add(&out->evidence, &config.evidence);
    out->expected = (struct observation){
        str_fmt(v->mem, STR_FMT " or more", STR_ARG(size_text(v->mem, (double)bytes))),
        value_int(bytes)};
    if (config.state != FACT_FOUND || !config.max_size) {
        struct str why = config.state == FACT_FOUND
                             ? STR("not known")
                             : state_text(v->mem, config.state, config.reason);
        out->verdict = VERDICT_UNKNOWN;
        out->observed.text = why;
        out->message =
            str_fmt(v->mem, "the size of the " STR_FMT " log is " STR_FMT ", want " STR_FMT,
                    STR_ARG(channel), STR_ARG(why), STR_ARG(out->expected.text));
        return;
    }
    out->observed = (struct observation){size_text(v->mem, (double)config.max_size),
                                         value_int((int64_t)config.max_size)};
    out->verdict = bytes < 0 || config.max_size >= (uint64_t)bytes ? VERDICT_PASS : VERDICT_FAIL;
    out->message =
        str_fmt(v->mem, "the " STR_FMT " log may grow to " STR_FMT ", want " STR_FMT,
                STR_ARG(channel), STR_ARG(out->observed.text), STR_ARG(out->expected.text));
}
