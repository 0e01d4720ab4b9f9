#include "report/json_value.h"

static void members(struct json *j, const struct value *v)
{
    json_open_object(j);
    for (size_t i = 0; i < v->map.count; i++) {
        json_key_str(j, v->map.members[i].name);
        json_value(j, &v->map.members[i].value);
    }
    json_close_object(j);
}

void json_value(struct json *j, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        json_nil(j);
        break;
    case VALUE_BOOL:
        json_bool(j, v->boolean);
        break;
    case VALUE_INT:
        json_i64(j, v->integer);
        break;
    case VALUE_NUMBER:
        json_double(j, v->number);
        break;
    case VALUE_TEXT:
        json_str(j, v->text);
        break;
    case VALUE_TIME:
        json_time(j, v->time);
        break;
    case VALUE_LIST:
        json_open_array(j);
        for (size_t i = 0; i < v->list.count; i++)
            json_value(j, &v->list.items[i]);
        json_close_array(j);
        break;
    case VALUE_MAP:
        members(j, v);
        break;
    }
}
