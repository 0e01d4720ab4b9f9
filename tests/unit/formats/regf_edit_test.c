/* Edits of generated hives: what was asked for reads so, all else as before, and the reverse edits
 * give the same listing. */
#include "base/utf16.h"
#include "formats/regf_cell.h"
#include "formats/regf_edit.h"
#include "hive_listing.h"
#include "hive_writer.h"

#define BEFORE UINT64_C(130000000000000000)
#define NOW UINT64_C(132000000000000000)
#define JAPANESE "\xe6\x97\xa5\xe6\x9c\xac" /* 日本 */
#define UMLAUT_LOW                                                                                 \
    "\xc3\xbc"                                                                                     \
    "ber" /* über */
#define UMLAUT_UP                                                                                  \
    "\xc3\x9c"                                                                                     \
    "BER"                        /* ÜBER */
#define GREEK "\xce\xb1\xce\xb2" /* αβ: beyond Latin-1 */

struct made {
    struct hive hive;
    struct sb image;
};

static void make(struct made *m, uint32_t minor, enum hive_list list, size_t children)
{
    hive_init(&m->hive, "\\??\\C:\\TEST", minor, BEFORE);
    m->hive.list = list;
    m->hive.sequence = 7;
    struct hive_key *k = hive_key(&m->hive, NULL, "Software\\Alpha");
    hive_sz(&m->hive, k, "", "default");
    hive_dword(&m->hive, k, "Number", 5);
    hive_sz(&m->hive, k, "Text", "some text");
    hive_sz(&m->hive, hive_key(&m->hive, NULL, "Software\\" UMLAUT_UP), GREEK, "x");
    hive_sz(&m->hive, hive_key(&m->hive, NULL, "Software\\" JAPANESE), "v", "y");
    k = hive_key(&m->hive, NULL, "Many");
    for (size_t i = 0; i < children; i++) {
        char name[32];
        snprintf(name, sizeof name, "Key %04zu", i * 2);
        hive_dword(&m->hive, hive_new_key(&m->hive, k, str_of(name)), "n", (uint32_t)i);
    }
    sb_init(&m->image, 64 << 20);
    hive_image(&m->hive, &m->image);
}

static void unmake(struct made *m)
{
    sb_done(&m->image);
    hive_done(&m->hive);
}

static struct span bytes_of(const struct made *m)
{
    return span_of(m->image.ptr, m->image.len);
}

static void digest(struct span bytes, char hex[SHA256_HEX])
{
    struct listing l;
    struct regf r;
    CHECK(regf_open(bytes, &r, NULL));
    listing_make(&l, &r, hex);
    CHECK_U64(l.damaged, 0);
    sb_done(&l.text);
    arena_done(&l.a);
}

static bool has(struct span bytes, const char *key, const char *name, uint32_t type,
                struct span want)
{
    struct regf r;
    struct regf_key k;
    struct regf_value v;
    struct span data;
    struct arena a;
    arena_init(&a, 64 << 20);
    bool ok = regf_open(bytes, &r, NULL) && regf_path(&r, str_of(key), &k, NULL) == REGF_FOUND &&
              regf_value(&r, &k, str_of(name), &v, NULL) == REGF_FOUND && v.type == type &&
              regf_value_data(&r, &v, &a, &data, NULL) && span_eq(data, want);
    arena_done(&a);
    return ok;
}

static bool finish(struct regf_edit *ed, struct span *out)
{
    struct err e = {0};
    bool ok = regf_edit_finish(ed, out, &e);
    if (!ok)
        fprintf(stderr, "finish: %s\n", e.text);
    return ok;
}

