#include "base/bytes.h"
#include "check.h"

static const uint8_t raw[] = {0x01, 0x02, 0x83, 0x04, 0x05, 0x06, 0x07, 0x88};

TEST(span_sub_checks_both_ends)
{
    struct span s = span_of(raw, sizeof raw), out = {NULL, 99};
    CHECK(span_sub(s, 8, 0, &out) && out.len == 0);
    CHECK(span_sub(s, 2, 6, &out) && out.ptr == raw + 2 && out.len == 6);
    out.len = 99;
    CHECK(!span_sub(s, 2, 7, &out) && !span_sub(s, 9, 0, &out));
    CHECK(!span_sub(s, UINT64_MAX, 2, &out) && !span_sub(s, 2, UINT64_MAX, &out));
    CHECK(!span_sub(s, UINT64_MAX, UINT64_MAX, &out));
    CHECK_U64(out.len, 99);
    CHECK(span_from(s, 8, &out) && out.len == 0);
    CHECK(!span_from(s, 9, &out));
}

TEST(span_eq_of_empty_spans)
{
    CHECK(span_eq((struct span){NULL, 0}, span_of(raw, 0)));
    CHECK(!span_eq(span_of(raw, 1), span_of(raw, 2)));
    CHECK(!span_eq(span_of(raw, 1), span_of(raw + 1, 1)));
}

TEST(loads_are_little_endian_and_unsigned)
{
    CHECK_U64(load_u16(raw + 1), 0x8302);
    CHECK_U64(load_u32(raw), 0x04830201);
    CHECK_U64(load_u64(raw), UINT64_C(0x8807060504830201));
}

TEST(reader_failure_is_sticky)
{
    struct reader r = reader_of(span_of(raw, sizeof raw));
    CHECK_U64(rd_u8(&r), 1);
    CHECK_U64(rd_u32(&r), 0x05048302);
    CHECK_U64(rd_left(&r), 3);
    CHECK_U64(rd_u32(&r), 0);
    CHECK(r.bad && rd_left(&r) == 0);
    CHECK_U64(rd_u8(&r), 0);
    rd_seek(&r, 0);
    CHECK_U64(rd_u64(&r), 0);
    CHECK(rd_bytes(&r, 0).ptr == NULL && r.bad);
}

TEST(reader_ends_exactly)
{
    struct reader r = reader_of(span_of(raw, sizeof raw));
    rd_seek(&r, 8);
    CHECK(!r.bad && rd_left(&r) == 0);
    rd_skip(&r, 0);
    CHECK(!r.bad);
    rd_skip(&r, UINT64_MAX);
    CHECK(r.bad);
    struct reader far = reader_of(span_of(raw, sizeof raw));
    rd_seek(&far, 9);
    CHECK(far.bad);
}

TEST(an_empty_span_may_have_no_pointer)
{
    struct span none = {NULL, 0}, out = {(const uint8_t *)"x", 1};
    CHECK(span_sub(none, 0, 0, &out) && out.ptr == NULL && out.len == 0);
    CHECK(span_from(none, 0, &out) && out.len == 0);
    CHECK(!span_sub(none, 0, 1, &out) && !span_sub(none, 1, 0, &out));
}

TEST_MAIN()
