/* Lists of subkeys: kept in Windows' order, with its hints, split when they fill a page. */
#include "formats/regf_edit_part.h"

enum { LIST_HEAD = 4, LEAF_MAX = 507, ROOT_MAX = 65000 };

/* Where a subkey is, or would go. */
struct place {
    uint32_t top, leaf;      /* list cells; equal where there is no index root */
    uint32_t root_at, index; /* position of the leaf in the root, and of the key in the leaf */
    uint32_t total;          /* keys listed */
    uint32_t leaf_count;
    bool rooted, empty;
    bool found, passed; /* the key itself; one that comes behind the name */
};

/* One element of a leaf in stored order: for a name, where it belongs; for a cell, where it is. */
static bool look_at(const struct regf_edit *ed, struct place *p, uint32_t cell, uint32_t index,
                    const struct str *name, uint32_t child, bool *here, struct err *e)
{
    struct regf_name have;
    if (!name) {
        *here = cell == child;
        if (*here && p->found)
            return regf_bad(e, cell, "cannot be edited: key 0x%x is listed twice", cell);
        p->found = p->found || *here;
        return true;
    }
    if (!regf_name_of_key(&ed->hive, cell, &have, e))
        return false;
    int order = regf_name_cmp(have, *name);
    if (order == 0 || (order < 0 && p->passed))
        return regf_bad(e, cell, "cannot be edited: subkeys are not in order");
    p->passed = p->passed || order > 0;
    *here = order < 0;
    (void)index;
    return true;
}

static bool look_leaf(const struct regf_edit *ed, struct place *p, uint32_t root_at, uint32_t leaf,
                      const struct str *name, uint32_t child, struct err *e)
{
    struct regf_list l;
    if (!regf_list_at(&ed->hive, leaf, true, &l, e))
        return false;
    if (l.cut)
        return regf_bad(e, leaf, "cannot be edited: subkey list 0x%x is longer than its cell",
                        leaf);
    if (root_at == 0) {
        p->leaf = leaf;
        p->leaf_count = l.count;
    }
    for (uint32_t i = 0; i < l.count; i++) {
        bool here = false;
        /* No hive holds more keys than smallest key cells fit into it. */
        if (p->total++ > ed->hive.bins.len / REGF_NK_SIZE)
            return regf_bad(e, leaf, "cannot be edited: more subkeys than the hive can hold");
        if (!look_at(ed, p, regf_list_cell(&l, i), i, name, child, &here, e))
            return false;
        if (!here)
            continue;
        p->leaf = leaf;
        p->leaf_count = l.count;
        p->root_at = root_at;
        p->index = name ? i + 1 : i;
    }
    return true;
}

/* Every listed subkey is looked at, so that an unordered or wrong list is not made worse. */
static bool find_place(struct regf_edit *ed, uint32_t parent, const struct str *name,
                       uint32_t child, struct place *p, struct err *e)
{
    uint8_t *nk;
    struct regf_list top;
    *p = (struct place){0};
    if (!regf_edit_cell(ed, parent, "nk", REGF_NK_SIZE, &nk, e))
        return false;
    uint32_t claimed = load_u32(nk + NK_SUBKEYS);
    p->empty = claimed == 0;
    if (p->empty)
        return true;
    p->top = load_u32(nk + NK_LIST);
    if (!regf_list_at(&ed->hive, p->top, false, &top, e))
        return false;
    if (top.cut)
        return regf_bad(e, p->top, "cannot be edited: index root 0x%x is longer than its cell",
                        p->top);
    p->rooted = top.kind == REGF_RI;
    uint32_t leaves = p->rooted ? top.count : 1;
    for (uint32_t i = 0; i < leaves; i++)
        if (!look_leaf(ed, p, i, p->rooted ? regf_list_cell(&top, i) : p->top, name, child, e))
            return false;
    if (p->total != claimed)
        return regf_bad(e, parent, "cannot be edited: key 0x%x claims %u subkeys, %u are listed",
                        parent, claimed, p->total);
    return true;
}

