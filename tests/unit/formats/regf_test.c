/* Hives built by hand: what a sound one holds, and what each defect is called. */
#include "formats/regf.h"

#include "base/utf16.h"
#include "check.h"
#include "hive_builder.h"

struct fixture {
    struct hb b;
    struct regf hive;
    struct arena a;
    struct regf_key root;
    struct err e;
};

static void open_hive(struct fixture *f, uint32_t root)
{
    f->e = (struct err){0};
    arena_init(&f->a, 1 << 20);
    CHECK(regf_open(hb_end(&f->b, root, 7, 7), &f->hive, &f->e));
    CHECK(regf_root(&f->hive, &f->root, &f->e));
}

static void done(struct fixture *f)
{
    arena_done(&f->a);
    hb_done(&f->b);
}

static enum regf_answer path(struct fixture *f, const char *p, struct regf_key *out)
{
    f->e = (struct err){0};
    return regf_path(&f->hive, str_of(p), out, &f->e);
}

TEST(sample_hive)
{
    static const uint32_t minors[] = {1, 2, 3, 4, 5, 6};
    for (size_t i = 0; i < 6; i++) {
        struct fixture f = {0};
        struct regf_key k;
        struct regf_value v;
        struct str text;
        struct span data;
        struct span file = hb_sample(&f.b, minors[i]);
        arena_init(&f.a, 1 << 20);
        CHECK(regf_open(file, &f.hive, &f.e));
        CHECK(!f.hive.info.dirty && f.hive.info.checksum_ok && !f.hive.info.truncated);
        CHECK(path(&f, "BETA\\Deep", &k) == REGF_FOUND);
        CHECK(regf_key_name(&f.hive, &k, &f.a, &text, &f.e));
        CHECK_STR(text, "deep");
        CHECK(regf_key_class(&f.hive, &k, &f.a, &text, &f.e));
        CHECK_STR(text, "Class");
        CHECK(regf_value(&f.hive, &k, STR("NUMBER"), &v, &f.e) == REGF_FOUND);
        CHECK(regf_value_data(&f.hive, &v, &f.a, &data, &f.e));
        CHECK(v.resident && v.type == REGF_DWORD && load_u32(data.ptr) == 0x01020304);
        CHECK(regf_value(&f.hive, &k, STR(""), &v, &f.e) == REGF_FOUND);
        CHECK_U64(v.size, 10);
        CHECK(regf_value(&f.hive, &k, STR("two"), &v, &f.e) == REGF_FOUND);
        CHECK(regf_value_data(&f.hive, &v, &f.a, &data, &f.e));
        CHECK(data.len == 2 && data.ptr[0] == 0xEF && data.ptr[1] == 0xBE);
        CHECK(regf_value(&f.hive, &k, STR("big"), &v, &f.e) == REGF_FOUND);
        CHECK(regf_value_data(&f.hive, &v, &f.a, &data, &f.e));
        CHECK_U64(data.len, minors[i] > 3 ? 20000 : 300);
        for (size_t n = 0; n < data.len; n++)
            if (data.ptr[n] != (uint8_t)(n * 7)) {
                CHECK(data.ptr[n] == (uint8_t)(n * 7)); /* once is enough */
                break;
            }
        CHECK(regf_value(&f.hive, &k, STR("none"), &v, &f.e) == REGF_ABSENT);
        CHECK(path(&f, "beta\\none", &k) == REGF_ABSENT);
        CHECK(path(&f, "", &k) == REGF_FOUND && k.cell == f.hive.root);
        CHECK(f.e.kind == ERR_NONE);
        done(&f);
    }
}

