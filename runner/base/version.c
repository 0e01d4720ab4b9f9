#include "base/version.h"

bool version_parse(struct str text, struct version *out)
{
    struct version v = {{0}};
    size_t i = 0, part = 0;
    for (;;) {
        while (i < text.len && text.ptr[i] == ' ')
            i++;
        uint32_t n = 0;
        size_t digits = 0;
        for (; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++, digits++) {
            n = n * 10 + (uint32_t)(text.ptr[i] - '0');
            if (n > 65535)
                return false;
        }
        if (digits == 0)
            return false;
        v.part[part++] = (uint16_t)n;
        while (i < text.len && text.ptr[i] == ' ')
            i++;
        if (i == text.len)
            break;
        if (part == 4 || (text.ptr[i] != '.' && text.ptr[i] != ','))
            return false;
        i++;
    }
    *out = v;
    return true;
}

int version_cmp(struct version a, struct version b)
{
    for (size_t i = 0; i < 4; i++)
        if (a.part[i] != b.part[i])
            return a.part[i] < b.part[i] ? -1 : 1;
    return 0;
}

const char *version_format(struct version v, char out[VERSION_TEXT])
{
    snprintf(out, VERSION_TEXT, "%u.%u.%u.%u", v.part[0], v.part[1], v.part[2], v.part[3]);
    return out;
}
