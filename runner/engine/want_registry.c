#include "engine/evaluate.h"

static struct str place(const struct evaluation *v, const struct want *w, struct str key,
                        struct str name)
{
    if (!value_get(&w->args, "name"))
        return key;
    return str_fmt(v->mem, STR_FMT " " STR_FMT, STR_ARG(key),
                   STR_ARG(name.len ? name : STR("(default)")));
}

static struct observation read_value(const struct evaluation *v, const struct reg_value *have)
{
    struct observation o = {.text = STR(""), .value = value_null()};
    if (have->has_number) {
        o.text = str_fmt(v->mem, "%llu", (unsigned long long)have->number);
        o.value = value_int((int64_t)have->number);
    } else if (have->string_count) {
        struct value list = value_list(v->mem, have->string_count);
        for (size_t i = 0; i < list.list.count; i++) {
            list.list.items[i] = value_text(have->strings[i]);
            o.text = str_fmt(v->mem, STR_FMT "%s" STR_FMT, STR_ARG(o.text), i ? ", " : "",
                             STR_ARG(have->strings[i]));
        }
        o.value = list;
    } else if (have->text.len || !have->data.len) {
        o.text = have->text.len ? have->text : STR("\"\"");
        o.value = value_text(have->text);
    } else {
        enum { SHOWN = 32 };
        struct sb hex;
        sb_init(&hex, 256);
        sb_hex(&hex, have->data.ptr, have->data.len < SHOWN ? have->data.len : SHOWN);
        o.text =
            str_fmt(v->mem, "%s%s", hex.ptr ? hex.ptr : "", have->data.len > SHOWN ? "..." : "");
        o.value = value_text(o.text);
        sb_done(&hex);
    }
    return o;
}

static void absent_value(const struct evaluation *v, const struct want *w, struct str where,
                         struct result *out)
{
    struct str rule = want_text(v, w, "if_absent");
    out->observed.text = STR("absent");
    out->verdict = VERDICT_FAIL;
    if (w->predicate.kind == PRED_ABSENT || str_eq(rule, STR("pass")))
        out->verdict = VERDICT_PASS;
    else if (str_eq(rule, STR("not_applicable")))
        out->verdict = VERDICT_NOT_APPLICABLE;
    out->message = str_fmt(v->mem, STR_FMT " is absent, want " STR_FMT, STR_ARG(where),
                           STR_ARG(out->expected.text));
}

static void not_read(const struct evaluation *v, struct str where, enum fact_state state,
                     struct str reason, struct result *out)
{
    struct str words = state_text(v->mem, state, reason);
    out->verdict = VERDICT_UNKNOWN;
    out->observed.text = words;
    out->message = str_fmt(v->mem, STR_FMT " is " STR_FMT ", want " STR_FMT, STR_ARG(where),
                           STR_ARG(words), STR_ARG(out->expected.text));
}

static void wanted_value(const struct evaluation *v, const struct want *w, enum reg_view view,
                         struct result *out)
{
    struct str key = want_text(v, w, "key"), name = want_text(v, w, "name");
    struct str where = place(v, w, key, name);
    struct reg_value have = {0};
    host_reg_value(v->host, key, name, view, v->mem, &have);
    evidence_add(&out->evidence, &have.evidence);
    out->expected =
        (struct observation){predicate_text(v, &w->predicate), predicate_value(v, &w->predicate)};
    if (have.state == FACT_ABSENT) {
        absent_value(v, w, where, out);
        return;
    }
    if (have.state != FACT_FOUND) {
        not_read(v, where, have.state, have.reason, out);
        return;
    }
    out->observed = read_value(v, &have);
    out->message = str_fmt(v->mem, STR_FMT " is " STR_FMT ", want " STR_FMT, STR_ARG(where),
                           STR_ARG(out->observed.text), STR_ARG(out->expected.text));
    answer_verdict(v, w, predicate_registry(v, &w->predicate, &have), out);
}

static void wanted_absent(const struct evaluation *v, const struct want *w, enum reg_view view,
                          struct result *out)
{
    struct str key = want_text(v, w, "key"), name = want_text(v, w, "name");
    struct str where = place(v, w, key, name), reason;
    enum fact_state state;
    out->expected = (struct observation){STR("absent"), value_null()};
    if (value_get(&w->args, "name")) {
        struct reg_value have = {0};
        host_reg_value(v->host, key, name, view, v->mem, &have);
        evidence_add(&out->evidence, &have.evidence);
        state = have.state, reason = have.reason;
        if (state == FACT_FOUND)
            out->observed = read_value(v, &have);
    } else {
        struct reg_key have = {0};
        host_reg_key(v->host, key, view, false, v->mem, &have);
        evidence_add(&out->evidence, &have.evidence);
        state = have.state, reason = have.reason;
        out->observed = (struct observation){STR("there"), value_bool(true)};
    }
    if (state == FACT_UNREADABLE || state == FACT_NOT_COLLECTED) {
        not_read(v, where, state, reason, out);
        return;
    }
    out->verdict = state == FACT_ABSENT ? VERDICT_PASS : VERDICT_FAIL;
    if (state == FACT_ABSENT)
        out->observed = out->expected;
    out->message = str_fmt(v->mem, STR_FMT " is " STR_FMT ", want absent", STR_ARG(where),
                           STR_ARG(out->observed.text));
}

static void wanted_key(const struct evaluation *v, const struct want *w, enum reg_view view,
                       struct result *out)
{
    struct str key = want_text(v, w, "key");
    struct reg_key have = {0};
    host_reg_key(v->host, key, view, false, v->mem, &have);
    evidence_add(&out->evidence, &have.evidence);
    out->expected = (struct observation){STR("there"), value_bool(true)};
    if (have.state == FACT_UNREADABLE || have.state == FACT_NOT_COLLECTED) {
        not_read(v, key, have.state, have.reason, out);
        return;
    }
    bool there = have.state == FACT_FOUND;
    out->verdict = there ? VERDICT_PASS : VERDICT_FAIL;
    out->observed = (struct observation){there ? STR("there") : STR("absent"), value_bool(there)};
    out->message = str_fmt(v->mem, STR_FMT " is " STR_FMT ", want it there", STR_ARG(key),
                           STR_ARG(out->observed.text));
}

static void in_view(const struct evaluation *v, const struct want *w, enum reg_view view,
                    struct result *out)
{
    if (w->kind == WANT_REGISTRY_VALUE)
        wanted_value(v, w, view, out);
    else if (w->kind == WANT_REGISTRY_KEY)
        wanted_key(v, w, view, out);
    else
        wanted_absent(v, w, view, out);
}

void want_registry(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct str view = want_text(v, w, "view");
    in_view(v, w, str_eq(view, STR("32")) ? VIEW_32 : VIEW_NATIVE, out);
    if (!str_eq(view, STR("both")) || !host_is_64bit(v->host))
        return;
    /* Both views must satisfy the want; the one that decides is shown. */
    struct result other = result_new(v);
    in_view(v, w, VIEW_32, &other);
    enum verdict both[2] = {out->verdict, other.verdict};
    enum verdict verdict = verdicts_all(both, 2);
    if (out->verdict != verdict) {
        out->message = str_fmt(v->mem, STR_FMT " (32-bit view)", STR_ARG(other.message));
        out->observed = other.observed;
        out->verdict = verdict;
    }
    for (size_t i = 0; i < other.evidence.count; i++)
        evidence_add(&out->evidence, &other.evidence.items[i]);
}
