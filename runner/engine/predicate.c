#include "base/regex.h"
#include "base/utf16.h"
#include "engine/evaluate.h"

static const struct value *bound(const struct evaluation *v, const struct value *value)
{
    return policy_value(v->rule->policy, value);
}

static enum answer answer(bool yes)
{
    return yes ? ANSWER_YES : ANSWER_NO;
}

/* ---- versions -------------------------------------------------------------------------------- */

static bool version_bound(const struct evaluation *v, const struct value *value,
                          struct version *out)
{
    const struct value *b = bound(v, value);
    return b->kind == VALUE_TEXT && version_parse(b->text, out);
}

static enum answer version_in(const struct evaluation *v, const struct predicate *p,
                              struct version have)
{
    const struct value *list = bound(v, &p->a);
    if (list->kind != VALUE_LIST)
        return ANSWER_BROKEN;
    for (size_t i = 0; i < list->list.count; i++) {
        struct version one;
        if (!version_bound(v, &list->list.items[i], &one))
            return ANSWER_BROKEN;
        if (version_cmp(have, one) == 0)
            return ANSWER_YES;
    }
    return ANSWER_NO;
}

static enum answer negated(enum answer a)
{
    return a == ANSWER_YES ? ANSWER_NO : a == ANSWER_NO ? ANSWER_YES : a;
}

enum answer predicate_version(const struct evaluation *v, const struct predicate *p,
                              struct version have)
{
    struct version a, b;
    if (p->kind == PRED_NOT)
        return p->inner ? negated(predicate_version(v, p->inner, have)) : ANSWER_BROKEN;
    if (p->kind == PRED_NONE_OF)
        return negated(version_in(v, p, have));
    if (p->kind == PRED_ONE_OF)
        return version_in(v, p, have);
    if (!version_bound(v, &p->a, &a))
        return ANSWER_BROKEN;
    int order = version_cmp(have, a);
    switch (p->kind) {
    case PRED_EQUALS:
        return answer(order == 0);
    case PRED_AT_LEAST:
        return answer(order >= 0);
    case PRED_AT_MOST:
        return answer(order <= 0);
    case PRED_BETWEEN:
        if (!version_bound(v, &p->b, &b))
            return ANSWER_BROKEN;
        return answer(order >= 0 && version_cmp(have, b) <= 0);
    default:
        return ANSWER_BROKEN;
    }
}

/* ---- registry values ------------------------------------------------------------------------- */

enum { REG_SZ = 1, REG_EXPAND_SZ = 2, REG_MULTI_SZ = 7, REG_QWORD = 11 };

static bool is_text(const struct reg_value *have)
{
    return have->type == REG_SZ || have->type == REG_EXPAND_SZ;
}

/* Decimal digits only: texts such as CachedLogonsCount "10". */
static bool digits(struct str s, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || i >= 18)
            return false;
        n = n * 10 + (uint64_t)(s.ptr[i] - '0');
    }
    *out = n;
    return s.len > 0;
}

static bool have_number(const struct reg_value *have, uint64_t *out)
{
    if (have->has_number) {
        *out = have->number;
        return true;
    }
    return is_text(have) && digits(have->text, out);
}

/* A negative bound of a QWORD is its upper half. */
static uint64_t unsigned_bound(const struct reg_value *have, int64_t n)
{
    return n < 0 && have->type != REG_QWORD ? 0 : (uint64_t)n;
}

/* -1, 0, 1 in `order`; false where the two have no order: then no predicate holds. */
static bool compare(const struct reg_value *have, const struct value *want, int *order)
{
    uint64_t n;
    struct version a, b;
    if (want->kind == VALUE_INT && have_number(have, &n)) {
        uint64_t w = unsigned_bound(have, want->integer);
        *order = (n > w) - (n < w);
        return true;
    }
    if (want->kind != VALUE_TEXT || !is_text(have))
        return false;
    if (!version_parse(have->text, &a) || !version_parse(want->text, &b))
        return false;
    *order = version_cmp(a, b);
    return true;
}