/* Every list kind, alone and under an index root, finds what it holds and nothing else. */
TEST(every_list_kind)
{
    static const char *const kinds[] = {"li", "lf", "lh"};
    static const char *const names[] = {"Abc", "abcd", "abcde", "ABCDF", "x"};
    for (size_t n = 0; n < 6; n++) {
        struct fixture f = {0};
        uint32_t keys[5], list;
        struct regf_key k;
        hb_begin(&f.b, 5);
        uint32_t root = hb_key(&f.b, 0, "R");
        for (int i = 0; i < 5; i++)
            keys[i] = hb_key(&f.b, root, names[i]);
        if (n < 3) {
            list = hb_list(&f.b, kinds[n], keys, names, 5);
        } else {
            uint32_t leaf[2] = {hb_list(&f.b, kinds[n - 3], keys, names, 2),
                                hb_list(&f.b, kinds[n - 3], keys + 2, names + 2, 3)};
            list = hb_list(&f.b, "ri", leaf, NULL, 2);
        }
        hb_set_subkeys(&f.b, root, list, 5);
        open_hive(&f, root);
        for (int i = 0; i < 5; i++) {
            CHECK(path(&f, names[i], &k) == REGF_FOUND);
            CHECK_U64(k.cell, keys[i]);
        }
        CHECK(path(&f, "aBC", &k) == REGF_FOUND && k.cell == keys[0]);
        CHECK(path(&f, "ab", &k) == REGF_ABSENT);
        CHECK(path(&f, "abcdg", &k) == REGF_ABSENT);
        CHECK(path(&f, "", &k) == REGF_FOUND);
        CHECK(path(&f, "\\", &k) == REGF_ABSENT);
        done(&f);
    }
}

/* A writer that leaves the hints empty or wrong, or the names unsorted, hides no key. */
TEST(wrong_hints_hide_nothing)
{
    static const char *const kinds[] = {"li", "lf", "lh"};
    static const char *const names[] = {"one", "two", "three", "four"};
    static const char *const wrong[] = {"aaaa", "bbbb", "cccc", "dddd"};
    for (size_t n = 0; n < 6; n++) {
        struct fixture f = {0};
        uint32_t keys[4];
        struct regf_key k;
        hb_begin(&f.b, 5);
        uint32_t root = hb_key(&f.b, 0, "R");
        for (int i = 0; i < 4; i++)
            keys[i] = hb_key(&f.b, root, names[i]);
        hb_set_subkeys(&f.b, root, hb_list(&f.b, kinds[n % 3], keys, n < 3 ? NULL : wrong, 4), 4);
        open_hive(&f, root);
        for (int i = 0; i < 4; i++)
            CHECK(path(&f, names[i], &k) == REGF_FOUND && k.cell == keys[i]);
        CHECK(path(&f, "five", &k) == REGF_ABSENT);
        done(&f);
    }
}

/* Latin-1 and UTF-16 names, a lone surrogate, and Windows' case rule beyond ASCII. */
TEST(names)
{
    struct fixture f = {0};
    struct regf_key k;
    struct str text;
    hb_begin(&f.b, 5);
    uint32_t root = hb_key(&f.b, 0, "R");
    uint32_t keys[2] = {hb_key(&f.b, root, "\xC4xx"), hb_key(&f.b, root, "1234")};
    uint8_t *wide = hb_data(&f.b, keys[1]);
    hb_u16(wide + 2, 0);
    hb_u16(wide + 72, 6);
    hb_u16(wide + 76, 0x30A2);
    hb_u16(wide + 78, 0xD800);
    hb_u16(wide + 80, 0x0436);
    hb_set_subkeys(&f.b, root, hb_list(&f.b, "lh", keys, NULL, 2), 2);
    open_hive(&f, root);
    CHECK(path(&f, "\xC3\xA4XX", &k) == REGF_FOUND && k.cell == keys[0]);
    CHECK(regf_key_name(&f.hive, &k, &f.a, &text, &f.e));
    CHECK_STR(text, "\xC3\x84xx");
    CHECK(path(&f, "\xE3\x82\xA2\xED\xA0\x80\xD0\x96", &k) == REGF_FOUND && k.cell == keys[1]);
    CHECK(regf_key_name(&f.hive, &k, &f.a, &text, &f.e));
    CHECK_STR(text, "\xE3\x82\xA2\xED\xA0\x80\xD0\xB6");
    CHECK(path(&f, "\xE3\x82\xA2\xEF\xBF\xBD\xD0\x96", &k) == REGF_ABSENT);
    done(&f);
}

