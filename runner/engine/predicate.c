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

enum answer predicate_version(const struct evaluation *v, const struct predicate *p,
                              struct version have)
{
    struct version a, b;
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
    if (have->type != REG_MULTI_SZ)
        return answer(is_text(have) && contains_text(have->text, want->text));
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

enum answer predicate_registry(const struct evaluation *v, const struct predicate *p,
                               const struct reg_value *have)
{
    const struct value *a = bound(v, &p->a), *b = bound(v, &p->b);
    int low = 0, high = 0;
    if (p->typed && have->type != p->reg_type)
        return ANSWER_NO;
    switch (p->kind) {
    case PRED_EQUALS:
        return answer(equal(have, a));
    case PRED_AT_LEAST:
        return answer(compare(have, a, &low) && low >= 0);
    case PRED_AT_MOST:
        return answer(compare(have, a, &low) && low <= 0);
    case PRED_BETWEEN:
        return answer(compare(have, a, &low) && compare(have, b, &high) && low >= 0 && high <= 0);
    case PRED_ONE_OF:
        return registry_one_of(have, a);
    case PRED_GLOB:
        if (a->kind != VALUE_TEXT)
            return ANSWER_BROKEN;
        return answer(is_text(have) && glob_imatch(a->text, have->text));
    case PRED_CONTAINS:
        return contains(have, a);
    case PRED_ABSENT:
        return ANSWER_NO;
    case PRED_NONE:
        return ANSWER_YES;
    }
    return ANSWER_BROKEN;
}
