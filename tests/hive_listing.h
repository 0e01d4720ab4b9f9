/* A whole hive as the corpus' listings have it: sorted lines `KEY\n` for every key and
 * `KEY\tVALUE\tTYPE\tsha256(data)\n` for every value, names escaped. */
#pragma once

#include "base/digest.h"
#include "check.h"
#include "formats/regf.h"

struct listing {
    const struct regf *hive;
    struct sb text; /* lines in the order of the walk */
    struct arena a;
    size_t keys, values, damaged;
    struct err first; /* the first damage */
};

/* Controls, % and \ become %XX, lone surrogates %uXXXX. */
static inline void listing_escape(struct sb *b, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 32 || c == 127 || c == '%' || c == '\\')
            sb_printf(b, "%%%02X", c);
        else if (c == 0xED && i + 2 < s.len && (unsigned char)s.ptr[i + 1] >= 0xA0) {
            sb_printf(b, "%%u%04X",
                      0xD000u | ((unsigned)s.ptr[i + 1] & 63) << 6 | ((unsigned)s.ptr[i + 2] & 63));
            i += 2;
        } else
            sb_putc(b, (char)c);
    }
}

static inline void listing_damage(struct listing *l, struct err *e)
{
    if (l->damaged++ == 0)
        l->first = *e;
    *e = (struct err){0};
}

static inline void listing_values(struct listing *l, const struct regf_key *k, struct str path)
{
    struct err e = {0};
    for (uint32_t i = 0; i < k->values; i++) {
        struct regf_value v;
        struct str name;
        struct span data;
        char hex[SHA256_HEX];
        if (regf_value_at(l->hive, k, i, &v, &e) != REGF_FOUND ||
            !regf_value_name(l->hive, &v, &l->a, &name, &e) ||
            !regf_value_data(l->hive, &v, &l->a, &data, &e) || !sha256_hex(data, hex, &e)) {
            listing_damage(l, &e);
            continue;
        }
        l->values++;
        sb_str(&l->text, path);
        sb_putc(&l->text, '\t');
        listing_escape(&l->text, name);
        sb_printf(&l->text, "\t%u\t%s\n", v.type, hex);
    }
}

static inline void listing_key(struct listing *l, const struct regf_key *k, struct str path,
                               int depth)
{
    struct err e = {0};
    struct regf_subkeys it;
    struct regf_key sub;
    l->keys++;
    sb_str(&l->text, path);
    sb_putc(&l->text, '\n');
    listing_values(l, k, path);
    if (depth == 0 || !regf_subkeys_begin(l->hive, k, &it, &e)) {
        listing_damage(l, &e);
        return;
    }
    for (enum regf_answer got; (got = regf_subkeys_next(l->hive, &it, &sub, &e)) != REGF_ABSENT;) {
        struct str name;
        if (got == REGF_BAD || !regf_key_name(l->hive, &sub, &l->a, &name, &e)) {
            listing_damage(l, &e);
            continue;
        }
        struct sb child;
        sb_init(&child, 1 << 20);
        sb_str(&child, path);
        if (path.len)
            sb_putc(&child, '\\');
        listing_escape(&child, name);
        listing_key(l, &sub, str_dup(&l->a, (struct str){child.ptr, child.len}), depth - 1);
        sb_done(&child);
    }
}

static int listing_order(const void *a, const void *b)
{
    const struct str *x = a, *y = b;
    return str_cmp(*x, *y);
}

/* Fills `l` and the digest of its sorted lines. */
static inline void listing_make(struct listing *l, const struct regf *hive, char hex[SHA256_HEX])
{
    struct regf_key root;
    struct err e = {0};
    *l = (struct listing){.hive = hive};
    arena_init(&l->a, ARENA_DEFAULT_CAP);
    sb_init(&l->text, 1u << 30);
    if (regf_root(hive, &root, &e))
        listing_key(l, &root, STR(""), 512);
    else
        listing_damage(l, &e);
    size_t lines = 0, n = 0;
    for (size_t i = 0; i < l->text.len; i++)
        lines += l->text.ptr[i] == '\n';
    struct str *line = ARENA_ARRAY(&l->a, lines, struct str);
    for (size_t i = 0, start = 0; line && i < l->text.len; i++)
        if (l->text.ptr[i] == '\n') {
            line[n++] = (struct str){l->text.ptr + start, i + 1 - start};
            start = i + 1;
        }
    if (n)
        qsort(line, n, sizeof *line, listing_order);
    struct sb sorted;
    sb_init(&sorted, 1u << 30);
    for (size_t i = 0; i < n; i++)
        sb_str(&sorted, line[i]);
    CHECK(!sorted.bad && !l->text.bad && !l->a.full);
    CHECK(sha256_hex((struct span){(const uint8_t *)(sorted.ptr ? sorted.ptr : ""), sorted.len},
                     hex, &e));
    sb_done(&sorted);
}

static inline void listing_done(struct listing *l)
{
    arena_done(&l->a);
    sb_done(&l->text);
}