static bool strings_equal(const struct reg_value *have, const struct value *list)
{
    if (have->type != REG_MULTI_SZ || have->string_count != list->list.count)
        return false;
    for (size_t i = 0; i < have->string_count; i++)
        if (list->list.items[i].kind != VALUE_TEXT ||
            !str_eq(have->strings[i], list->list.items[i].text))
            return false;
    return true;
}

static bool equal(const struct reg_value *have, const struct value *want)
{
    uint64_t n;
    switch (want->kind) {
    case VALUE_INT:
        return have_number(have, &n) && n == (uint64_t)want->integer;
    case VALUE_BOOL:
        return have_number(have, &n) && n == (want->boolean ? 1u : 0u);
    case VALUE_TEXT:
        if (is_text(have))
            return str_eq(have->text, want->text);
        return !have->has_number && have->type != REG_MULTI_SZ &&
               str_eq((struct str){(const char *)have->data.ptr, have->data.len}, want->text);
    case VALUE_LIST:
        return strings_equal(have, want);
    default:
        return false;
    }
}

static bool contains_text(struct str in, struct str part)
{
    for (size_t i = 0; part.len <= in.len && i <= in.len - part.len; i++)
        if (str_ieq((struct str){in.ptr + i, part.len}, part))
            return true;
    return false;
}

static enum answer contains(const struct reg_value *have, const struct value *want)
{
    if (want->kind != VALUE_TEXT)
        return ANSWER_BROKEN;
    if (is_text(have))
        return answer(contains_text(have->text, want->text));
    if (have->type != REG_MULTI_SZ)
        return ANSWER_NEVER;
    for (size_t i = 0; i < have->string_count; i++)
        if (str_ieq(have->strings[i], want->text))
            return ANSWER_YES;
    return ANSWER_NO;
}

static enum answer registry_one_of(const struct reg_value *have, const struct value *list)
{
    if (list->kind != VALUE_LIST)
        return ANSWER_BROKEN;
    for (size_t i = 0; i < list->list.count; i++)
        if (equal(have, &list->list.items[i]))
            return ANSWER_YES;
    return ANSWER_NO;
}

/* A single text is a list of one. */
static struct str element(const struct reg_value *have, size_t i)
{
    return is_text(have) ? have->text : have->strings[i];
}

static size_t elements(const struct reg_value *have)
{
    return is_text(have) ? 1 : have->string_count;
}

static bool listed(const struct value *list, struct str text)
{
    for (size_t i = 0; i < list->list.count; i++)
        if (list->list.items[i].kind == VALUE_TEXT && str_ieq(list->list.items[i].text, text))
            return true;
    return false;
}

/* contains_all: every wanted text is an element.  only: every element is a wanted text. */
static enum answer compare_sets(const struct predicate *p, const struct reg_value *have,
                                const struct value *list)
{
    if (list->kind != VALUE_LIST)
        return ANSWER_BROKEN;
    if (!is_text(have) && have->type != REG_MULTI_SZ)
        return ANSWER_NEVER;
    for (size_t i = 0; p->kind == PRED_ONLY && i < elements(have); i++)
        if (!listed(list, element(have, i)))
            return ANSWER_NO;
    for (size_t i = 0; p->kind == PRED_CONTAINS_ALL && i < list->list.count; i++) {
        enum answer one = contains(have, &list->list.items[i]);
        if (is_text(have) && one == ANSWER_YES)
            one = answer(str_ieq(have->text, list->list.items[i].text));
        if (one != ANSWER_YES)
            return one;
    }
    return ANSWER_YES;
}

