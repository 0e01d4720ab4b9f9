#include "formats/regf_cell.h"

enum { VALUE_COMP_NAME = 1 };
#define RESIDENT UINT32_C(0x80000000)

static bool vk_of(const struct regf *r, uint32_t cell, struct span *vk, struct err *e)
{
    if (!regf_cell(r, cell, vk, e))
        return false;
    if (vk->len < REGF_VK_SIZE || memcmp(vk->ptr, "vk", 2) != 0)
        return regf_bad(e, cell, "cell 0x%x is no value", cell);
    return true;
}

static bool value_list(const struct regf *r, const struct regf_key *k, struct span *list,
                       struct err *e)
{
    struct span nk;
    if (!regf_cell(r, k->cell, &nk, e))
        return false;
    if (nk.len < REGF_NK_SIZE)
        return regf_bad(e, k->cell, "cell 0x%x is no key", k->cell);
    return regf_cell(r, load_u32(nk.ptr + 40), list, e);
}

static bool value_in_list(const struct regf *r, const struct regf_key *k, struct span list,
                          uint32_t index, struct regf_value *out, struct err *e)
{
    struct span element, vk;
    if (!span_sub(list, (uint64_t)index * 4, 4, &element))
        return regf_bad(e, k->cell, "key 0x%x has more values than its list of %zu holds", k->cell,
                        list.len / 4);
    uint32_t cell = load_u32(element.ptr);
    if (!vk_of(r, cell, &vk, e))
        return false;
    uint32_t size = load_u32(vk.ptr + 4);
    *out = (struct regf_value){
        .cell = cell,
        .type = load_u32(vk.ptr + 12),
        .size = size & ~RESIDENT,
        .data = load_u32(vk.ptr + 8),
        .resident = (size & RESIDENT) != 0,
    };
    return true;
}

enum regf_answer regf_value_at(const struct regf *r, const struct regf_key *k, uint32_t index,
                               struct regf_value *out, struct err *e)
{
    struct span list;
    if (index >= k->values)
        return REGF_ABSENT;
    return value_list(r, k, &list, e) && value_in_list(r, k, list, index, out, e) ? REGF_FOUND
                                                                                  : REGF_BAD;
}

bool regf_name_of_value(const struct regf *r, const struct regf_value *v, struct regf_name *out,
                        struct err *e)
{
    struct span vk;
    if (!vk_of(r, v->cell, &vk, e))
        return false;
    uint32_t len = load_u16(vk.ptr + 2);
    out->compressed = r->info.minor > 1 && load_u16(vk.ptr + 16) & VALUE_COMP_NAME;
    if (!span_sub(vk, REGF_VK_SIZE, len, &out->bytes))
        return regf_bad(e, v->cell, "value 0x%x: name of %u bytes goes past its cell", v->cell,
                        len);
    return true;
}

bool regf_value_name(const struct regf *r, const struct regf_value *v, struct arena *a,
                     struct str *out, struct err *e)
{
    struct regf_name name;
    return regf_name_of_value(r, v, &name, e) && regf_name_text(name, a, out, e);
}

enum regf_answer regf_value(const struct regf *r, const struct regf_key *k, struct str name,
                            struct regf_value *out, struct err *e)
{
    struct span list;
    struct err first = {0};
    enum regf_answer result = REGF_ABSENT;
    if (k->values == 0)
        return REGF_ABSENT;
    if (!value_list(r, k, &list, e))
        return REGF_BAD;
    for (uint32_t i = 0; i < k->values; i++) {
        struct regf_value v;
        struct regf_name have;
        if (!value_in_list(r, k, list, i, &v, &first) ||
            !regf_name_of_value(r, &v, &have, &first)) {
            result = REGF_BAD;
        } else if (regf_name_is(have, name)) {
            *out = v;
            return REGF_FOUND;
        }
    }
    if (result == REGF_BAD)
        err_set(e, first.kind, first.at, "%s", first.text);
    return result;
}

/* Version 1.4 and later: data of more than 16344 bytes lie in segments of that size, listed in a
 * cell of their own. */
static bool big_data(const struct regf *r, const struct regf_value *v, struct span db,
                     struct arena *a, struct span *out, struct err *e)
{
    struct span list;
    if (db.len < 8 || memcmp(db.ptr, "db", 2) != 0)
        return regf_bad(e, v->data, "cell 0x%x of %u data bytes is no big data", v->data, v->size);
    uint32_t count = load_u16(db.ptr + 2), list_cell = load_u32(db.ptr + 4);
    if (!regf_cell(r, list_cell, &list, e))
        return false;
    if (list.len / 4 < count || (uint64_t)count * REGF_SEGMENT < v->size || v->size > r->bins.len)
        return regf_bad(e, v->data, "big data 0x%x: %u segments cannot hold %u bytes", v->data,
                        count, v->size);
    uint8_t *copy = arena_alloc(a, v->size);
    if (!copy)
        return err_set(e, ERR_NOMEM, 0, "no memory for %u bytes of data", v->size);
    for (uint32_t done = 0, i = 0; done < v->size; i++) {
        struct span segment;
        uint32_t cell = load_u32(list.ptr + (size_t)i * 4);
        uint32_t part = v->size - done < REGF_SEGMENT ? v->size - done : REGF_SEGMENT;
        if (!regf_cell(r, cell, &segment, e))
            return false;
        if (segment.len < part)
            return regf_bad(e, cell, "data segment 0x%x holds %zu of %u bytes", cell, segment.len,
                            part);
        memcpy(copy + done, segment.ptr, part);
        done += part;
    }
    *out = (struct span){copy, v->size};
    return true;
}

bool regf_value_data(const struct regf *r, const struct regf_value *v, struct arena *a,
                     struct span *out, struct err *e)
{
    struct span data;
    *out = (struct span){(const uint8_t *)"", 0};
    if (v->size == 0)
        return true;
    if (v->resident) {
        uint8_t bytes[4] = {(uint8_t)v->data, (uint8_t)(v->data >> 8), (uint8_t)(v->data >> 16),
                            (uint8_t)(v->data >> 24)};
        if (v->size > sizeof bytes)
            return regf_bad(e, v->cell, "value 0x%x claims %u bytes inside four", v->cell, v->size);
        const uint8_t *copy = arena_copy(a, bytes, v->size);
        *out = (struct span){copy, v->size};
        return copy || err_set(e, ERR_NOMEM, 0, "no memory for data");
    }
    if (!regf_cell(r, v->data, &data, e))
        return false;
    if (r->info.minor > 3 && v->size > REGF_SEGMENT)
        return big_data(r, v, data, a, out, e);
    if (!span_sub(data, 0, v->size, out))
        return regf_bad(e, v->data, "data cell 0x%x holds %zu of %u bytes", v->data, data.len,
                        v->size);
    return true;
}
