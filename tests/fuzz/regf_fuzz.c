/* Any bytes as a hive: every key, name, class, value and its data, and lookups by name.  Oracle: a
 * failure explains itself, an answer is one of three, and walks end. */
#include "formats/regf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
    struct regf hive;
    struct arena a;
    size_t keys_left;
};

static void explained(bool ok, struct err *e)
{
    BUG_ON(!ok && (e->kind == ERR_NONE || e->text[0] == '\0'));
    *e = (struct err){0};
}

static void values(struct fuzz *f, const struct regf_key *k)
{
    struct err e = {0};
    size_t bad = 0;
    for (uint32_t i = 0; i < k->values && bad < 64; i++) {
        struct regf_value v, again;
        struct str name;
        struct span data;
        enum regf_answer got = regf_value_at(&f->hive, k, i, &v, &e);
        BUG_ON(got == REGF_ABSENT);
        explained(got == REGF_FOUND, &e);
        bad += got == REGF_BAD;
        if (got != REGF_FOUND)
            continue;
        bool named = regf_value_name(&f->hive, &v, &f->a, &name, &e);
        explained(named, &e);
        bool ok = regf_value_data(&f->hive, &v, &f->a, &data, &e);
        explained(ok, &e);
        BUG_ON(ok && data.len != v.size);
        if (named && i < 16) {
            got = regf_value(&f->hive, k, name, &again, &e);
            BUG_ON(got == REGF_ABSENT);
            explained(got == REGF_FOUND, &e);
        }
    }
    BUG_ON(regf_value_at(&f->hive, k, k->values, &(struct regf_value){0}, &e) != REGF_ABSENT);
}

static void key(struct fuzz *f, const struct regf_key *k, int depth)
{
    struct regf_subkeys it;
    struct regf_key sub, again;
    struct err e = {0};
    struct str text;
    if (f->keys_left == 0 || depth == 0)
        return;
    f->keys_left--;
    explained(regf_key_class(&f->hive, k, &f->a, &text, &e), &e);
    values(f, k);
    bool begun = regf_subkeys_begin(&f->hive, k, &it, &e);
    explained(begun, &e);
    for (size_t steps = 0; begun; steps++) {
        enum regf_answer got = regf_subkeys_next(&f->hive, &it, &sub, &e);
        BUG_ON(steps > f->hive.bins.len / 40 + 8);
        if (got == REGF_ABSENT)
            break;
        explained(got == REGF_FOUND, &e);
        if (got != REGF_FOUND)
            continue;
        bool named = regf_key_name(&f->hive, &sub, &f->a, &text, &e);
        explained(named, &e);
        if (named && steps < 16)
            explained(regf_subkey(&f->hive, k, text, &again, &e) != REGF_BAD, &e);
        key(f, &sub, depth - 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = {.keys_left = 300};
    struct regf_key k;
    struct err e = {0};
    arena_init(&f.a, 1 << 20);
    bool ok = regf_open((struct span){data, size}, &f.hive, &e);
    explained(ok, &e);
    if (ok) {
        ok = regf_root(&f.hive, &k, &e);
        explained(ok, &e);
        if (ok)
            key(&f, &k, 24);
        explained(regf_path(&f.hive, STR("Beta\\deep"), &k, &e) != REGF_BAD, &e);
    }
    arena_done(&f.a);
    return 0;
}
