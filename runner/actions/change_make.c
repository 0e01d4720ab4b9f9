#include "actions/kinds.h"
#include "base/utf16.h"

const struct value *request_arg(const struct action_request *q, const char *name)
{
    const struct value *v = value_get(&q->remedy->args, name);
    return v ? policy_value(q->rule->policy, v) : NULL;
}

struct str request_text(const struct action_request *q, const char *name)
{
    const struct value *v = request_arg(q, name);
    return v && v->kind == VALUE_TEXT ? v->text : STR("");
}

void action_refuse(struct action_list *out, struct str why)
{
    if (!out->why.len)
        out->why = why;
}

bool change_make(const struct action_request *q, struct str key, struct str name,
                 enum reg_view view, const struct reg_image *after, struct change *change,
                 bool *same, struct action_list *out)
{
    struct str why = {NULL, 0};
    *change = (struct change){.name = name, .after = *after};
    *same = false;
    if (!host_place(q->host, key, view, q->a, &change->key, &why) ||
        !host_image(q->host, change->key, name, q->a, &change->before, &change->new_keys, &why)) {
        action_refuse(out, str_fmt(q->a, STR_FMT " " STR_FMT " cannot be changed: " STR_FMT,
                                   STR_ARG(key), STR_ARG(name.len ? name : STR("(default)")),
                                   STR_ARG(why)));
        return false;
    }
    *same = reg_image_equal(&change->before, after);
    return true;
}

struct action *action_add(const struct action_request *q, struct action_list *out,
                          enum action_kind kind, const struct change *change, struct str title)
{
    enum { FIRST = 4 };
    if (out->count == out->cap) {
        size_t cap = out->cap ? 2 * out->cap : FIRST;
        struct action *items = ARENA_ARRAY(q->a, cap, struct action);
        if (!items)
            return NULL;
        if (out->count)
            memcpy(items, out->items, out->count * sizeof *items);
        out->items = items;
        out->cap = cap;
    }
    struct action *x = &out->items[out->count];
    *x = (struct action){.kind = kind, .title = title};
    x->rules = ARENA_ARRAY(q->a, 1, const struct rule *);
    x->changes = change ? ARENA_NEW(q->a, struct change) : NULL;
    if (!x->rules || (change && !x->changes))
        return NULL;
    x->rules[x->rule_count++] = q->rule;
    if (change)
        x->changes[x->change_count++] = *change;
    out->count++;
    return x;
}

struct reg_image image_dword(struct arena *a, uint32_t number)
{
    uint8_t *raw = arena_alloc(a, 4);
    for (size_t i = 0; raw && i < 4; i++)
        raw[i] = (uint8_t)(number >> 8 * i);
    return (struct reg_image){true, REGF_DWORD, span_of(raw, raw ? 4 : 0)};
}

struct reg_image image_sz(struct arena *a, struct str text)
{
    struct str with_nul = str_fmt(a, STR_FMT "%c", STR_ARG(text), 0);
    return (struct reg_image){true, REGF_SZ, utf8_to_utf16(a, with_nul)};
}