/* A walk gives this many keys and failures, and ends. */
static void check_walk(struct fixture *f, size_t found, size_t bad)
{
    struct regf_subkeys it;
    struct regf_key k;
    size_t have = 0, failed = 0;
    struct err e = {0};
    CHECK(regf_subkeys_begin(&f->hive, &f->root, &it, &e));
    for (enum regf_answer got; (got = regf_subkeys_next(&f->hive, &it, &k, &e)) != REGF_ABSENT &&
                               have + failed < 99999;) {
        have += got == REGF_FOUND;
        failed += got == REGF_BAD;
        CHECK(got == REGF_FOUND || e.kind != ERR_NONE);
        e = (struct err){0};
    }
    CHECK_U64(have, found);
    CHECK_U64(failed, bad);
}

TEST(damaged_elements_are_told)
{
    static const char *const names[] = {"a", "b", "c"};
    struct fixture f = {0};
    uint32_t keys[3];
    struct regf_key k;
    hb_begin(&f.b, 5);
    uint32_t root = hb_key(&f.b, 0, "R");
    for (int i = 0; i < 3; i++)
        keys[i] = hb_key(&f.b, root, names[i]);
    uint32_t list = hb_list(&f.b, "lh", keys, names, 3);
    hb_set_subkeys(&f.b, root, list, 3);
    hb_u32(hb_data(&f.b, list) + 12, 0x7770); /* b's cell */
    open_hive(&f, root);
    check_walk(&f, 2, 1);
    CHECK(path(&f, "c", &k) == REGF_FOUND);
    CHECK(path(&f, "b", &k) == REGF_BAD && f.e.at == 4096 + 0x7770);
    /* Any other name might have been the damaged one. */
    CHECK(path(&f, "zz", &k) == REGF_BAD);
    hb_u32(hb_data(&f.b, list) + 12, UINT32_MAX);
    check_walk(&f, 2, 1);
    /* A freed key, and one that belongs to another parent. */
    hb_u32(hb_data(&f.b, list) + 12, keys[1]);
    hb_u32(f.b.file + HB_BASE + keys[1], 0x60);
    check_walk(&f, 2, 1);
    hb_u32(f.b.file + HB_BASE + keys[1], 0u - 0x58u);
    hb_u32(hb_data(&f.b, keys[1]) + 16, keys[0]);
    check_walk(&f, 2, 1);
    CHECK(path(&f, "b", &k) == REGF_BAD);
    done(&f);
}

/* Fewer subkeys than the key claims: what is not there may not be called absent. */
TEST(short_lists_are_damage)
{
    static const char *const names[] = {"a", "b"};
    struct fixture f = {0};
    struct regf_key k;
    uint32_t keys[2];
    hb_begin(&f.b, 5);
    uint32_t root = hb_key(&f.b, 0, "R");
    for (int i = 0; i < 2; i++)
        keys[i] = hb_key(&f.b, root, names[i]);
    uint32_t list = hb_list(&f.b, "lf", keys, names, 2);
    hb_set_subkeys(&f.b, root, list, 3);
    open_hive(&f, root);
    check_walk(&f, 2, 1);
    CHECK(path(&f, "a", &k) == REGF_FOUND);
    CHECK(path(&f, "c", &k) == REGF_BAD);
    /* A count that its cell cannot hold. */
    hb_u16(hb_data(&f.b, list) + 2, 5000);
    check_walk(&f, 2, 1);
    CHECK(path(&f, "c", &k) == REGF_BAD);
    /* No list at all. */
    hb_set_subkeys(&f.b, root, UINT32_MAX, 3);
    check_walk(&f, 0, 1);
    CHECK(path(&f, "c", &k) == REGF_BAD);
    done(&f);
}