/* Replaces `removed` elements at `index` by `added` ones; the list moves unless it is ours and has
 * room. */
static bool splice(struct regf_edit *ed, uint32_t *list, uint32_t index, uint32_t removed,
                   const uint8_t *elements, uint32_t added, struct err *e)
{
    struct span old;
    uint32_t cell = *list;
    if (!regf_cell(&ed->hive, cell, &old, e))
        return false;
    size_t step = memcmp(old.ptr, "lf", 2) == 0 || memcmp(old.ptr, "lh", 2) == 0 ? 8 : 4;
    uint32_t count = load_u16(old.ptr + 2);
    BUG_ON(index + removed > count);
    uint32_t after = count - removed + added, tail = count - index - removed;
    if (!regf_edit_is_own(ed, cell) || old.len < LIST_HEAD + after * step) {
        /* The second time a list grows it will go on growing. */
        size_t spare = regf_edit_is_own(ed, cell) ? 32 : 0;
        if (!regf_edit_alloc(ed, LIST_HEAD + (after + spare) * step, list, e) ||
            !regf_cell(&ed->hive, cell, &old, e))
            return false;
    }
    uint8_t *to = ed->image + REGF_BASE_SIZE + *list + ed->hive.cell_head;
    memmove(to + LIST_HEAD + (index + added) * step, old.ptr + LIST_HEAD + (index + removed) * step,
            tail * step);
    if (cell != *list)
        memcpy(to, old.ptr, LIST_HEAD + index * step);
    if (added)
        memcpy(to + LIST_HEAD + index * step, elements, added * step);
    if (cell == *list && after < count)
        memset(to + LIST_HEAD + after * step, 0, (count - after) * step);
    store_u16(to + 2, (uint16_t)after);
    if (cell != *list)
        regf_edit_free(ed, cell);
    return true;
}

/* lh: the hash of the name; lf: its first four characters, none where one is beyond Latin-1. */
static uint32_t hint_of(const char *mark, struct regf_name n)
{
    uint32_t hint = 0;
    if (mark[1] == 'h')
        return regf_name_hash(n);
    for (size_t i = 0; i < 4 && i < n.bytes.len / (n.compressed ? 1 : 2); i++) {
        uint32_t unit = n.compressed ? n.bytes.ptr[i] : load_u16(n.bytes.ptr + i * 2);
        if (unit > 0xFF)
            return 0;
        hint |= unit << (8 * i);
    }
    return hint;
}

static bool new_list(struct regf_edit *ed, const char *mark, const uint8_t *elements, size_t step,
                     uint32_t count, uint32_t *cell, struct err *e)
{
    uint8_t *p;
    if (!regf_edit_alloc(ed, LIST_HEAD + count * step, cell, e) ||
        !regf_edit_cell(ed, *cell, NULL, LIST_HEAD + count * step, &p, e))
        return false;
    memcpy(p, mark, 2);
    store_u16(p + 2, (uint16_t)count);
    memcpy(p + LIST_HEAD, elements, count * step);
    return true;
}

/* Halves a full leaf; the place stays where it was, in one of the halves. */
static bool split(struct regf_edit *ed, struct place *p, struct err *e)
{
    uint8_t copy[LEAF_MAX * 8], pair[8], mark[2];
    struct regf_list l;
    struct span old;
    uint32_t left = p->leaf, right, half = p->leaf_count / 2;
    uint32_t moved = p->leaf_count - half;
    if (!regf_list_at(&ed->hive, left, true, &l, e) || !regf_cell(&ed->hive, left, &old, e))
        return false;
    if (moved > LEAF_MAX)
        return regf_bad(e, left, "cannot be edited: a list of %u subkeys", p->leaf_count);
    memcpy(mark, old.ptr, 2);
    memcpy(copy, l.elements.ptr + (size_t)half * l.step, (size_t)moved * l.step);
    if (!new_list(ed, (const char *)mark, copy, l.step, moved, &right, e) ||
        !splice(ed, &left, half, moved, NULL, 0, e))
        return false;
    store_u32(pair, left);
    store_u32(pair + 4, right);
    if (!p->rooted && !new_list(ed, "ri", pair, 4, 2, &p->top, e))
        return false;
    if (p->rooted && !splice(ed, &p->top, p->root_at, 1, pair, 2, e))
        return false;
    p->rooted = true;
    bool second = p->index > half;
    p->leaf = second ? right : left;
    p->leaf_count = second ? moved : half;
    p->root_at += second;
    p->index -= second ? half : 0;
    return true;
}

