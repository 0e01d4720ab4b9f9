/* What each kind of source says of a product on a host. */
#pragma once

#include "host/host_ops.h"
#include "model/product.h"

enum { READINGS_MAX = 128 };

struct product_readings {
    struct host *h;
    struct arena *a;
    struct product_reading *items; /* room for READINGS_MAX */
    size_t count;
};

/* Appends the readings of one source: at least one, whatever happens. */
void product_source_read(struct product_readings *r, const struct product_source *source);

/* "{CE15D1B6-19B6-4D4D-8F43-CF5D2C3356FF}" as Windows Installer names it in keys:
 * "6B1D51EC6B91D4D4F834FCD5C23365FF".  False for anything that is no GUID. */
bool product_packed_code(struct str code, char out[33]);
