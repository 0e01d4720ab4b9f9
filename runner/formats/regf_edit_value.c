/* Values: a new value cell and a new list each time, so that nothing shared is written to. */
#include "formats/regf_edit_part.h"

#include "base/utf16.h"

enum { RESIDENT_MAX = 4, VK_SIZE_AT = 4, VK_DATA = 8, VK_TYPE = 12, VK_FLAGS = 16 };
enum { VK_COMP_NAME = 1, BIG_DATA_SIZE = 8 };
#define RESIDENT UINT32_C(0x80000000)

/* What a value cell says of its data. */
struct stored {
    uint32_t size, data;
};

static bool put_cell(struct regf_edit *ed, struct span bytes, uint32_t *cell, struct err *e)
{
    uint8_t *p;
    if (!regf_edit_alloc(ed, bytes.len, cell, e) ||
        !regf_edit_cell(ed, *cell, NULL, bytes.len, &p, e))
        return false;
    memcpy(p, bytes.ptr, bytes.len);
    return true;
}

/* Segments of 16344 bytes, a list of them, and a cell that names the list. */
static bool put_big(struct regf_edit *ed, struct span data, uint32_t *cell, struct err *e)
{
    uint8_t *p;
    uint32_t list, count = (uint32_t)((data.len + REGF_SEGMENT - 1) / REGF_SEGMENT);
    if (!regf_edit_alloc(ed, BIG_DATA_SIZE, cell, e) ||
        !regf_edit_alloc(ed, (size_t)count * 4, &list, e))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t segment;
        size_t from = (size_t)i * REGF_SEGMENT, left = data.len - from;
        struct span part = span_of(data.ptr + from, left < REGF_SEGMENT ? left : REGF_SEGMENT);
        if (!put_cell(ed, part, &segment, e) ||
            !regf_edit_cell(ed, list, NULL, (size_t)count * 4, &p, e))
            return false;
        store_u32(p + (size_t)i * 4, segment);
    }
    if (!regf_edit_cell(ed, *cell, NULL, BIG_DATA_SIZE, &p, e))
        return false;
    memcpy(p, "db", 2);
    store_u16(p + 2, (uint16_t)count);
    store_u32(p + 4, list);
    return true;
}

static bool put_data(struct regf_edit *ed, struct span data, struct stored *out, struct err *e)
{
    uint8_t small[RESIDENT_MAX] = {0};
    *out = (struct stored){.size = (uint32_t)data.len};
    if (data.len > RESIDENT_MAX)
        return ed->hive.info.minor > 3 && data.len > REGF_SEGMENT
                   ? put_big(ed, data, &out->data, e)
                   : put_cell(ed, data, &out->data, e);
    if (data.len)
        memcpy(small, data.ptr, data.len);
    out->size |= RESIDENT;
    out->data = load_u32(small);
    return true;
}

static bool put_value(struct regf_edit *ed, struct regf_name name, uint32_t type, struct span data,
                      uint32_t *cell, struct err *e)
{
    uint8_t *vk;
    struct stored at;
    size_t len = REGF_VK_SIZE + name.bytes.len;
    if (!put_data(ed, data, &at, e) || !regf_edit_alloc(ed, len, cell, e) ||
        !regf_edit_cell(ed, *cell, NULL, len, &vk, e))
        return false;
    memcpy(vk, "vk", 2);
    store_u16(vk + 2, (uint16_t)name.bytes.len);
    store_u32(vk + VK_SIZE_AT, at.size);
    store_u32(vk + VK_DATA, at.data);
    store_u32(vk + VK_TYPE, type);
    store_u16(vk + VK_FLAGS, name.compressed && name.bytes.len ? VK_COMP_NAME : 0);
    if (name.bytes.len)
        memcpy(vk + REGF_VK_SIZE, name.bytes.ptr, name.bytes.len);
    return true;
}

/* Index of a value cell in the key's list. */
static bool index_of(const struct regf_edit *ed, const struct regf_key *k, uint32_t cell,
                     uint32_t *out, struct err *e)
{
    for (uint32_t i = 0; i < k->values; i++) {
        struct regf_value v;
        if (regf_value_at(&ed->hive, k, i, &v, e) != REGF_FOUND)
            return false;
        if (v.cell == cell) {
            *out = i;
            return true;
        }
    }
    return regf_bad(e, k->cell, "cannot be edited: a value is not in its list");
}

/* Replaces `removed` values at `index` by `cell` (REGF_NIL: by none) in a list that is ours. */
static bool splice(struct regf_edit *ed, const struct regf_key *k, uint32_t index, uint32_t removed,
                   uint32_t cell, struct err *e)
{
    uint8_t *nk, *to;
    struct span old = {NULL, 0};
    uint32_t added = cell != REGF_NIL, count = k->values, after = count - removed + added;
    if (!regf_edit_cell(ed, k->cell, "nk", REGF_NK_SIZE, &nk, e))
        return false;
    uint32_t from = load_u32(nk + NK_VALUE_LIST), list = REGF_NIL;
    if (load_u32(nk + NK_VALUES) != count)
        return regf_bad(e, k->cell, "cannot be edited: the list of values is shorter than claimed");
    if (after) {
        if (!regf_edit_alloc(ed, (size_t)after * 4, &list, e) ||
            !regf_edit_cell(ed, list, NULL, (size_t)after * 4, &to, e) ||
            (count && !regf_cell(&ed->hive, from, &old, e)))
            return false;
        BUG_ON(old.len < (size_t)count * 4);
        if (index)
            memcpy(to, old.ptr, (size_t)index * 4);
        if (added)
            store_u32(to + (size_t)index * 4, cell);
        if (count > index + removed)
            memcpy(to + (size_t)(index + added) * 4, old.ptr + (size_t)(index + removed) * 4,
                   (size_t)(count - index - removed) * 4);
    }
    if (count)
        regf_edit_free(ed, from);
    if (!regf_edit_cell(ed, k->cell, "nk", REGF_NK_SIZE, &nk, e))
        return false;
    store_u32(nk + NK_VALUES, after);
    store_u32(nk + NK_VALUE_LIST, list);
    regf_edit_stamp(ed, k->cell, nk);
    return true;
}

