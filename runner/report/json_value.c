#include "report/json_value.h"

#include "model/value_json.h"

void json_value(struct json *j, const struct value *v)
{
    value_to_json(j, v);
}
