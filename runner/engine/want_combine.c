/* all, any, none, when: three-valued logic.  An unknown never hides a failure in `all` nor a pass
 * in `any`; parts that do not concern the host say nothing. */
#include "engine/evaluate.h"

/* Of two verdicts the one that comes first in `order` holds. */
static enum verdict strongest(const enum verdict *order, const enum verdict *verdicts, size_t count)
{
    for (size_t rank = 0; rank < VERDICTS; rank++)
        for (size_t i = 0; i < count; i++)
            if (verdicts[i] == order[rank])
                return order[rank];
    return VERDICT_NOT_APPLICABLE;
}

enum verdict verdicts_all(const enum verdict *verdicts, size_t count)
{
    static const enum verdict order[VERDICTS] = {
        VERDICT_FAIL, VERDICT_ERROR,  VERDICT_CONFLICT,      VERDICT_UNKNOWN,
        VERDICT_PASS, VERDICT_WAIVED, VERDICT_NOT_APPLICABLE};
    return strongest(order, verdicts, count);
}

enum verdict verdicts_any(const enum verdict *verdicts, size_t count)
{
    static const enum verdict order[VERDICTS] = {
        VERDICT_PASS, VERDICT_ERROR,  VERDICT_CONFLICT,      VERDICT_UNKNOWN,
        VERDICT_FAIL, VERDICT_WAIVED, VERDICT_NOT_APPLICABLE};
    return strongest(order, verdicts, count);
}

/* What is not known could be the one that must not hold. */
enum verdict verdicts_none(const enum verdict *verdicts, size_t count)
{
    enum verdict v = verdicts_any(verdicts, count);
    return v == VERDICT_PASS ? VERDICT_FAIL : v == VERDICT_FAIL ? VERDICT_PASS : v;
}

/* What counts where the contrary of a want is asked for: neither "at least 5" nor "not at least 5"
 * is true of a text. */
static enum verdict contrary(const struct result *part)
{
    return part->verdict == VERDICT_FAIL && part->incomparable ? VERDICT_UNKNOWN : part->verdict;
}

enum { JOINED = 8 }; /* texts in one message; more are counted */

static bool said_before(const struct result *parts, size_t n, enum verdict deciding)
{
    for (size_t i = 0; i < n; i++)
        if (parts[i].verdict == deciding && str_eq(parts[i].message, parts[n].message))
            return true;
    return false;
}

static struct str join(struct arena *a, struct str text, struct str more)
{
    if (!text.len || !more.len)
        return text.len ? text : more;
    return str_fmt(a, STR_FMT "; " STR_FMT, STR_ARG(text), STR_ARG(more));
}

/* The messages of the parts that decided, each once. */
static struct str join_messages(const struct evaluation *v, const struct result *parts,
                                size_t count, enum verdict deciding)
{
    struct str text = STR("");
    size_t shown = 0, left = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].verdict != deciding)
            continue;
        if (shown == JOINED) {
            left++;
        } else if (!said_before(parts, i, deciding)) {
            text = join(v->mem, text, parts[i].message);
            shown++;
        }
    }
    return left ? str_fmt(v->mem, STR_FMT "; and %zu more", STR_ARG(text), left) : text;
}

static bool counts(const struct result *part)
{
    return part->verdict != VERDICT_NOT_APPLICABLE;
}

static const struct observation *side(const struct result *part, bool expected)
{
    return expected ? &part->expected : &part->observed;
}

static bool shown_before(const struct result *parts, size_t n, bool expected)
{
    struct str text = side(&parts[n], expected)->text;
    for (size_t i = 0; i < n; i++)
        if (counts(&parts[i]) && str_eq(side(&parts[i], expected)->text, text))
            return true;
    return false;
}

/* One part that counts is shown as it is, several as a list; equal texts once. */
static struct observation join_observations(const struct evaluation *v, const struct result *parts,
                                            size_t count, bool expected)
{
    struct observation joined = {.text = STR(""), .value = value_null()};
    size_t some = 0, n = 0, texts = 0;
    for (size_t i = 0; i < count; i++)
        some += counts(&parts[i]);
    struct value list = value_list(v->mem, some);
    for (size_t i = 0; i < count && n < list.list.count; i++) {
        if (!counts(&parts[i]))
            continue;
        const struct observation *o = side(&parts[i], expected);
        list.list.items[n++] = o->value;
        if (texts > JOINED || shown_before(parts, i, expected))
            continue;
        joined.text = join(v->mem, joined.text, texts == JOINED ? STR("...") : o->text);
        texts++;
    }
    if (n)
        joined.value = n == 1 ? list.list.items[0] : list;
    return joined;
}

static void add_evidence(struct result *out, const struct result *part)
{
    for (size_t i = 0; i < part->evidence.count; i++)
        evidence_add(&out->evidence, &part->evidence.items[i]);
}

/* The first part's coverage, unless a later one covers less. */
static void add_coverage(struct result *out, const struct result *part)
{
    if (part->coverage.known && (!out->coverage.known || !part->coverage.complete))
        out->coverage = part->coverage;
}

