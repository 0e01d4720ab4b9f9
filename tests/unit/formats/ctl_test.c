#include "formats/ctl.h"

#include "base/wtime.h"
#include "sign_sample.h"

struct spec {
    const char *usage, *list_id, *sequence, *this_update, *next_update, *algorithm;
    bool no_entries, extensions;
};

static void put_entry(struct sb *out, struct span id, const char *attribute, struct span value)
{
    struct sb set, attributes, entry;
    sb_init(&set, 1 << 20), sb_init(&attributes, 1 << 20), sb_init(&entry, 1 << 20);
    der_put(&entry, 0x04, id.ptr, id.len);
    if (attribute) {
        sb_put(&set, value.ptr, value.len);
        der_put_oid(&attributes, attribute);
        der_put_sb(&attributes, 0x31, &set);
        der_put_sb(&set, 0x30, &attributes);
        der_put_sb(&entry, 0x31, &set);
    }
    der_put_sb(out, 0x30, &entry);
    sb_done(&set), sb_done(&attributes), sb_done(&entry);
}

static void put_list(struct sb *out, const struct spec *s, struct sb *entries)
{
    struct sb list, part;
    sb_init(&list, 1 << 20), sb_init(&part, 1 << 20);
    der_put_oid(&part, s->usage);
    der_put_sb(&list, 0x30, &part);
    if (s->list_id)
        der_put(&list, 0x04, s->list_id, strlen(s->list_id));
    if (s->sequence)
        der_put(&list, 0x02, s->sequence, strlen(s->sequence));
    der_put(&list, 0x17, s->this_update, strlen(s->this_update));
    if (s->next_update)
        der_put(&list, 0x17, s->next_update, strlen(s->next_update));
    der_put_oid(&part, s->algorithm);
    der_put_sb(&list, 0x30, &part);
    if (!s->no_entries)
        der_put_sb(&list, 0x30, entries);
    if (s->extensions)
        der_put(&list, 0xA0, "\x30\x00", 2);
    der_put_sb(out, 0x30, &list);
    sb_done(&list), sb_done(&part);
}

static const struct spec roots = {
    .usage = "1.3.6.1.4.1.311.10.3.9",
    .sequence = "\x14\x01\xDB",
    .this_update = "250616175611Z",
    .algorithm = "1.3.14.3.2.26",
};

struct built {
    struct sb der, entries;
    struct arena a;
    struct ctl ctl;
    bool ok;
    struct err e;
};

static void build(struct built *b, const struct spec *s)
{
    b->e = (struct err){0};
    sb_init(&b->der, 1 << 20);
    put_list(&b->der, s, &b->entries);
    sb_done(&b->entries);
    arena_init(&b->a, 1 << 20);
    b->ok = ctl_parse(sb_span(&b->der), &b->a, &b->ctl, &b->e);
}

static void build_done(struct built *b)
{
    sb_done(&b->der);
    arena_done(&b->a);
}

TEST(a_root_list)
{
    struct built b;
    struct ctl_entry entry;
    struct span s;
    size_t cursor = 0;
    char text[WTIME_TEXT];
    sb_init(&b.entries, 1 << 20);
    put_entry(&b.entries, span_of("first", 5), "1.3.6.1.4.1.311.10.11.104", span_of("\x04\x00", 2));
    put_entry(&b.entries, span_of("second", 6), "1.3.6.1.4.1.311.10.11.11",
              span_of("\x04\x02x\0", 4));
    put_entry(&b.entries, span_of("third", 5), NULL, span_of("", 0));
    build(&b, &roots);
    CHECK(b.ok);
    CHECK_STR(b.ctl.usage, roots.usage);
    CHECK_STR(b.ctl.subject_algorithm, "1.3.14.3.2.26");
    CHECK_STR(str_of(wtime_format(b.ctl.this_update, text)), "2025-06-16T17:56:11Z");
    CHECK(b.ctl.next_update == 0 && b.ctl.list_id.len == 0 && !b.ctl.has_extensions);
    CHECK_U64(b.ctl.entry_count, 3);
    CHECK(ctl_next(&b.ctl, &cursor, &entry, &b.e) && span_eq(entry.id, span_of("first", 5)));
    CHECK(ctl_property(&entry, 104, &s) && s.len == 0); /* there, with no bytes */
    CHECK(!ctl_property(&entry, 10, &s) && !ctl_property(&entry, 1040, &s));
    CHECK(ctl_next(&b.ctl, &cursor, &entry, &b.e));
    CHECK(ctl_property(&entry, 11, &s) && s.len == 2);
    CHECK(ctl_attribute(&entry, "1.3.6.1.4.1.311.10.11.11", &s) && s.len == 4);
    CHECK(!ctl_attribute(&entry, "1.3.6.1.4.1.311.10.11.12", &s));
    CHECK(ctl_next(&b.ctl, &cursor, &entry, &b.e) && !ctl_property(&entry, 11, &s));
    CHECK(!ctl_next(&b.ctl, &cursor, &entry, &b.e) && b.e.kind == ERR_NONE);
    build_done(&b);
}

TEST(every_optional_field)
{
    for (unsigned mask = 0; mask < 32; mask++) {
        struct spec s = roots;
        struct built b;
        s.list_id = mask & 1 ? "name" : NULL;
        s.sequence = mask & 2 ? "\x01" : NULL;
        s.next_update = mask & 4 ? "260616175611Z" : NULL;
        s.no_entries = mask & 8;
        s.extensions = mask & 16;
        sb_init(&b.entries, 1 << 20);
        put_entry(&b.entries, span_of("x", 1), NULL, span_of("", 0));
        build(&b, &s);
        CHECK(b.ok);
        CHECK(b.ctl.list_id.len == (mask & 1 ? 4u : 0u));
        CHECK(b.ctl.sequence.len == (mask & 2 ? 1u : 0u));
        CHECK((b.ctl.next_update != 0) == ((mask & 4) != 0));
        CHECK_U64(b.ctl.entry_count, mask & 8 ? 0 : 1);
        CHECK(b.ctl.has_extensions == ((mask & 16) != 0));
        build_done(&b);
    }
}

