#include "host/cabinet.h"

#include "check.h"

/* A cabinet with one stored file ([MS-CAB] 2.1: CFHEADER, CFFOLDER, CFFILE, CFDATA). */
static void cabinet(struct sb *b, const char *name, const char *data)
{
    size_t len = strlen(data), file = 36 + 8, block = file + 16 + strlen(name) + 1;
    size_t total = block + 8 + len;
    uint8_t head[44] = {'M', 'S', 'C', 'F'};
    head[8] = (uint8_t)total;
    head[9] = (uint8_t)(total >> 8);
    head[16] = (uint8_t)file;
    head[24] = 3, head[25] = 1, head[26] = 1, head[28] = 1;
    head[36] = (uint8_t)block;
    head[40] = 1;
    uint8_t entry[16] = {(uint8_t)len, (uint8_t)(len >> 8), [14] = 0x20};
    uint8_t frame[8] = {[4] = (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)len, (uint8_t)(len >> 8)};
    sb_init(b, 1 << 20);
    sb_put(b, head, sizeof head);
    sb_put(b, entry, sizeof entry);
    sb_put(b, name, strlen(name) + 1);
    sb_put(b, frame, sizeof frame);
    sb_put(b, data, len);
}

TEST(a_member_by_its_ending)
{
    struct sb b;
    struct arena a;
    struct span out;
    struct err e = {0};
    cabinet(&b, "AuthRoot.STL", "the list");
    arena_init(&a, 1 << 20);
    struct span bytes = span_of(b.ptr, b.len);
    CHECK(cabinet_is(bytes));
    CHECK(cabinet_member(bytes, "*.stl", &a, &out, &e));
    CHECK(e.kind == ERR_NONE && span_eq(out, span_of("the list", 8)));
    CHECK(!cabinet_member(bytes, "*.crt", &a, &out, &e) && e.kind == ERR_NOT_FOUND);
    arena_done(&a);
    sb_done(&b);
}

TEST(cut_and_damaged_cabinets)
{
    struct sb b;
    struct arena a;
    struct span out;
    cabinet(&b, "authroot.stl", "the list");
    arena_init(&a, 1 << 20);
    for (size_t len = 0; len < b.len; len++) {
        struct err e = {0};
        CHECK(!cabinet_member(span_of(b.ptr, len), "*.stl", &a, &out, &e));
        CHECK(e.kind != ERR_NONE && e.text[0]);
    }
    for (size_t bit = 0; bit < b.len * 8; bit++) {
        struct err e = {0};
        b.ptr[bit / 8] ^= (char)(1 << bit % 8);
        bool ok = cabinet_member(span_of(b.ptr, b.len), "*.stl", &a, &out, &e);
        CHECK(ok == (e.kind == ERR_NONE));
        b.ptr[bit / 8] ^= (char)(1 << bit % 8);
    }
    arena_done(&a);
    sb_done(&b);
}

TEST(not_a_cabinet)
{
    struct arena a;
    struct span out;
    struct err e = {0};
    arena_init(&a, 1 << 20);
    CHECK(!cabinet_is(span_of("MSC", 3)));
    CHECK(!cabinet_member(span_of("PK\3\4", 4), "*", &a, &out, &e) && e.kind == ERR_FORMAT);
    arena_done(&a);
}

TEST_MAIN()