/* Base block, time of the root key, and that the bins fill the file. */
static void check_frame(struct span was, struct span is)
{
    struct regf x, y;
    struct regf_key a, b;
    CHECK(regf_open(was, &x, NULL) && regf_open(is, &y, NULL));
    CHECK(!y.info.dirty && !y.info.truncated && y.info.checksum_ok);
    CHECK_U64(y.info.sequence1, x.info.sequence1 + 1);
    CHECK_U64(y.info.last_written, x.info.last_written);
    CHECK(regf_root(&x, &a, NULL) && regf_root(&y, &b, NULL));
    CHECK_U64(b.last_written, a.last_written);
    CHECK_U64(y.bins.len + 4096, is.len);
    CHECK_U64(is.len % 4096, 0);
    CHECK(memcmp(was.ptr + 4096 + 32, is.ptr + 4096 + 32, 4) == 0);
}

static const size_t sizes[] = {0, 1, 4, 5, 4000, 16344, 16345, 32688, 32689, 200000};

static void values(uint32_t minor, enum hive_list list)
{
    struct made m;
    struct regf_edit ed, back;
    struct span out, undone;
    char before[SHA256_HEX], after[SHA256_HEX];
    static uint8_t data[200000];
    struct err e = {0};
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 31 + i / 251);
    make(&m, minor, list, 10);
    digest(bytes_of(&m), before);
    CHECK(regf_edit_begin(&ed, bytes_of(&m), NOW, &e));
    CHECK(finish(&ed, &out) && out.ptr == bytes_of(&m).ptr);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[32];
        snprintf(name, sizeof name, "size %zu", sizes[i]);
        CHECK(regf_edit_set(&ed, STR("software\\ALPHA\\New\\" JAPANESE), str_of(name), 3,
                            span_of(data, sizes[i]), &e));
    }
    CHECK(regf_edit_set(&ed, STR("Software\\Alpha"), STR("NUMBER"), 4, span_of("\6\0\0\0", 4), &e));
    CHECK(regf_edit_set(&ed, STR("Software\\Alpha"), STR(""), 1, span_of("n\0\0\0", 4), &e));
    CHECK(regf_edit_set(&ed, STR("Software\\Alpha"), STR("new"), 1, span_of("n\0\0\0", 4), &e));
    CHECK(regf_edit_set(&ed, STR("Software\\Alpha"), STR("new"), 1, span_of("longer\0", 7), &e));
    CHECK(regf_edit_delete(&ed, STR("Software\\Alpha"), STR("TEXT"), &e));
    CHECK(regf_edit_delete(&ed, STR("Software\\None"), STR("x"), &e));
    CHECK(finish(&ed, &out));
    check_frame(bytes_of(&m), out);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[32];
        snprintf(name, sizeof name, "SIZE %zu", sizes[i]);
        CHECK(has(out, "Software\\Alpha\\new\\" JAPANESE, name, 3, span_of(data, sizes[i])));
    }
    CHECK(has(out, "Software\\Alpha", "Number", 4, span_of("\6\0\0\0", 4)));
    CHECK(has(out, "Software\\Alpha", "new", 1, span_of("longer\0", 7)));
    CHECK(!has(out, "Software\\Alpha", "Text", 1, span_of("", 0)));
    digest(out, after);
    CHECK(strcmp(before, after) != 0);

    CHECK(regf_edit_begin(&back, out, NOW + 1, &e));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[32];
        snprintf(name, sizeof name, "size %zu", sizes[i]);
        CHECK(regf_edit_delete(&back, STR("Software\\Alpha\\New\\" JAPANESE), str_of(name), &e));
    }
    CHECK(regf_edit_drop_key(&back, STR("Software\\Alpha\\New\\" JAPANESE), &e));
    CHECK(regf_edit_drop_key(&back, STR("Software\\Alpha\\New"), &e));
    CHECK(regf_edit_drop_key(&back, STR("Software\\Alpha"), &e)); /* not empty: stays */
    CHECK(
        regf_edit_set(&back, STR("Software\\Alpha"), STR("number"), 4, span_of("\5\0\0\0", 4), &e));
    CHECK(regf_edit_delete(&back, STR("Software\\Alpha"), STR("new"), &e));
    struct span text = utf8_to_utf16(&m.hive.arena, STR("some text\0"));
    CHECK(regf_edit_set(&back, STR("Software\\Alpha"), STR("Text"), 1, text, &e));
    text = utf8_to_utf16(&m.hive.arena, STR("default\0"));
    CHECK(regf_edit_set(&back, STR("Software\\Alpha"), STR(""), 1, text, &e));
    CHECK(finish(&back, &undone));
    digest(undone, after);
    CHECK(strcmp(before, after) == 0);
    if (e.kind)
        fprintf(stderr, "1.%u: %s\n", minor, e.text);
    regf_edit_done(&back);
    regf_edit_done(&ed);
    unmake(&m);
}

