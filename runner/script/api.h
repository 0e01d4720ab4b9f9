/* The catalogue of what scripts can name, from the same tables that make it so. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "model/api.h"

/* Memory in `a`; texts point into the binary. */
bool script_api(struct arena *a, struct api *out, struct err *e);

/* The stubs for the Lua language server. */
bool script_stubs(struct arena *a, struct api_stub **out, size_t *count, struct err *e);
