/* Edits of any bytes as a hive.  Oracle: an edit is refused with a reason, or the result opens,
 * reads as asked, and every key and value that was there reads as before (compared here by a walk
 * of its own, in stored order). */
#include <stdlib.h>

#include "formats/regf_cell.h"
#include "formats/regf_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEYS = 400, DEPTH = 20 };

struct pair {
    struct regf old, new;
    struct arena a;
    size_t left;
};

static bool is_new(struct str name)
{
    return name.len == 5 && memcmp(name.ptr, "fuzz-", 5) == 0;
}

static void same_value(struct pair *p, const struct regf_key *was, const struct regf_key *is,
                       const struct regf_value *v)
{
    struct regf_value w;
    struct str name;
    struct span x, y;
    struct err e = {0};
    arena_reset(&p->a);
    if (!regf_value_name(&p->old, v, &p->a, &name, &e) || is_new(name) ||
        !regf_value_data(&p->old, v, &p->a, &x, &e))
        return;
    /* Twins of a name: the first is what both give. */
    if (regf_value(&p->old, was, name, &w, &e) != REGF_FOUND || w.cell != v->cell)
        return;
    BUG_ON(regf_value(&p->new, is, name, &w, &e) != REGF_FOUND);
    BUG_ON(w.type != v->type || !regf_value_data(&p->new, &w, &p->a, &y, &e) || !span_eq(x, y));
}

/* Keys keep their cells, so that a key of the old hive is one of the new. */
static void same_key(struct pair *p, const struct regf_key *was, int depth)
{
    struct regf_subkeys it;
    struct regf_key sub, again, is;
    struct err e = {0};
    if (p->left == 0 || depth == 0)
        return;
    p->left--;
    BUG_ON(!regf_key_at(&p->new, was->cell, REGF_NIL, &is, &e));
    for (uint32_t i = 0; i < was->values && i < 64; i++) {
        struct regf_value v;
        if (regf_value_at(&p->old, was, i, &v, &e) == REGF_FOUND)
            same_value(p, was, &is, &v);
    }
    if (!regf_subkeys_begin(&p->old, was, &it, &e))
        return;
    for (;;) {
        struct str name;
        enum regf_answer got = regf_subkeys_next(&p->old, &it, &sub, &e);
        if (got == REGF_ABSENT)
            return;
        arena_reset(&p->a);
        if (got != REGF_FOUND || !regf_key_name(&p->old, &sub, &p->a, &name, &e) || is_new(name) ||
            regf_subkey(&p->old, was, name, &again, &e) != REGF_FOUND || again.cell != sub.cell)
            continue;
        BUG_ON(regf_subkey(&p->new, &is, name, &again, &e) != REGF_FOUND);
        BUG_ON(again.cell != sub.cell);
        same_key(p, &sub, depth - 1);
    }
}

static void explained(bool ok, struct err *e)
{
    BUG_ON(!ok && (e->kind == ERR_NONE || e->text[0] == '\0'));
    *e = (struct err){0};
}

static bool edit(struct regf_edit *ed, uint8_t choice, struct err *e)
{
    static const uint8_t big[20000];
    static const char *const keys[] = {"", "Alpha", "Beta\\deep", "fuzz-\\x\\y", "Many"};
    struct str key = str_of(keys[choice % 5]);
    size_t len = choice & 0x80 ? sizeof big : choice % 9u;
    return regf_edit_set(ed, key, STR("fuzz-"), choice, span_of(big, len), e) &&
           (choice & 0x40 || regf_edit_set(ed, STR("fuzz-"), STR(""), 1, span_of("ab", 2), e)) &&
           (choice & 0x20 || regf_edit_delete(ed, key, STR("fuzz-"), e)) &&
           (choice & 0x10 || regf_edit_drop_key(ed, STR("fuzz-\\x\\y"), e));
}

/* The base block made whole, so that changes elsewhere get past it. */
static void repair(uint8_t *base)
{
    uint32_t x = 0;
    memcpy(base + 8, base + 4, 4);
    for (size_t i = 0; i < 508; i += 4)
        x ^= load_u32(base + i);
    x = x == 0 ? 1 : x == UINT32_MAX ? UINT32_MAX - 1 : x;
    for (int i = 0; i < 4; i++)
        base[508 + i] = (uint8_t)(x >> (8 * i));
}

static void compare(struct span before, struct span after)
{
    struct pair p = {.left = KEYS};
    struct regf_key root;
    struct err e = {0};
    arena_init(&p.a, 16 << 20);
    BUG_ON(!regf_open(before, &p.old, &e) || !regf_open(after, &p.new, &e));
    BUG_ON(p.new.info.dirty || p.new.info.truncated);
    BUG_ON(!regf_root(&p.old, &root, &e));
    same_key(&p, &root, DEPTH);
    arena_done(&p.a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct regf_edit ed;
    struct err e = {0};
    struct span out;
    uint8_t choice = 0, *copy = malloc(size ? size : 1);
    BUG_ON(!copy);
    for (size_t i = 0; i < size; i++)
        choice = (uint8_t)(choice + data[i]);
    if (size)
        memcpy(copy, data, size);
    if (size >= 4096 && choice != 0)
        repair(copy);
    bool ok = regf_edit_begin(&ed, span_of(copy, size), 1, &e) && edit(&ed, choice, &e) &&
              regf_edit_finish(&ed, &out, &e);
    explained(ok, &e);
    if (ok)
        compare(span_of(copy, size), out);
    regf_edit_done(&ed);
    free(copy);
    return 0;
}
