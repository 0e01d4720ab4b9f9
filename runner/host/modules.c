/* Code that running processes have loaded. */
#include "host/host_ops.h"

void modules_fact(struct host *h, struct str image, struct arena *a, struct modules_fact *out)
{
    memset(out, 0, sizeof *out);
    if (h->ops->modules) {
        h->ops->modules(h, image, a, out);
        return;
    }
    out->state = FACT_NOT_COLLECTED;
    out->reason = STR("loaded modules are seen on a running host only");
    out->offline = true;
}

/* What no collection can hold is not counted as missing from it. */
void host_modules(struct host *h, struct str image, struct arena *a, struct modules_fact *out)
{
    modules_fact(h, image, a, out);
    if (!out->offline)
        host_count(h, out->state);
    for (size_t i = 0; i < out->process_count; i++)
        host_count(h, out->processes[i].state);
}
