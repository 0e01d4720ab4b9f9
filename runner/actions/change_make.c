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

struct str image_type(struct arena *a, uint32_t type)
{
    static const char *const names[] = {"REG_NONE",   "REG_SZ",      "REG_EXPAND_SZ",
                                        "REG_BINARY", "REG_DWORD",   "REG_DWORD_BIG_ENDIAN",
                                        "REG_LINK",   "REG_MULTI_SZ"};
    if (type < sizeof names / sizeof *names)
        return str_of(names[type]);
    return type == REGF_QWORD ? STR("REG_QWORD") : str_fmt(a, "type %u", (unsigned)type);
}

static struct str strings_text(struct arena *a, struct span data)
{
    struct str text = STR("");
    size_t units = data.len / 2, start = 0;
    for (size_t i = 0; i < units; i++) {
        if (load_u16(data.ptr + 2 * i) != 0)
            continue;
        if (i == start)
            break;
        text = str_fmt(a, STR_FMT "%s\"" STR_FMT "\"", STR_ARG(text), text.len ? ", " : "",
                       STR_ARG(utf16_to_utf8(a, span_of(data.ptr + 2 * start, 2 * (i - start)))));
        start = i + 1;
    }
    return text;
}

struct str image_text(struct arena *a, const struct reg_image *image)
{
    enum { SHOWN = 16 };
    struct str type = image_type(a, image->type);
    struct span d = image->data;
    if (!image->present)
        return STR("absent");
    if (image->type == REGF_DWORD && d.len == 4)
        return str_fmt(a, STR_FMT " %lu", STR_ARG(type), (unsigned long)load_u32(d.ptr));
    if (image->type == REGF_QWORD && d.len == 8)
        return str_fmt(a, STR_FMT " %llu", STR_ARG(type), (unsigned long long)load_u64(d.ptr));
    if (image->type == REGF_SZ || image->type == REGF_EXPAND_SZ)
        return str_fmt(a, STR_FMT " \"" STR_FMT "\"", STR_ARG(type), STR_ARG(utf16z_to_utf8(a, d)));
    if (image->type == REGF_MULTI_SZ)
        return str_fmt(a, STR_FMT " " STR_FMT, STR_ARG(type), STR_ARG(strings_text(a, d)));
    if (d.len > SHOWN)
        return str_fmt(a, STR_FMT ", %zu bytes", STR_ARG(type), d.len);
    struct sb hex;
    sb_init(&hex, 4 * SHOWN);
    sb_hex(&hex, d.ptr, d.len);
    struct str text = str_fmt(a, STR_FMT " %s", STR_ARG(type), hex.ptr ? hex.ptr : "(no bytes)");
    sb_done(&hex);
    return text;
}