/* Index roots that hold themselves, keys that hold their parent, lists that repeat: all end. */
TEST(cycles_end)
{
    static const char *const names[] = {"a"};
    struct fixture f = {0};
    struct regf_key k;
    struct regf_subkeys it;
    struct err e = {0};
    hb_begin(&f.b, 5);
    uint32_t root = hb_key(&f.b, 0, "R"), key = hb_key(&f.b, root, "a");
    uint32_t leaf = hb_list(&f.b, "lh", &key, names, 1);
    uint32_t many[400];
    for (int i = 0; i < 400; i++)
        many[i] = leaf;
    uint32_t list = hb_list(&f.b, "ri", many, NULL, 400);
    hb_set_subkeys(&f.b, root, list, 400);
    hb_set_subkeys(&f.b, key, hb_list(&f.b, "lh", &root, names, 1), 1);
    open_hive(&f, root);
    CHECK(path(&f, "b", &k) == REGF_BAD);
    CHECK(regf_subkeys_begin(&f.hive, &f.root, &it, &e));
    size_t steps = 0;
    enum regf_answer got;
    while ((got = regf_subkeys_next(&f.hive, &it, &k, &e)) == REGF_FOUND)
        steps++;
    CHECK(got == REGF_BAD && steps < 200);
    CHECK(regf_subkeys_next(&f.hive, &it, &k, &e) == REGF_ABSENT);
    CHECK(path(&f, "a", &k) == REGF_FOUND);
    CHECK(path(&f, "a\\R", &k) == REGF_BAD);
    for (uint32_t i = 0; i < 400; i++)
        hb_u32(hb_data(&f.b, list) + 4 + i * 4, list);
    CHECK(path(&f, "a", &k) == REGF_BAD);
    done(&f);
}

TEST(values_and_their_damage)
{
    struct fixture f = {0};
    struct regf_value v;
    struct span data;
    hb_begin(&f.b, 5);
    uint32_t root = hb_key(&f.b, 0, "R"), cell = hb_bytes(&f.b, "12345678", 8);
    uint32_t values[5] = {
        hb_value(&f.b, "ok", 3, 8, cell),
        hb_value(&f.b, "long", 3, 13, cell),
        hb_value(&f.b, "resident", 4, 0x80000005u, 0),
        hb_value(&f.b, "empty", 1, 0, UINT32_MAX),
        hb_value(&f.b, "notdb", 3, 16345, cell),
    };
    hb_values(&f.b, root, values, 5);
    open_hive(&f, root);
    CHECK(regf_value(&f.hive, &f.root, STR("OK"), &v, &f.e) == REGF_FOUND);
    CHECK(regf_value_data(&f.hive, &v, &f.a, &data, &f.e) && data.len == 8);
    static const char *const bad[] = {"long", "resident", "notdb"};
    for (int i = 0; i < 3; i++) {
        f.e = (struct err){0};
        CHECK(regf_value(&f.hive, &f.root, str_of(bad[i]), &v, &f.e) == REGF_FOUND);
        CHECK(!regf_value_data(&f.hive, &v, &f.a, &data, &f.e) && f.e.kind == ERR_FORMAT);
    }
    f.e = (struct err){0};
    CHECK(regf_value(&f.hive, &f.root, STR("empty"), &v, &f.e) == REGF_FOUND);
    CHECK(regf_value_data(&f.hive, &v, &f.a, &data, &f.e) && data.len == 0);
    /* A value cell that is none hides the name: no longer absent, but unreadable. */
    CHECK(regf_value(&f.hive, &f.root, STR("none"), &v, &f.e) == REGF_ABSENT);
    memcpy(hb_data(&f.b, values[1]), "xx", 2);
    CHECK(regf_value(&f.hive, &f.root, STR("none"), &v, &f.e) == REGF_BAD);
    f.e = (struct err){0};
    CHECK(regf_value(&f.hive, &f.root, STR("resident"), &v, &f.e) == REGF_FOUND);
    CHECK(f.e.kind == ERR_NONE);
    done(&f);
}

TEST(value_counts_are_bounded)
{
    struct fixture f = {0};
    struct regf_value v;
    hb_begin(&f.b, 5);
    uint32_t root = hb_key(&f.b, 0, "R");
    uint32_t value = hb_value(&f.b, "v", 4, 0x80000004u, 1);
    uint32_t list = hb_values(&f.b, root, &value, 1);
    hb_set_values(&f.b, root, list, 4000000000u);
    open_hive(&f, root);
    CHECK_U64(f.root.values, 2);
    CHECK(regf_value_at(&f.hive, &f.root, 0, &v, &f.e) == REGF_FOUND);
    CHECK(regf_value_at(&f.hive, &f.root, 1, &v, &f.e) == REGF_BAD);
    CHECK(regf_value(&f.hive, &f.root, STR("x"), &v, NULL) == REGF_BAD);
    /* Under KEY_PREDEF_HANDLE the count is a handle. */
    hb_u16(hb_data(&f.b, root) + 2, 0x60);
    CHECK(regf_root(&f.hive, &f.root, &f.e));
    CHECK_U64(f.root.values, 0);
    done(&f);
}

