#include "formats/regf_cell.h"

#include "base/utf16.h"

bool regf_list_at(const struct regf *r, uint32_t cell, bool inner, struct regf_list *out,
                  struct err *e)
{
    struct span s;
    if (!regf_cell(r, cell, &s, e))
        return false;
    if (s.len < 4)
        return regf_bad(e, cell, "cell 0x%x is no subkey list", cell);
    uint32_t count = load_u16(s.ptr + 2);
    struct regf_list l = {.step = 4};
    if (memcmp(s.ptr, "li", 2) == 0)
        l.kind = REGF_LI;
    else if (memcmp(s.ptr, "lf", 2) == 0)
        l = (struct regf_list){.kind = REGF_LF, .step = 8};
    else if (memcmp(s.ptr, "lh", 2) == 0)
        l = (struct regf_list){.kind = REGF_LH, .step = 8};
    else if (memcmp(s.ptr, "ri", 2) == 0 && !inner)
        l.kind = REGF_RI;
    else
        return regf_bad(e, cell, "cell 0x%x is no subkey list%s", cell,
                        inner ? " of an index root" : "");
    uint32_t room = (uint32_t)((s.len - 4) / l.step);
    l.cut = count > room;
    l.count = l.cut ? room : count;
    l.elements = (struct span){s.ptr + 4, s.len - 4};
    *out = l;
    return true;
}

uint32_t regf_list_cell(const struct regf_list *l, uint32_t i)
{
    return load_u32(l->elements.ptr + (size_t)i * l->step);
}

static uint32_t element_hint(const struct regf_list *l, uint32_t i)
{
    return load_u32(l->elements.ptr + (size_t)i * l->step + 4);
}

/* No hive holds more keys than smallest key cells fit into its bins. */
static uint32_t visit_budget(const struct regf *r)
{
    return (uint32_t)(r->bins.len / (REGF_NK_SIZE + 4)) + 1;
}

static bool list_of_key(const struct regf *r, const struct regf_key *k, uint32_t *cell,
                        struct err *e)
{
    struct span nk;
    if (!regf_cell(r, k->cell, &nk, e))
        return false;
    if (nk.len < REGF_NK_SIZE)
        return regf_bad(e, k->cell, "cell 0x%x is no key", k->cell);
    *cell = load_u32(nk.ptr + 28);
    return true;
}

bool regf_subkeys_begin(const struct regf *r, const struct regf_key *k, struct regf_subkeys *it,
                        struct err *e)
{
    *it = (struct regf_subkeys){
        .parent = k->cell, .left = visit_budget(r), .missing = k->subkeys, .done = k->subkeys == 0};
    return it->done || list_of_key(r, k, &it->list[0], e);
}

/* A list is over or unusable: back to the index root, or done. */
static void leave_list(struct regf_subkeys *it)
{
    it->done = it->depth == 0;
    it->depth = 0;
}

/* Damage of a whole list: what it would have given is told by this one failure. */
static enum regf_answer list_is_bad(struct regf_subkeys *it)
{
    leave_list(it);
    it->missing = 0;
    return REGF_BAD;
}

static enum regf_answer list_is_over(struct regf_subkeys *it, const struct regf_list *l,
                                     uint32_t cell, struct err *e)
{
    if (l->cut) {
        regf_bad(e, cell, "subkey list 0x%x claims more elements than its cell holds", cell);
        return list_is_bad(it);
    }
    leave_list(it);
    if (!it->done || it->missing == 0)
        return REGF_ABSENT;
    regf_bad(e, it->parent, "key 0x%x claims %u subkeys more than are listed", it->parent,
             it->missing);
    return REGF_BAD;
}

enum regf_answer regf_subkeys_next(const struct regf *r, struct regf_subkeys *it,
                                   struct regf_key *out, struct err *e)
{
    while (!it->done) {
        uint32_t cell = it->list[it->depth];
        struct regf_list l = {0};
        if (it->left-- == 0) {
            it->done = true;
            regf_bad(e, it->parent, "key 0x%x lists more subkeys than the hive can hold",
                     it->parent);
            return REGF_BAD;
        }
        if (!regf_list_at(r, cell, it->depth == 1, &l, e))
            return list_is_bad(it);
        uint32_t i = it->index[it->depth]++;
        if (i >= l.count) {
            if (list_is_over(it, &l, cell, e) == REGF_BAD)
                return REGF_BAD;
            continue;
        }
        uint32_t element = regf_list_cell(&l, i);
        if (l.kind != REGF_RI) {
            it->missing -= it->missing > 0;
            return regf_key_at(r, element, it->parent, out, e) ? REGF_FOUND : REGF_BAD;
        }
        it->list[1] = element;
        it->index[1] = 0;
        it->depth = 1;
    }
    return REGF_ABSENT;
}

