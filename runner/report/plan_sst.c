/* A serialized store: version 0, "CERT", the elements, an end record of zeros.  An element is what
 * the value Blob holds: property records, and the certificate's as the last. */
#include "base/utf16.h"
#include "report/plan_report.h"

static bool adds_certificate(const struct change *c)
{
    const struct str middle = STR("\\Certificates\\");
    if (!c->after.present || c->before.present || !str_ieq(c->name, STR("Blob")))
        return false;
    size_t at = c->key.len;
    while (at && c->key.ptr[at - 1] != '\\')
        at--;
    return at >= middle.len &&
           str_ieq((struct str){c->key.ptr + at - middle.len, middle.len}, middle);
}

void report_plan_sst(const struct plan *plan, struct sb *out)
{
    static const uint8_t head[8] = {0, 0, 0, 0, 'C', 'E', 'R', 'T'}, end[12] = {0};
    sb_put(out, head, sizeof head);
    for (size_t i = 0; i < plan->action_count; i++)
        for (size_t k = 0; k < plan->actions[i].change_count; k++) {
            const struct change *c = &plan->actions[i].changes[k];
            if (adds_certificate(c))
                sb_put(out, c->after.data.ptr, c->after.data.len);
        }
    sb_put(out, end, sizeof end);
}
