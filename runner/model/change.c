#include "model/change.h"

#include <string.h>

#include "base/utf16.h"

/* [MS-RRP] 3.1.1.5 */
enum { TYPE_SZ = 1, TYPE_EXPAND_SZ = 2, TYPE_DWORD = 4, TYPE_MULTI_SZ = 7, TYPE_QWORD = 11 };

bool reg_image_equal(const struct reg_image *a, const struct reg_image *b)
{
    if (a->present != b->present)
        return false;
    if (!a->present)
        return true;
    return a->type == b->type && a->data.len == b->data.len &&
           (a->data.len == 0 || memcmp(a->data.ptr, b->data.ptr, a->data.len) == 0);
}

struct str reg_type_text(struct arena *a, uint32_t type)
{
    static const char *const names[] = {"REG_NONE",   "REG_SZ",      "REG_EXPAND_SZ",
                                        "REG_BINARY", "REG_DWORD",   "REG_DWORD_BIG_ENDIAN",
                                        "REG_LINK",   "REG_MULTI_SZ"};
    if (type < sizeof names / sizeof *names)
        return str_of(names[type]);
    return type == TYPE_QWORD ? STR("REG_QWORD") : str_fmt(a, "type %u", (unsigned)type);
}

static struct str strings_text(struct arena *a, struct span data)
{
    struct str text = STR("");
    size_t units = data.len / 2, start = 0;
    for (size_t i = 0; i < units; i++) {
        if (load_u16(data.ptr + 2 * i) != 0)
            continue;
        if (i == start)
            break;
        text = str_fmt(a, STR_FMT "%s\"" STR_FMT "\"", STR_ARG(text), text.len ? ", " : "",
                       STR_ARG(utf16_to_utf8(a, span_of(data.ptr + 2 * start, 2 * (i - start)))));
        start = i + 1;
    }
    return text;
}

struct str reg_image_text(struct arena *a, const struct reg_image *image)
{
    enum { SHOWN = 16 };
    struct str type = reg_type_text(a, image->type);
    struct span d = image->data;
    if (!image->present)
        return STR("absent");
    if (image->type == TYPE_DWORD && d.len == 4)
        return str_fmt(a, STR_FMT " %lu", STR_ARG(type), (unsigned long)load_u32(d.ptr));
    if (image->type == TYPE_QWORD && d.len == 8)
        return str_fmt(a, STR_FMT " %llu", STR_ARG(type), (unsigned long long)load_u64(d.ptr));
    if (image->type == TYPE_SZ || image->type == TYPE_EXPAND_SZ)
        return str_fmt(a, STR_FMT " \"" STR_FMT "\"", STR_ARG(type), STR_ARG(utf16z_to_utf8(a, d)));
    if (image->type == TYPE_MULTI_SZ)
        return str_fmt(a, STR_FMT " " STR_FMT, STR_ARG(type), STR_ARG(strings_text(a, d)));
    if (d.len > SHOWN)
        return str_fmt(a, STR_FMT ", %zu bytes", STR_ARG(type), d.len);
    struct sb hex;
    sb_init(&hex, 4 * SHOWN);
    sb_hex(&hex, d.ptr, d.len);
    struct str text = str_fmt(a, STR_FMT " %s", STR_ARG(type), hex.ptr ? hex.ptr : "(no bytes)");
    sb_done(&hex);
    return text;
}