TEST(big_data_damage)
{
    struct fixture f = {0};
    static uint8_t bytes[40000];
    struct regf_value v;
    struct span data;
    hb_begin(&f.b, 5);
    uint32_t root = hb_key(&f.b, 0, "R"), db = hb_big(&f.b, bytes, sizeof bytes);
    uint32_t value = hb_value(&f.b, "v", 3, sizeof bytes, db);
    hb_values(&f.b, root, &value, 1);
    open_hive(&f, root);
    CHECK(regf_value(&f.hive, &f.root, STR("v"), &v, &f.e) == REGF_FOUND);
    CHECK(regf_value_data(&f.hive, &v, &f.a, &data, &f.e) && data.len == sizeof bytes);
    static const uint32_t sizes[] = {49033, 0x7FFFFFFF, 49032};
    for (int i = 0; i < 3; i++) {
        v.size = sizes[i];
        f.e = (struct err){0};
        CHECK(!regf_value_data(&f.hive, &v, &f.a, &data, &f.e) && f.e.kind == ERR_FORMAT);
    }
    v.size = sizeof bytes;
    hb_u16(hb_data(&f.b, db) + 2, 2);
    CHECK(!regf_value_data(&f.hive, &v, &f.a, &data, &f.e));
    hb_u16(hb_data(&f.b, db) + 2, 3);
    hb_u32(hb_data(&f.b, db) + 4, db);
    CHECK(!regf_value_data(&f.hive, &v, &f.a, &data, &f.e));
    /* An arena that is full is an error, not empty data. */
    struct arena small;
    arena_init(&small, 1000);
    hb_u32(hb_data(&f.b, db) + 4, load_u32(hb_data(&f.b, value) + 8));
    f.e = (struct err){0};
    CHECK(!regf_value_data(&f.hive, &v, &small, &data, &f.e) && f.e.kind != ERR_NONE);
    arena_done(&small);
    done(&f);
}

/* A cell in a bin whose header is gone, or that reaches over the end of its bin. */
TEST(cells_belong_to_bins)
{
    static const char *const names[] = {"a"};
    struct fixture f = {0};
    struct regf_key k;
    hb_begin(&f.b, 5);
    uint32_t root = hb_key(&f.b, 0, "R");
    uint32_t list = hb_cell(&f.b, 12);
    hb_bin(&f.b, 4096);
    uint32_t key = hb_key(&f.b, root, "a");
    uint8_t *p = hb_data(&f.b, list);
    memcpy(p, "lh\1\0", 4);
    hb_u32(p + 4, key);
    hb_u32(p + 8, hb_hash(names[0]));
    hb_set_subkeys(&f.b, root, list, 1);
    open_hive(&f, root);
    CHECK(path(&f, "a", &k) == REGF_FOUND);
    f.b.file[HB_BASE + 4096] = 'g';
    CHECK(path(&f, "a", &k) == REGF_BAD);
    f.b.file[HB_BASE + 4096] = 'h';
    hb_u32(f.b.file + HB_BASE + key, 0u - 8000u);
    CHECK(path(&f, "a", &k) == REGF_BAD);
    done(&f);
}

TEST(base_blocks_that_are_none)
{
    struct hb b;
    struct regf r;
    struct span s = hb_sample(&b, 5);
    struct err e = {0};
    CHECK(regf_open(s, &r, &e));
    CHECK(!regf_open((struct span){s.ptr, 4096}, &r, &e) && e.kind == ERR_FORMAT);
    static const struct {
        uint32_t at, value;
        enum err_kind kind;
    } change[] = {
        {0, 0x66676572 + 1, ERR_FORMAT}, {20, 2, ERR_UNSUPPORTED}, {24, 7, ERR_UNSUPPORTED},
        {24, 0, ERR_UNSUPPORTED},        {28, 6, ERR_FORMAT},      {4096, 0, ERR_FORMAT}};
    for (size_t i = 0; i < sizeof change / sizeof *change; i++) {
        uint32_t old = load_u32(b.file + change[i].at);
        e = (struct err){0};
        hb_u32(b.file + change[i].at, change[i].value);
        CHECK(!regf_open(s, &r, &e));
        CHECK_U64(e.kind, change[i].kind);
        hb_u32(b.file + change[i].at, old);
    }
    hb_u32(b.file + 40, 0x7FFFF000);
    e = (struct err){0};
    CHECK(regf_open(s, &r, &e) && r.info.dirty && !r.info.truncated); /* checksum does not fit */
    hb_u32(b.file + 508, hb_checksum(b.file));
    CHECK(regf_open(s, &r, &e) && !r.info.dirty && r.info.truncated);
    hb_done(&b);
}

