#include "model/change.h"

#include <string.h>

bool reg_image_equal(const struct reg_image *a, const struct reg_image *b)
{
    if (a->present != b->present)
        return false;
    if (!a->present)
        return true;
    return a->type == b->type && a->data.len == b->data.len &&
           (a->data.len == 0 || memcmp(a->data.ptr, b->data.ptr, a->data.len) == 0);
}
