/* What a rule is about, from the load phase alone. */
#pragma once

#include "engine/engine.h"
#include "model/rule_view.h"

/* Memory in `a`; false when that is full. */
bool engine_describe(const struct catalogue *c, const struct rule *rule, struct arena *a,
                     struct rule_view *out, struct err *e);