TEST(sequence_numbers)
{
    static const struct {
        const char *a;
        size_t a_len;
        const char *b;
        size_t b_len;
        int want;
    } cases[] = {
        {"\x01", 1, "\x02", 1, -1},
        {"\x02", 1, "\x02", 1, 0},
        {"\x00\x00\x02", 3, "\x02", 1, 0},
        {"\x01\x00", 2, "\xFF", 1, 1},
        {"", 0, "\x01", 1, -1},
        {"", 0, "\x00", 1, 0},
        {"\x80\x00", 2, "\x7F\xFF", 2, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ctl a = {.sequence = span_of(cases[i].a, cases[i].a_len)};
        struct ctl b = {.sequence = span_of(cases[i].b, cases[i].b_len)};
        int have = ctl_sequence_cmp(&a, &b);
        CHECK((have > 0) - (have < 0) == cases[i].want);
        have = ctl_sequence_cmp(&b, &a);
        CHECK((have > 0) - (have < 0) == -cases[i].want);
    }
}

TEST(members_of_catalogs)
{
    struct built b;
    struct ctl_entry entry;
    struct ctl_member m;
    struct sb spc, pair;
    size_t cursor = 0;
    struct spec v2 = roots;
    static const char sha1[] = "0123456789abcdefghij";
    v2.algorithm = CTL_CATALOG_V2;
    sb_init(&spc, 1 << 20), sb_init(&pair, 1 << 20), sb_init(&b.entries, 1 << 20);
    spc_put(&spc, "1.3.14.3.2.26", span_of(sha1, 20), (struct span){NULL, 0});
    put_entry(&b.entries, span_of(sha1, 20), "1.3.6.1.4.1.311.2.1.4", sb_span(&spc));
    der_put(&pair, 0x1E, "\0F\0i\0l\0e", 8);
    der_put(&pair, 0x02, "\1", 1);
    der_put(&pair, 0x04, "a\0.\0d\0l\0l\0\0", 12);
    struct sb wrapped;
    sb_init(&wrapped, 1 << 20);
    der_put_sb(&wrapped, 0x30, &pair);
    put_entry(&b.entries, span_of("short", 5), "1.3.6.1.4.1.311.12.2.1", sb_span(&wrapped));
    build(&b, &v2);
    CHECK(b.ok);
    CHECK(ctl_next(&b.ctl, &cursor, &entry, &b.e));
    ctl_member(&b.ctl, &entry, &m);
    CHECK(span_eq(m.indirect, sb_span(&spc)) && span_eq(m.digest, span_of(sha1, 20)));
    CHECK(ctl_member_name_value(&entry, "File", &b.a).ptr == NULL);
    CHECK(ctl_next(&b.ctl, &cursor, &entry, &b.e));
    ctl_member(&b.ctl, &entry, &m);
    CHECK(m.indirect.len == 0 && m.digest.len == 0); /* five bytes are no digest */
    CHECK_STR(ctl_member_name_value(&entry, "File", &b.a), "a.dll");
    CHECK(ctl_member_name_value(&entry, "Fil", &b.a).ptr == NULL);
    CHECK(ctl_member_name_value(&entry, "", &b.a).ptr == NULL);
    b.ctl.subject_algorithm = STR(CTL_CATALOG); /* in version 1 a tag is only a name */
    cursor = 0;
    CHECK(ctl_next(&b.ctl, &cursor, &entry, &b.e));
    ctl_member(&b.ctl, &entry, &m);
    CHECK(m.digest.len == 0 && m.indirect.len != 0);
    build_done(&b);
    sb_done(&spc), sb_done(&pair), sb_done(&wrapped);
}

TEST(damaged_lists)
{
    struct built b;
    sb_init(&b.entries, 1 << 20);
    put_entry(&b.entries, span_of("x", 1), "1.3.6.1.4.1.311.10.11.11", span_of("\x04\x00", 2));
    build(&b, &roots);
    CHECK(b.ok);
    for (size_t len = 0; len < b.der.len; len++) {
        struct err e = {0};
        struct ctl c;
        uint8_t *copy = malloc(len + 1);
        memcpy(copy, b.der.ptr, len);
        CHECK(!ctl_parse(span_of(copy, len), &b.a, &c, &e) && e.kind == ERR_FORMAT);
        free(copy);
    }
    for (size_t bit = 0; bit < b.der.len * 8; bit++) {
        struct err e = {0};
        struct ctl c;
        b.der.ptr[bit / 8] ^= (char)(1 << bit % 8);
        bool ok = ctl_parse(sb_span(&b.der), &b.a, &c, &e);
        CHECK(ok == (e.kind == ERR_NONE));
        b.der.ptr[bit / 8] ^= (char)(1 << bit % 8);
    }
    build_done(&b);
    /* An entry that is no entry makes the list unreadable, not shorter. */
    sb_init(&b.entries, 1 << 20);
    put_entry(&b.entries, span_of("x", 1), NULL, span_of("", 0));
    der_put(&b.entries, 0x02, "\x05", 1);
    build(&b, &roots);
    CHECK(!b.ok && b.e.kind == ERR_FORMAT);
    build_done(&b);
}

TEST_MAIN()