/* Lookup: what is wanted, and what the search may spend. */
struct search {
    const struct regf *r;
    uint32_t parent;
    struct str name;
    uint32_t hash;
    uint32_t left, looked_at; /* elements */
    bool ascii;
};

/* The hash of lh lists: H = 37 * H + upper case unit. */
static uint32_t hash_of_text(struct str name)
{
    struct regf_units u = {.s = name};
    uint32_t h = 0;
    for (int32_t c; (c = regf_units_next(&u)) != REGF_UNITS_END;)
        h = h * 37 + upcase16((uint16_t)c);
    return h;
}

uint32_t regf_name_hash(struct regf_name n)
{
    size_t step = n.compressed ? 1 : 2;
    uint32_t h = 0;
    for (size_t i = 0; i + step <= n.bytes.len; i += step)
        h = h * 37 + upcase16(n.compressed ? n.bytes.ptr[i] : load_u16(n.bytes.ptr + i));
    return h;
}

/* lf hints are the first four characters as bytes; Windows leaves them 0 when one does not fit. */
static bool hint_fits_units(uint32_t hint, const uint16_t unit[4])
{
    if ((hint & 0xFF) == 0)
        return true;
    for (int i = 0; i < 4; i++)
        if (upcase16((uint16_t)(hint >> (8 * i) & 0xFF)) != upcase16(unit[i]))
            return false;
    return true;
}

static bool hint_fits_text(const struct regf_list *l, uint32_t i, const struct search *s)
{
    uint32_t hint = element_hint(l, i);
    if (l->kind == REGF_LH)
        return hint == s->hash;
    uint16_t unit[4] = {0};
    struct regf_units u = {.s = s->name};
    int32_t c;
    for (int n = 0; n < 4 && (c = regf_units_next(&u)) != REGF_UNITS_END; n++)
        unit[n] = (uint16_t)c;
    return hint_fits_units(hint, unit);
}

/* Does the element's hint agree with the name of the key that it points to? */
static bool hint_is_true(const struct search *s, const struct regf_list *l, uint32_t i)
{
    struct regf_name n;
    if (!regf_name_of_key(s->r, regf_list_cell(l, i), &n, NULL))
        return false;
    if (l->kind == REGF_LH)
        return element_hint(l, i) == regf_name_hash(n);
    uint16_t unit[4] = {0};
    size_t step = n.compressed ? 1 : 2;
    for (size_t c = 0; c < 4 && (c + 1) * step <= n.bytes.len; c++)
        unit[c] = n.compressed ? n.bytes.ptr[c] : load_u16(n.bytes.ptr + c * 2);
    return hint_fits_units(element_hint(l, i), unit);
}

/* Hints of lists that Windows wrote are right, so the first, the middle and the last answer for
 * all; a writer that does not know them gets all of them wrong. */
static bool hints_are_true(const struct search *s, const struct regf_list *l)
{
    return l->count == 0 || (hint_is_true(s, l, 0) && hint_is_true(s, l, l->count / 2) &&
                             hint_is_true(s, l, l->count - 1));
}

/* What a search of one leaf by hints or order says; UNSURE: only looking at every key can tell. */
enum leaf_answer { LEAF_FOUND, LEAF_ABSENT, LEAF_UNSURE };

static enum leaf_answer search_hints(const struct search *s, const struct regf_list *l,
                                     struct regf_key *out)
{
    for (uint32_t i = 0; i < l->count; i++) {
        struct regf_name n;
        if (!hint_fits_text(l, i, s))
            continue;
        uint32_t cell = regf_list_cell(l, i);
        if (!regf_name_of_key(s->r, cell, &n, NULL))
            return LEAF_UNSURE;
        if (regf_name_is(n, s->name))
            return regf_key_at(s->r, cell, s->parent, out, NULL) ? LEAF_FOUND : LEAF_UNSURE;
    }
    /* Beyond ASCII the writer's case table may differ from ours, and so the hashes. */
    return s->ascii && !l->cut && hints_are_true(s, l) ? LEAF_ABSENT : LEAF_UNSURE;
}