static bool insert(struct regf_edit *ed, struct place *p, uint32_t child, struct regf_name name,
                   struct err *e)
{
    uint8_t element[8];
    struct span old;
    store_u32(element, child);
    if (p->empty) {
        const char *mark = ed->hive.info.minor >= 5 ? "lh" : "lf";
        store_u32(element + 4, hint_of(mark, name));
        return new_list(ed, mark, element, 8, 1, &p->top, e);
    }
    if (p->rooted && p->leaf == 0)
        return regf_bad(e, p->top, "cannot be edited: index root 0x%x lists nothing", p->top);
    if (p->leaf_count >= LEAF_MAX && !split(ed, p, e))
        return false;
    if (!regf_cell(&ed->hive, p->leaf, &old, e))
        return false;
    store_u32(element + 4, hint_of((const char *)old.ptr, name));
    uint32_t leaf = p->leaf;
    if (!splice(ed, &leaf, p->index, 0, element, 1, e))
        return false;
    if (!p->rooted) {
        p->top = leaf;
        return true;
    }
    store_u32(element, leaf);
    return splice(ed, &p->top, p->root_at, 1, element, 1, e);
}

/* The key's list and count, and its time. */
static bool store_list(struct regf_edit *ed, uint32_t parent, uint32_t top, uint32_t count,
                       struct err *e)
{
    uint8_t *nk;
    if (!regf_edit_cell(ed, parent, "nk", REGF_NK_SIZE, &nk, e))
        return false;
    store_u32(nk + NK_SUBKEYS, count);
    store_u32(nk + NK_LIST, count ? top : REGF_NIL);
    regf_edit_stamp(ed, parent, nk);
    return true;
}

bool regf_edit_link(struct regf_edit *ed, uint32_t parent, uint32_t child, struct str name,
                    struct err *e)
{
    struct place p;
    struct regf_name stored;
    struct arena a;
    arena_init(&a, 1 << 16);
    bool ok = find_place(ed, parent, &name, REGF_NIL, &p, e) &&
              regf_edit_name(name, REGF_EDIT_NAME, &a, &stored, e);
    if (ok && p.total >= ROOT_MAX * (LEAF_MAX / 2))
        ok = err_set(e, ERR_LIMIT, 0, "limit: a key of %u subkeys", p.total);
    ok = ok && insert(ed, &p, child, stored, e) && store_list(ed, parent, p.top, p.total + 1, e);
    arena_done(&a);
    return ok;
}

bool regf_edit_unlink(struct regf_edit *ed, uint32_t parent, uint32_t child, struct err *e)
{
    struct place p;
    if (!find_place(ed, parent, NULL, child, &p, e))
        return false;
    if (!p.found)
        return regf_bad(e, parent, "cannot be edited: key 0x%x does not list 0x%x", parent, child);
    uint32_t leaf = p.leaf;
    if (p.leaf_count > 1) {
        uint8_t element[4];
        if (!splice(ed, &leaf, p.index, 1, NULL, 0, e))
            return false;
        store_u32(element, leaf);
        if (!p.rooted)
            p.top = leaf;
        else if (!splice(ed, &p.top, p.root_at, 1, element, 1, e))
            return false;
    } else if (p.rooted && p.total > 1) {
        if (!splice(ed, &p.top, p.root_at, 1, NULL, 0, e))
            return false;
        regf_edit_free(ed, leaf);
    }
    return store_list(ed, parent, p.top, p.total - 1, e);
}