/* One element of a list is enough; a limit that one of them reaches decides unless another fits. */
static enum answer matches(const struct evaluation *v, const struct predicate *p,
                           const struct reg_value *have, const struct value *pattern)
{
    const struct regex *regex = p->regex;
    struct err e = {0};
    enum answer worst = ANSWER_NO;
    if (pattern->kind != VALUE_TEXT ||
        (!regex && !regex_compile(pattern->text, v->mem, &regex, &e)))
        return ANSWER_BROKEN;
    if (!is_text(have) && have->type != REG_MULTI_SZ)
        return ANSWER_NEVER;
    for (size_t i = 0; i < elements(have); i++) {
        enum regex_answer one = regex_match(regex, element(have, i), NULL, &e);
        if (one == REGEX_YES)
            return ANSWER_YES;
        if (one == REGEX_LIMIT)
            worst = ANSWER_LIMIT;
    }
    return worst;
}

static enum answer ordered(const struct reg_value *have, const struct predicate *p,
                           const struct value *a, const struct value *b)
{
    int low = 0, high = 0;
    bool low_known = compare(have, a, &low);
    if (p->kind == PRED_BETWEEN)
        return !low_known || !compare(have, b, &high) ? ANSWER_NEVER
                                                      : answer(low >= 0 && high <= 0);
    if (!low_known)
        return ANSWER_NEVER;
    return answer(p->kind == PRED_AT_LEAST ? low >= 0 : low <= 0);
}

enum answer predicate_registry(const struct evaluation *v, const struct predicate *p,
                               const struct reg_value *have)
{
    const struct value *a = bound(v, &p->a), *b = bound(v, &p->b);
    if (p->typed && have->type != p->reg_type)
        return ANSWER_NO;
    switch (p->kind) {
    case PRED_EQUALS:
        return answer(equal(have, a));
    case PRED_AT_LEAST:
    case PRED_AT_MOST:
    case PRED_BETWEEN:
        return ordered(have, p, a, b);
    case PRED_ONE_OF:
        return registry_one_of(have, a);
    case PRED_NONE_OF:
        return negated(registry_one_of(have, a));
    case PRED_GLOB:
        if (a->kind != VALUE_TEXT)
            return ANSWER_BROKEN;
        return is_text(have) ? answer(glob_imatch(a->text, have->text)) : ANSWER_NEVER;
    case PRED_CONTAINS:
        return contains(have, a);
    case PRED_CONTAINS_ALL:
    case PRED_ONLY:
        return compare_sets(p, have, a);
    case PRED_MATCHES:
        return matches(v, p, have, a);
    case PRED_NOT:
        return p->inner ? negated(predicate_registry(v, p->inner, have)) : ANSWER_BROKEN;
    case PRED_ABSENT:
        return ANSWER_NO;
    case PRED_NONE:
        return ANSWER_YES;
    case PREDICATES:
        break;
    }
    return ANSWER_BROKEN;
}

enum answer predicate_string(const struct evaluation *v, const struct predicate *p, struct str have)
{
    const struct reg_value value = {.state = FACT_FOUND, .type = REG_SZ, .text = have};
    return predicate_registry(v, p, &value);
}

void answer_verdict(const struct evaluation *v, const struct want *w, enum answer answer,
                    struct result *out)
{
    out->verdict = answer == ANSWER_YES                            ? VERDICT_PASS
                   : answer == ANSWER_NO || answer == ANSWER_NEVER ? VERDICT_FAIL
                                                                   : VERDICT_ERROR;
    out->incomparable = answer == ANSWER_NEVER;
    if (answer == ANSWER_BROKEN)
        out->message = str_fmt(v->mem, STR_FMT ":%d: " STR_FMT " is nothing to compare this with",
                               STR_ARG(v->rule->policy->file), w->line,
                               STR_ARG(predicate_text(v, &w->predicate)));
    if (answer == ANSWER_LIMIT)
        out->message = str_fmt(v->mem,
                               STR_FMT ":%d: the regular expression needs more steps or text than "
                                       "is allowed: " STR_FMT,
                               STR_ARG(v->rule->policy->file), w->line, STR_ARG(out->message));
}
