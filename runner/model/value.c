#include "model/value.h"

struct value value_list(struct arena *a, size_t count)
{
    struct value v = {.kind = VALUE_LIST};
    v.list.items = ARENA_ARRAY(a, count, struct value);
    v.list.count = v.list.items ? count : 0;
    return v;
}

struct value value_map(struct arena *a, size_t count)
{
    struct value v = {.kind = VALUE_MAP};
    v.map.members = ARENA_ARRAY(a, count, struct value_member);
    v.map.count = v.map.members ? count : 0;
    return v;
}

const struct value *value_get(const struct value *map, const char *name)
{
    if (!map || map->kind != VALUE_MAP)
        return NULL;
    struct str want = str_of(name);
    for (size_t i = 0; i < map->map.count; i++)
        if (str_eq(map->map.members[i].name, want))
            return &map->map.members[i].value;
    return NULL;
}

static bool lists_eq(const struct value *a, const struct value *b)
{
    if (a->list.count != b->list.count)
        return false;
    for (size_t i = 0; i < a->list.count; i++)
        if (!value_eq(&a->list.items[i], &b->list.items[i]))
            return false;
    return true;
}

static bool maps_eq(const struct value *a, const struct value *b)
{
    if (a->map.count != b->map.count)
        return false;
    for (size_t i = 0; i < a->map.count; i++)
        if (!str_eq(a->map.members[i].name, b->map.members[i].name) ||
            !value_eq(&a->map.members[i].value, &b->map.members[i].value))
            return false;
    return true;
}

bool value_eq(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INT:
        return a->integer == b->integer;
    case VALUE_NUMBER:
        return !(a->number < b->number) && !(a->number > b->number);
    case VALUE_TEXT:
        return str_eq(a->text, b->text);
    case VALUE_TIME:
        return a->time == b->time;
    case VALUE_LIST:
        return lists_eq(a, b);
    case VALUE_MAP:
        return maps_eq(a, b);
    }
    return false;
}