TEST(values_of_all_sizes)
{
    values(3, HIVE_LF);
    values(3, HIVE_LI);
    values(5, HIVE_LH);
    values(5, HIVE_LF);
}

/* What Windows searches by: hashes of lh, first characters of lf, leaves of at most 507 keys. */
static size_t check_leaf(const struct regf *r, uint32_t cell)
{
    struct regf_list l;
    CHECK(regf_list_at(r, cell, true, &l, NULL) && !l.cut);
    CHECK(l.count > 0 && l.count <= (l.kind == REGF_LI ? 1100u : 507u));
    for (uint32_t i = 0; i < l.count && l.kind != REGF_LI; i++) {
        struct regf_name n;
        uint32_t want = 0, hint = load_u32(l.elements.ptr + (size_t)i * 8 + 4);
        CHECK(regf_name_of_key(r, regf_list_cell(&l, i), &n, NULL));
        for (size_t c = 0; c < 4 && c < n.bytes.len && n.compressed; c++)
            want |= (uint32_t)n.bytes.ptr[c] << (8 * c);
        CHECK(hint == (l.kind == REGF_LH ? regf_name_hash(n) : want));
    }
    return l.count;
}

static size_t check_lists(struct span bytes, const char *key)
{
    struct regf r;
    struct regf_key k;
    struct regf_list top;
    struct span nk;
    size_t listed = 0;
    CHECK(regf_open(bytes, &r, NULL) && regf_path(&r, str_of(key), &k, NULL) == REGF_FOUND);
    CHECK(regf_cell(&r, k.cell, &nk, NULL));
    if (k.subkeys == 0) {
        CHECK_U64(load_u32(nk.ptr + 28), UINT32_MAX);
        return 0;
    }
    uint32_t cell = load_u32(nk.ptr + 28);
    CHECK(regf_list_at(&r, cell, false, &top, NULL) && !top.cut);
    if (top.kind != REGF_RI)
        return check_leaf(&r, cell);
    for (uint32_t i = 0; i < top.count; i++)
        listed += check_leaf(&r, regf_list_cell(&top, i));
    return listed;
}

/* Many keys between those that are there, in an order of no order; lists split. */
static void many(uint32_t minor, enum hive_list list, size_t children, size_t added)
{
    struct made m;
    struct regf_edit ed, back;
    struct regf r;
    struct regf_key k, sub;
    struct regf_subkeys it;
    struct span out, undone;
    char before[SHA256_HEX], after[SHA256_HEX];
    struct err e = {0};
    make(&m, minor, list, children);
    digest(bytes_of(&m), before);
    CHECK(regf_edit_begin(&ed, bytes_of(&m), NOW, &e));
    for (size_t i = 0; i < added; i++) {
        char key[64];
        snprintf(key, sizeof key, "many\\kEY %04zu", i * 7919 % added * 2 + 1);
        CHECK(regf_edit_set(&ed, str_of(key), STR("n"), 4, span_of("\1\0\0\0", 4), &e));
    }
    CHECK(finish(&ed, &out));
    CHECK(regf_open(out, &r, NULL) && regf_path(&r, STR("Many"), &k, &e) == REGF_FOUND);
    CHECK_U64(k.subkeys, children + added);
    CHECK_U64(check_lists(out, "Many"), children + added);
    /* In Windows' order, so that a search by halves finds each. */
    struct arena a;
    struct str last = {"", 0};
    arena_init(&a, 64 << 20);
    CHECK(regf_subkeys_begin(&r, &k, &it, &e));
    size_t seen = 0;
    for (; regf_subkeys_next(&r, &it, &sub, &e) == REGF_FOUND; seen++) {
        struct str name;
        CHECK(regf_key_name(&r, &sub, &a, &name, &e));
        CHECK(seen == 0 || str_icmp(last, name) < 0);
        last = name;
    }
    CHECK_U64(seen, children + added);
    arena_done(&a);

    CHECK(regf_edit_begin(&back, out, NOW + 1, &e));
    for (size_t i = 0; i < added; i++) {
        char key[64];
        snprintf(key, sizeof key, "Many\\Key %04zu", i * 2 + 1);
        CHECK(regf_edit_delete(&back, str_of(key), STR("n"), &e));
        CHECK(regf_edit_drop_key(&back, str_of(key), &e));
    }
    CHECK(finish(&back, &undone));
    CHECK_U64(check_lists(undone, "Many"), children);
    digest(undone, after);
    CHECK(strcmp(before, after) == 0);
    if (e.kind)
        fprintf(stderr, "1.%u: %s\n", minor, e.text);
    regf_edit_done(&back);
    regf_edit_done(&ed);
    unmake(&m);
}

