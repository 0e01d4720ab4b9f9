/* A value tree as JSON: times as RFC 3339, maps in their order. */
#pragma once

#include "base/json.h"
#include "model/value.h"

void json_value(struct json *j, const struct value *v);
