/* registry.set and what enforce() makes of registry.value. */
#include "actions/kinds.h"
#include "base/utf16.h"

static bool put_strings(struct arena *a, const struct value *list, struct span *out)
{
    struct sb b;
    sb_init(&b, 1 << 20);
    for (size_t i = 0; i < list->list.count; i++) {
        sb_str(&b, list->list.items[i].text);
        sb_putc(&b, 0);
    }
    sb_putc(&b, 0);
    *out = utf8_to_utf16(a, (struct str){b.ptr, b.len});
    bool ok = !b.bad && out->ptr;
    sb_done(&b);
    return ok;
}

static bool put_number(struct arena *a, uint64_t number, size_t bytes, struct span *out)
{
    uint8_t *raw = arena_alloc(a, bytes);
    for (size_t i = 0; raw && i < bytes; i++)
        raw[i] = (uint8_t)(number >> 8 * i);
    *out = span_of(raw, bytes);
    return raw != NULL;
}

/* As Windows stores it.  False: the value does not fit the type. */
static bool encode(const struct action_request *q, struct reg_image *out)
{
    const struct predicate *p = &q->remedy->value;
    const struct value *v = policy_value(q->rule->policy, &p->a);
    *out = (struct reg_image){.present = true, .type = p->reg_type};
    switch (p->reg_type) {
    case REGF_SZ:
    case REGF_EXPAND_SZ:
        if (v->kind != VALUE_TEXT)
            return false;
        out->data = image_sz(q->a, v->text).data;
        return out->data.ptr != NULL;
    case REGF_MULTI_SZ:
        return v->kind == VALUE_LIST && put_strings(q->a, v, &out->data);
    case REGF_DWORD:
        return v->kind == VALUE_INT && v->integer >= 0 && v->integer <= UINT32_MAX &&
               put_number(q->a, (uint64_t)v->integer, 4, &out->data);
    case REGF_QWORD:
        return v->kind == VALUE_INT && put_number(q->a, (uint64_t)v->integer, 8, &out->data);
    case REGF_BINARY:
        if (v->kind != VALUE_TEXT)
            return false;
        out->data = span_of(arena_copy(q->a, v->text.ptr, v->text.len), v->text.len);
        return v->text.len == 0 || out->data.ptr;
    default:
        return false;
    }
}

bool action_registry_set(const struct action_request *q, struct action_list *out)
{
    struct reg_image after;
    struct change c;
    bool same;
    struct str key = request_text(q, "key"), name = request_text(q, "name");
    enum reg_view view = str_eq(request_text(q, "view"), STR("32")) ? VIEW_32 : VIEW_NATIVE;
    if (!encode(q, &after)) {
        action_refuse(out, STR("the policy's value does not fit its type"));
        return !q->a->full;
    }
    if (!change_make(q, key, name, view, &after, &c, &same, out) || same)
        return !q->a->full;
    struct str title =
        str_fmt(q->a, "set " STR_FMT " " STR_FMT " to " STR_FMT, STR_ARG(c.key),
                STR_ARG(name.len ? name : STR("(default)")), STR_ARG(reg_image_text(q->a, &after)));
    return action_add(q, out, ACTION_REGISTRY_SET, &c, title) != NULL;
}