TEST(lists_grow_split_and_shrink)
{
    many(5, HIVE_LH, 0, 1200);
    many(3, HIVE_LF, 600, 700);
    many(3, HIVE_LI, 1100, 600);
    many(5, HIVE_LH, 507, 1);
}

/* Names: Latin-1 is stored in bytes, others in UTF-16; both spellings of a letter are one name. */
TEST(names_beyond_ascii)
{
    struct made m;
    struct regf_edit ed;
    struct span out;
    struct regf r;
    struct regf_key k, one, two;
    struct regf_name name;
    struct err e = {0};
    make(&m, 5, HIVE_LH, 0);
    CHECK(regf_edit_begin(&ed, bytes_of(&m), NOW, &e));
    CHECK(regf_edit_set(&ed, STR("Software\\" UMLAUT_LOW "\\" JAPANESE), STR(GREEK), 1,
                        span_of("a\0", 2), &e));
    CHECK(regf_edit_set(&ed, STR("SOFTWARE\\" UMLAUT_UP), STR("\xce\x91\xce\x92"), 1,
                        span_of("b\0", 2), &e));
    CHECK(finish(&ed, &out));
    CHECK(regf_open(out, &r, NULL));
    CHECK_U64(check_lists(out, "Software"), 3);
    CHECK_U64(check_lists(out, "Software\\" UMLAUT_UP), 1);
    CHECK(regf_path(&r, STR("Software\\" UMLAUT_LOW), &one, &e) == REGF_FOUND);
    CHECK(regf_path(&r, STR("Software\\" UMLAUT_UP), &two, &e) == REGF_FOUND);
    CHECK_U64(one.cell, two.cell);
    CHECK_U64(one.values, 1);
    CHECK(has(out, "Software\\" UMLAUT_UP, GREEK, 1, span_of("b\0", 2)));
    CHECK(regf_path(&r, STR("Software\\" UMLAUT_UP "\\" JAPANESE), &k, &e) == REGF_FOUND);
    CHECK(regf_name_of_key(&r, k.cell, &name, &e) && !name.compressed && name.bytes.len == 4);
    regf_edit_done(&ed);
    CHECK(regf_edit_begin(&ed, bytes_of(&m), NOW, &e));
    CHECK(regf_edit_set(&ed, STR("\xc3\xa4"), STR("\xc3\xb6"), 1, span_of("b\0", 2), &e));
    CHECK(finish(&ed, &out));
    CHECK(regf_open(out, &r, NULL));
    CHECK(regf_path(&r, STR("\xc3\x84"), &k, &e) == REGF_FOUND);
    CHECK(regf_name_of_key(&r, k.cell, &name, &e) && name.compressed && name.bytes.len == 1);
    regf_edit_done(&ed);
    unmake(&m);
}