static void combine(const struct evaluation *v, const struct want *w, struct result *parts,
                    struct result *out)
{
    enum verdict *verdicts = ARENA_ARRAY(v->mem, w->child_count, enum verdict);
    if (!verdicts)
        return;
    for (size_t i = 0; i < w->child_count; i++) {
        verdicts[i] = contrary(&parts[i]);
        if (w->kind == WANT_NONE)
            parts[i].verdict = verdicts[i];
        add_evidence(out, &parts[i]);
        add_coverage(out, &parts[i]);
    }
    bool all = w->kind == WANT_ALL;
    enum verdict negated =
        all ? verdicts_all(verdicts, w->child_count) : verdicts_any(verdicts, w->child_count);
    for (size_t i = 0; i < w->child_count; i++)
        verdicts[i] = parts[i].verdict;
    enum verdict deciding =
        all ? verdicts_all(verdicts, w->child_count) : verdicts_any(verdicts, w->child_count);
    out->verdict = w->kind == WANT_NONE ? verdicts_none(verdicts, w->child_count) : deciding;
    out->incomparable = w->kind != WANT_NONE && deciding == VERDICT_FAIL && negated != deciding;
    out->message = join_messages(v, parts, w->child_count, deciding);
    if (w->kind == WANT_NONE && (deciding == VERDICT_PASS || deciding == VERDICT_FAIL))
        out->message = str_fmt(v->mem, "%s: " STR_FMT,
                               deciding == VERDICT_PASS ? "holds, and must not" : "does not hold",
                               STR_ARG(out->message));
    out->observed = join_observations(v, parts, w->child_count, false);
    out->expected = join_observations(v, parts, w->child_count, true);
    if (w->kind == WANT_NONE && out->expected.text.len)
        out->expected.text = str_fmt(v->mem, "not (" STR_FMT ")", STR_ARG(out->expected.text));
}

/* The want where the condition holds.  A condition that is not known leaves the rule unknown, also
 * where the want would pass: whether it concerns the host is part of the answer. */
static void conditional(const struct evaluation *v, const struct want *w, struct result *parts,
                        unsigned depth, struct result *out)
{
    if (w->child_count != 2)
        return;
    want_evaluate(v, w->children[0], depth + 1, &parts[0]);
    if (parts[0].verdict == VERDICT_PASS) {
        want_evaluate(v, w->children[1], depth + 1, out);
        add_evidence(out, &parts[0]);
        return;
    }
    add_evidence(out, &parts[0]);
    out->observed = parts[0].observed;
    out->expected = parts[0].expected;
    enum verdict met = contrary(&parts[0]);
    if (met == VERDICT_FAIL || met == VERDICT_NOT_APPLICABLE) {
        out->verdict = VERDICT_NOT_APPLICABLE;
        out->message =
            str_fmt(v->mem, "does not concern this host: " STR_FMT, STR_ARG(parts[0].message));
        return;
    }
    out->verdict = met == VERDICT_ERROR ? VERDICT_ERROR : VERDICT_UNKNOWN;
    out->message = parts[0].message;
}

/* Does a condition hold?  Otherwise `out` says that the rule is not applicable, or not known. */
static bool meets(const struct evaluation *v, const struct want *condition, struct result *out)
{
    struct result r = result_new(v);
    if (!condition)
        return true;
    want_evaluate(v, condition, 1, &r);
    add_evidence(out, &r);
    if (r.verdict == VERDICT_PASS)
        return true;
    bool decided = contrary(&r) == VERDICT_FAIL || r.verdict == VERDICT_NOT_APPLICABLE;
    out->observed = r.observed;
    out->expected = r.expected;
    out->verdict = decided                      ? VERDICT_NOT_APPLICABLE
                   : r.verdict == VERDICT_ERROR ? VERDICT_ERROR
                                                : VERDICT_UNKNOWN;
    out->message = str_fmt(v->mem, "%s: " STR_FMT,
                           decided ? "does not concern this host"
                                   : "whether this concerns the host is not known",
                           STR_ARG(r.message));
    return false;
}

bool rule_applies(const struct evaluation *v, struct result *out)
{
    return meets(v, v->rule->policy->applies, out) && meets(v, v->rule->applies, out);
}

void want_combine(const struct evaluation *v, const struct want *w, unsigned depth,
                  struct result *out)
{
    if (w->child_count == 0) {
        out->verdict = VERDICT_NOT_APPLICABLE;
        out->message = STR("nothing was asked for");
        return;
    }
    struct result *parts = ARENA_ARRAY(v->mem, w->child_count, struct result);
    if (!parts)
        return;
    for (size_t i = 0; i < w->child_count; i++)
        parts[i] = result_new(v);
    if (w->kind == WANT_WHEN) {
        conditional(v, w, parts, depth, out);
        return;
    }
    for (size_t i = 0; i < w->child_count; i++)
        want_evaluate(v, w->children[i], depth + 1, &parts[i]);
    combine(v, w, parts, out);
}