static enum leaf_answer search_sorted(const struct search *s, const struct regf_list *l,
                                      struct regf_key *out)
{
    uint32_t lo = 0, hi = l->count;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2, cell = regf_list_cell(l, mid);
        struct regf_name n;
        if (!regf_name_of_key(s->r, cell, &n, NULL))
            return LEAF_UNSURE;
        int order = regf_name_cmp(n, s->name);
        if (order == 0)
            return regf_key_at(s->r, cell, s->parent, out, NULL) ? LEAF_FOUND : LEAF_UNSURE;
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return LEAF_UNSURE;
}

static enum leaf_answer search_leaf(struct search *s, uint32_t cell, struct regf_key *out)
{
    struct regf_list l = {0};
    if (!regf_list_at(s->r, cell, true, &l, NULL) || l.count >= s->left)
        return LEAF_UNSURE;
    s->left -= l.count;
    s->looked_at += l.count;
    return l.kind == REGF_LI ? search_sorted(s, &l, out) : search_hints(s, &l, out);
}

static enum leaf_answer search_lists(struct search *s, uint32_t cell, struct regf_key *out)
{
    struct regf_list l = {0};
    if (!regf_list_at(s->r, cell, false, &l, NULL))
        return LEAF_UNSURE;
    if (l.kind != REGF_RI)
        return search_leaf(s, cell, out);
    enum leaf_answer all = l.cut ? LEAF_UNSURE : LEAF_ABSENT;
    for (uint32_t i = 0; i < l.count; i++) {
        enum leaf_answer one = search_leaf(s, regf_list_cell(&l, i), out);
        if (one == LEAF_FOUND)
            return LEAF_FOUND;
        if (one == LEAF_UNSURE)
            all = LEAF_UNSURE;
    }
    return all;
}

/* Every listed key, one by one: the truth, whatever the lists' order and hints are. */
static enum regf_answer search_all(const struct regf *r, const struct regf_key *k, struct str name,
                                   struct regf_key *out, struct err *e)
{
    struct regf_subkeys it;
    struct regf_key sub;
    struct err one = {0}, first = {0};
    enum regf_answer answer, result = REGF_ABSENT;
    if (!regf_subkeys_begin(r, k, &it, e))
        return REGF_BAD;
    while ((answer = regf_subkeys_next(r, &it, &sub, &one)) != REGF_ABSENT) {
        struct regf_name n;
        if (answer == REGF_FOUND && !regf_name_of_key(r, sub.cell, &n, &one))
            answer = REGF_BAD;
        if (answer == REGF_BAD) {
            if (result != REGF_BAD)
                first = one;
            result = REGF_BAD;
        } else if (regf_name_is(n, name)) {
            *out = sub;
            return REGF_FOUND;
        }
        one.kind = ERR_NONE;
    }
    if (result == REGF_BAD)
        err_set(e, first.kind, first.at, "%s", first.text);
    return result;
}

enum regf_answer regf_subkey(const struct regf *r, const struct regf_key *k, struct str name,
                             struct regf_key *out, struct err *e)
{
    uint32_t cell = 0;
    if (k->subkeys == 0)
        return REGF_ABSENT;
    struct search s = {.r = r,
                       .parent = k->cell,
                       .name = name,
                       .hash = hash_of_text(name),
                       .left = visit_budget(r),
                       .ascii = true};
    for (size_t i = 0; i < name.len; i++)
        s.ascii = s.ascii && (uint8_t)name.ptr[i] < 0x80;
    if (!list_of_key(r, k, &cell, e))
        return REGF_BAD;
    switch (search_lists(&s, cell, out)) {
    case LEAF_FOUND:
        return REGF_FOUND;
    case LEAF_ABSENT:
        if (s.looked_at >= k->subkeys)
            return REGF_ABSENT;
        break;
    case LEAF_UNSURE:
        break;
    }
    return search_all(r, k, name, out, e);
}