/* An image's reference time counts its root key's: a repair does not move it. */
TEST(times)
{
    struct made m;
    struct regf_edit ed;
    struct span out;
    struct regf r;
    struct regf_key k;
    struct err e = {0};
    make(&m, 5, HIVE_LH, 0);
    CHECK(regf_edit_begin(&ed, bytes_of(&m), NOW, &e));
    CHECK(regf_edit_set(&ed, STR(""), STR("v"), 1, span_of("a\0", 2), &e));
    CHECK(regf_edit_set(&ed, STR("Top"), STR("v"), 1, span_of("a\0", 2), &e));
    CHECK(regf_edit_set(&ed, STR("Software\\Alpha"), STR("v"), 1, span_of("a\0", 2), &e));
    CHECK(finish(&ed, &out));
    check_frame(bytes_of(&m), out);
    CHECK(regf_open(out, &r, NULL));
    CHECK(regf_path(&r, STR("Top"), &k, &e) == REGF_FOUND && k.last_written == NOW);
    CHECK(regf_path(&r, STR("Software\\Alpha"), &k, &e) == REGF_FOUND && k.last_written == NOW);
    CHECK(regf_path(&r, STR("Software"), &k, &e) == REGF_FOUND && k.last_written == BEFORE);
    regf_edit_done(&ed);
    unmake(&m);
}

TEST(same_edits_same_bytes)
{
    struct made m;
    struct regf_edit ed[2];
    struct span out[2];
    struct err e = {0};
    make(&m, 5, HIVE_LH, 3);
    for (int i = 0; i < 2; i++) {
        CHECK(regf_edit_begin(&ed[i], bytes_of(&m), NOW, &e));
        CHECK(regf_edit_set(&ed[i], STR("A\\B\\C"), STR("v"), 1, span_of("abcdefgh", 8), &e));
        CHECK(finish(&ed[i], &out[i]));
    }
    CHECK(span_eq(out[0], out[1]));
    regf_edit_done(&ed[0]);
    regf_edit_done(&ed[1]);
    unmake(&m);
}

static uint32_t security_count(struct span bytes, const char *key)
{
    struct regf r;
    struct regf_key k;
    struct span nk, sk;
    if (!regf_open(bytes, &r, NULL) || regf_path(&r, str_of(key), &k, NULL) != REGF_FOUND ||
        !regf_cell(&r, k.cell, &nk, NULL) || !regf_cell(&r, load_u32(nk.ptr + 44), &sk, NULL))
        return 0;
    return load_u32(sk.ptr + 12);
}

TEST(new_keys_share_the_security_of_their_parent)
{
    struct made m;
    struct regf_edit ed, back;
    struct span out, undone;
    struct err e = {0};
    make(&m, 5, HIVE_LH, 3);
    uint32_t count = security_count(bytes_of(&m), "Software");
    CHECK(regf_edit_begin(&ed, bytes_of(&m), NOW, &e));
    CHECK(regf_edit_set(&ed, STR("Software\\X\\Y"), STR("v"), 1, span_of("abcdefgh", 8), &e));
    CHECK(finish(&ed, &out));
    CHECK_U64(security_count(out, "Software\\X\\Y"), count + 2);
    CHECK(regf_edit_begin(&back, out, NOW, &e));
    CHECK(regf_edit_delete(&back, STR("Software\\X\\Y"), STR("v"), &e));
    CHECK(regf_edit_drop_key(&back, STR("Software\\X\\Y"), &e));
    CHECK(regf_edit_drop_key(&back, STR("Software\\X"), &e));
    CHECK(finish(&back, &undone));
    CHECK_U64(security_count(undone, "Software"), count);
    regf_edit_done(&back);
    regf_edit_done(&ed);
    unmake(&m);
}

