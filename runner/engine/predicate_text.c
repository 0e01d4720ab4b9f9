/* Predicates as people and as reports see them. */
#include "engine/evaluate.h"

static void put_value(struct sb *b, const struct value *x)
{
    switch (x->kind) {
    case VALUE_TEXT:
        sb_str(b, x->text.len ? x->text : STR("\"\""));
        break;
    case VALUE_INT:
        sb_printf(b, "%lld", (long long)x->integer);
        break;
    case VALUE_NUMBER:
        sb_printf(b, "%g", x->number);
        break;
    case VALUE_BOOL:
        sb_puts(b, x->boolean ? "true" : "false");
        break;
    case VALUE_LIST:
        for (size_t i = 0; i < x->list.count; i++) {
            sb_puts(b, i ? ", " : "");
            put_value(b, &x->list.items[i]);
        }
        break;
    default:
        sb_puts(b, "nothing");
    }
}

/* Bytes of binary data are no text: shown in hexadecimal. */
static void put_typed(struct sb *b, const struct predicate *p, const struct value *x)
{
    enum { REG_BINARY = 3 };
    if (p->typed && p->reg_type == REG_BINARY && x->kind == VALUE_TEXT)
        sb_hex(b, (const uint8_t *)x->text.ptr, x->text.len);
    else
        put_value(b, x);
}

static const char *const words[PREDICATES] = {
    [PRED_NONE] = "",
    [PRED_EQUALS] = "",
    [PRED_AT_LEAST] = "at least ",
    [PRED_AT_MOST] = "at most ",
    [PRED_BETWEEN] = "between ",
    [PRED_ONE_OF] = "one of ",
    [PRED_GLOB] = "matching ",
    [PRED_CONTAINS] = "containing ",
    [PRED_ABSENT] = "absent",
    [PRED_MATCHES] = "matching /",
    [PRED_CONTAINS_ALL] = "containing all of ",
    [PRED_ONLY] = "nothing but ",
    [PRED_NONE_OF] = "none of ",
    [PRED_NOT] = "not ",
};

struct str predicate_text(const struct evaluation *v, const struct predicate *p)
{
    const struct value *a = policy_value(v->rule->policy, &p->a);
    const struct value *b = policy_value(v->rule->policy, &p->b);
    if (p->kind == PRED_ABSENT || p->kind == PRED_NONE)
        return p->kind == PRED_ABSENT ? STR("absent") : STR("any value");
    if (p->kind == PRED_NOT && p->inner)
        return str_fmt(v->mem, "not " STR_FMT, STR_ARG(predicate_text(v, p->inner)));
    struct sb text;
    sb_init(&text, (size_t)64 << 10);
    sb_puts(&text, words[p->kind]);
    put_typed(&text, p, a);
    if (p->kind == PRED_BETWEEN) {
        sb_puts(&text, " and ");
        put_typed(&text, p, b);
    }
    sb_puts(&text, p->kind == PRED_MATCHES ? "/" : "");
    struct str out = text.bad ? STR("(long)") : str_dup(v->mem, (struct str){text.ptr, text.len});
    sb_done(&text);
    return out;
}

static struct value one_member(struct arena *mem, const char *name, const struct value *x)
{
    return map_of(mem, &(struct value_member){str_of(name), *x}, 1);
}

struct value predicate_value(const struct evaluation *v, const struct predicate *p)
{
    static const char *const names[PREDICATES] = {
        [PRED_AT_LEAST] = "at_least", [PRED_AT_MOST] = "at_most",
        [PRED_BETWEEN] = "between",   [PRED_ONE_OF] = "one_of",
        [PRED_GLOB] = "matches",      [PRED_CONTAINS] = "contains",
        [PRED_MATCHES] = "regex",     [PRED_CONTAINS_ALL] = "contains_all",
        [PRED_ONLY] = "only",         [PRED_NONE_OF] = "none_of",
    };
    const struct value *a = policy_value(v->rule->policy, &p->a);
    if (p->kind == PRED_EQUALS)
        return *a;
    if (p->kind == PRED_ABSENT || p->kind == PRED_NONE)
        return value_null();
    if (p->kind == PRED_NOT) {
        struct value inner = p->inner ? predicate_value(v, p->inner) : value_null();
        return one_member(v->mem, "not", &inner);
    }
    if (p->kind != PRED_BETWEEN)
        return one_member(v->mem, names[p->kind], a);
    struct value pair = value_list(v->mem, 2);
    if (pair.list.count) {
        pair.list.items[0] = *a;
        pair.list.items[1] = *policy_value(v->rule->policy, &p->b);
    }
    return one_member(v->mem, names[p->kind], &pair);
}