/* A value cell of ours and its data, when it is replaced; segments of big data are left. */
static void free_value(struct regf_edit *ed, const struct regf_value *v)
{
    if (!regf_edit_is_own(ed, v->cell))
        return;
    if (!v->resident && v->size && (ed->hive.info.minor <= 3 || v->size <= REGF_SEGMENT))
        regf_edit_free(ed, v->data);
    regf_edit_free(ed, v->cell);
}

/* What lookups by size of the largest value rely on. */
static bool raise_maxima(struct regf_edit *ed, uint32_t key, uint32_t name, uint32_t data,
                         struct err *e)
{
    uint8_t *nk;
    if (!regf_edit_cell(ed, key, "nk", REGF_NK_SIZE, &nk, e))
        return false;
    if (load_u32(nk + NK_MAX_VALUE_NAME) < name)
        store_u32(nk + NK_MAX_VALUE_NAME, name);
    if (load_u32(nk + NK_MAX_VALUE_DATA) < data)
        store_u32(nk + NK_MAX_VALUE_DATA, data);
    return true;
}

/* The name that is there stays as it is spelt. */
static bool name_for(struct regf_edit *ed, const struct regf_value *have, struct str name,
                     struct arena *a, struct regf_name *out, struct err *e)
{
    if (!have)
        return regf_edit_name(name, REGF_EDIT_VALUE_NAME, a, out, e);
    if (!regf_name_of_value(&ed->hive, have, out, e))
        return false;
    out->bytes.ptr = arena_copy(a, out->bytes.ptr, out->bytes.len);
    return out->bytes.ptr || out->bytes.len == 0 ||
           err_set(e, ERR_NOMEM, 0, "no memory for a name");
}

static bool set_value(struct regf_edit *ed, struct str key, struct str name, uint32_t type,
                      struct span data, struct arena *a, struct err *e)
{
    struct regf_key k;
    struct regf_value have;
    struct regf_name stored;
    uint32_t cell, index;
    if (data.len > REGF_EDIT_DATA)
        return err_set(e, ERR_LIMIT, 0, "limit: a value of %zu bytes", data.len);
    if (!regf_edit_find(ed, key, &k, e))
        return false;
    enum regf_answer got = regf_value(&ed->hive, &k, name, &have, e);
    if (got == REGF_BAD || !name_for(ed, got == REGF_FOUND ? &have : NULL, name, a, &stored, e) ||
        !put_value(ed, stored, type, data, &cell, e))
        return false;
    index = k.values;
    if (got == REGF_FOUND && !index_of(ed, &k, have.cell, &index, e))
        return false;
    if (!splice(ed, &k, index, got == REGF_FOUND, cell, e) ||
        !raise_maxima(ed, k.cell, regf_edit_name_size(stored), (uint32_t)data.len, e))
        return false;
    if (got == REGF_FOUND)
        free_value(ed, &have);
    return regf_edit_touch(
        ed,
        &(struct regf_touch){.key = key, .name = name, .present = true, .type = type, .data = data},
        e);
}

bool regf_edit_set(struct regf_edit *ed, struct str key, struct str name, uint32_t type,
                   struct span data, struct err *e)
{
    struct arena a;
    if (ed->broken)
        return err_set(e, ERR_FORMAT, 0, "an edit failed before");
    arena_init(&a, 1 << 20);
    ed->changed = true;
    ed->verified = false;
    ed->broken = !set_value(ed, key, name, type, data, &a, e);
    arena_done(&a);
    return !ed->broken;
}

static bool delete_value(struct regf_edit *ed, struct str key, struct str name, struct err *e)
{
    struct regf_key k;
    struct regf_value have;
    uint32_t index = 0;
    enum regf_answer got = regf_path(&ed->hive, key, &k, e);
    if (got == REGF_FOUND)
        got = regf_value(&ed->hive, &k, name, &have, e);
    if (got != REGF_FOUND)
        return got == REGF_ABSENT;
    if (!index_of(ed, &k, have.cell, &index, e) || !splice(ed, &k, index, 1, REGF_NIL, e))
        return false;
    free_value(ed, &have);
    ed->changed = true;
    ed->verified = false;
    return regf_edit_touch(ed, &(struct regf_touch){.key = key, .name = name}, e);
}

bool regf_edit_delete(struct regf_edit *ed, struct str key, struct str name, struct err *e)
{
    if (ed->broken)
        return err_set(e, ERR_FORMAT, 0, "an edit failed before");
    ed->broken = !delete_value(ed, key, name, e);
    return !ed->broken;
}