/* What cannot be edited safely is refused with a reason, before or at the end. */
static void refused(struct span hive, const char *why)
{
    struct regf_edit ed;
    struct span out;
    struct err e = {0};
    bool ok =
        regf_edit_begin(&ed, hive, NOW, &e) &&
        regf_edit_set(&ed, STR("Software\\Alpha\\Sub"), STR("v"), 4, span_of("\1\0\0\0", 4), &e) &&
        regf_edit_finish(&ed, &out, &e);
    CHECK(!ok);
    CHECK(strstr(e.text, why));
    if (!strstr(e.text, why))
        fprintf(stderr, "\"%s\", want \"%s\"\n", e.text, why);
    regf_edit_done(&ed);
}

static void sum(struct made *m)
{
    hive_checksum((uint8_t *)m->image.ptr);
}

static uint8_t *cell_of(struct made *m, const char *key, uint32_t field)
{
    struct regf r;
    struct regf_key k;
    CHECK(regf_open(bytes_of(m), &r, NULL));
    CHECK(regf_path(&r, str_of(key), &k, NULL) == REGF_FOUND);
    return (uint8_t *)m->image.ptr + 4096 + k.cell + 4 + field;
}

TEST(unsafe_structures_are_refused)
{
    struct made m;
    make(&m, 5, HIVE_LH, 3);
    m.image.ptr[4] ^= 1; /* a sequence number */
    sum(&m);
    refused(bytes_of(&m), "dirty");
    m.image.ptr[4] ^= 1;
    sum(&m);
    m.image.ptr[24] = 1;
    sum(&m);
    refused(bytes_of(&m), "version 1.1");
    m.image.ptr[24] = 5;
    sum(&m);
    uint8_t *p = (uint8_t *)m.image.ptr + 40;
    p[1] = (uint8_t)(p[1] + 0x10); /* one page more than there is */
    sum(&m);
    refused(bytes_of(&m), "not whole");
    p[1] = (uint8_t)(p[1] - 0x10);
    sum(&m);
    *cell_of(&m, "Software\\Alpha", 20) = 9; /* subkeys, of which none is listed */
    refused(bytes_of(&m), "cell");
    *cell_of(&m, "Software\\Alpha", 20) = 0;
    uint8_t *security = cell_of(&m, "Software\\Alpha", 44);
    uint8_t kept = *security;
    *security = (uint8_t)(kept + 8);
    refused(bytes_of(&m), "cell");
    *security = kept;
    unmake(&m);
}

/* A value whose data lie in the key that an edit writes to: seen when both are compared. */
TEST(overlapping_cells_are_noticed)
{
    struct made m;
    struct regf r;
    struct regf_key k;
    struct regf_value v;
    make(&m, 5, HIVE_LH, 3);
    CHECK(regf_open(bytes_of(&m), &r, NULL));
    CHECK(regf_path(&r, STR("Software\\Alpha"), &k, NULL) == REGF_FOUND);
    CHECK(regf_value(&r, &k, STR("Text"), &v, NULL) == REGF_FOUND);
    uint8_t *vk = (uint8_t *)m.image.ptr + 4096 + v.cell + 4;
    uint32_t alpha = k.cell;
    for (int i = 0; i < 4; i++)
        vk[8 + i] = (uint8_t)(alpha >> (8 * i));
    refused(bytes_of(&m), "would read otherwise");
    unmake(&m);
}

TEST(limits_of_names_and_data)
{
    struct made m;
    struct regf_edit ed;
    struct err e = {0};
    char name[300];
    memset(name, 'x', sizeof name);
    make(&m, 5, HIVE_LH, 0);
    CHECK(regf_edit_begin(&ed, bytes_of(&m), NOW, &e));
    CHECK(regf_edit_set(&ed, (struct str){name, 255}, STR("v"), 4, span_of("", 0), &e));
    CHECK(!regf_edit_set(&ed, (struct str){name, 256}, STR("v"), 4, span_of("", 0), &e));
    CHECK(e.kind == ERR_LIMIT);
    struct span out;
    CHECK(!regf_edit_finish(&ed, &out, &e));
    regf_edit_done(&ed);
    unmake(&m);
}

TEST_MAIN()