/* Everything that can be read from a key on; counts of readable things may only shrink. */
struct seen {
    size_t keys, values, bad;
};

static void walk_all(const struct regf *r, const struct regf_key *k, struct arena *a, int depth,
                     struct seen *seen)
{
    struct regf_subkeys it;
    struct regf_key sub;
    struct err e = {0};
    struct str text;
    if (depth == 0 || ++seen->keys > 1000)
        return;
    seen->bad += !regf_key_name(r, k, a, &text, &e);
    seen->bad += !regf_key_class(r, k, a, &text, &e);
    for (uint32_t i = 0; i < k->values; i++) {
        struct regf_value v;
        struct span data;
        bool ok = regf_value_at(r, k, i, &v, &e) == REGF_FOUND &&
                  regf_value_name(r, &v, a, &text, &e) && regf_value_data(r, &v, a, &data, &e);
        seen->values += ok;
        seen->bad += !ok;
    }
    if (!regf_subkeys_begin(r, k, &it, &e)) {
        seen->bad++;
        return;
    }
    for (enum regf_answer got; (got = regf_subkeys_next(r, &it, &sub, &e)) != REGF_ABSENT;) {
        if (got == REGF_FOUND)
            walk_all(r, &sub, a, depth - 1, seen);
        seen->bad += got == REGF_BAD;
    }
}

static struct seen walk_file(struct span s)
{
    struct regf r;
    struct regf_key root;
    struct seen seen = {0};
    struct arena a;
    struct err e = {0};
    arena_init(&a, 4 << 20);
    if (regf_open(s, &r, &e) && regf_root(&r, &root, &e))
        walk_all(&r, &root, &a, 20, &seen);
    else
        seen.bad = 1;
    arena_done(&a);
    return seen;
}

/* At every length: no byte read past the end, and either all is there or damage is told. */
TEST(truncation_at_every_length)
{
    static const uint32_t minors[] = {1, 3, 5};
    for (size_t m = 0; m < 3; m++) {
        struct hb b;
        struct span s = hb_sample(&b, minors[m]);
        struct seen all = walk_file(s);
        CHECK(all.keys == 5 && all.values == 4 && all.bad == 0);
        for (size_t len = 0; len < s.len; len += len < 5200 || len > s.len - 600 ? 1 : 13) {
            uint8_t *exact = malloc(len ? len : 1);
            if (len)
                memcpy(exact, s.ptr, len);
            struct seen part = walk_file((struct span){exact, len});
            /* Nothing is gone without a word. */
            CHECK(part.bad != 0 || (part.keys == 5 && part.values == 4));
            free(exact);
        }
        hb_done(&b);
    }
}

TEST(bit_flips)
{
    struct hb b;
    struct span s = hb_sample(&b, 5);
    for (size_t at = 0; at < 4096 + 2000; at++) {
        if (at == 512)
            at = 4096;
        for (int bit = 0; bit < 8; bit++) {
            b.file[at] ^= (uint8_t)(1u << bit);
            struct seen seen = walk_file(s);
            CHECK(seen.keys <= 1001);
            b.file[at] ^= (uint8_t)(1u << bit);
        }
    }
    hb_done(&b);
}

TEST(type_names)
{
    CHECK(strcmp(regf_type_name(REGF_MULTI_SZ), "REG_MULTI_SZ") == 0);
    CHECK(strcmp(regf_type_name(11), "REG_QWORD") == 0);
    CHECK(regf_type_name(12) == NULL && regf_type_name(0x80000001u) == NULL);
}

TEST_MAIN()
