#include "formats/der.h"

#include "base/wtime.h"
#include "check.h"

static struct span bytes(const char *s, size_t len)
{
    return span_of(s, len);
}
#define BYTES(literal) bytes(literal, sizeof(literal) - 1)

TEST(elements_one_after_the_other)
{
    struct der d;
    struct span in = BYTES("\x02\x01\x05\x30\x03\x04\x01\xAA");
    CHECK(der_next(&in, &d) && d.tag == DER_INTEGER && d.content.len == 1 && d.whole.len == 3);
    CHECK(!der_expect(&in, DER_SET, &d) && in.len == 5); /* another tag leaves it in place */
    CHECK(der_expect(&in, DER_SEQUENCE, &d) && in.len == 0);
    CHECK(der_expect(&d.content, DER_OCTET_STRING, &d) && d.content.ptr[0] == 0xAA);
    CHECK(!der_next(&in, &d));
}

TEST(lengths)
{
    struct der d;
    static uint8_t big[4 + 300] = {0x04, 0x82, 0x01, 0x2C};
    struct span in = span_of(big, sizeof big);
    CHECK(der_next(&in, &d) && d.content.len == 300 && in.len == 0);
    for (size_t i = 0; i < sizeof big; i++) { /* every cut */
        in = span_of(big, i);
        CHECK(!der_next(&in, &d) && in.len == i);
    }
}

TEST(what_is_refused)
{
    static const struct {
        const char *bytes;
        size_t len;
    } bad[] = {
        {"\x30\x80\x02\x01\x05\x00\x00", 7},              /* indefinite length: BER */
        {"\x30\x81", 2},                                  /* length cut off */
        {"\x04\x02\xAA", 3},                              /* content cut off */
        {"\x04\x88\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10}, /* a length near 2^63 */
        {"\x04\x84\xFF\xFF\xFF\xFF", 6},
        {"\x1F", 1}, /* a long tag cut off */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct der d;
        struct span in = span_of(bad[i].bytes, bad[i].len);
        CHECK(!der_next(&in, &d));
        CHECK(in.len == bad[i].len);
    }
}

TEST(long_tags_are_walked_but_match_none)
{
    struct der d;
    struct span in = BYTES("\x5F\x81\x01\x01\xAA");
    CHECK(der_next(&in, &d) && d.tag == UINT32_MAX && d.content.len == 1);
}

TEST(object_identifiers)
{
    struct arena a;
    arena_init(&a, 1 << 16);
    CHECK_STR(der_oid(BYTES("\x2B\x06\x01\x04\x01\x82\x37\x0A\x01"), &a), "1.3.6.1.4.1.311.10.1");
    CHECK_STR(der_oid(BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), &a), "2.16.840.1.101.3.4.2.1");
    CHECK(der_oid(BYTES(""), &a).ptr == NULL);
    CHECK(der_oid(BYTES("\x2B\x86"), &a).ptr == NULL); /* its last arc does not end */
    static const uint8_t longest[200];
    CHECK(der_oid(span_of(longest, sizeof longest), &a).ptr == NULL);
    arena_done(&a);
}

static const char *time_of(uint32_t tag, const char *text, char out[WTIME_TEXT])
{
    struct der d = {.tag = tag, .content = span_of(text, strlen(text))};
    uint64_t t = 0;
    if (!der_time(&d, &t))
        return "refused";
    return wtime_format(t, out);
}

TEST(times)
{
    static const struct {
        uint32_t tag;
        const char *text, *want;
    } cases[] = {
        {DER_UTCTIME, "120314041736Z", "2012-03-14T04:17:36Z"},
        {DER_UTCTIME, "1203140417Z", "2012-03-14T04:17:00Z"}, /* seconds left out: BER, seen */
        {DER_UTCTIME, "500101000000Z", "1950-01-01T00:00:00Z"},
        {DER_UTCTIME, "491231235959Z", "2049-12-31T23:59:59Z"},
        {DER_GENERALIZEDTIME, "20250715234721Z", "2025-07-15T23:47:21Z"},
        {DER_GENERALIZEDTIME, "20250715234721.123Z", "2025-07-15T23:47:21Z"},
        {DER_UTCTIME, "120314041736", "refused"},
        {DER_UTCTIME, "120314041736+0900", "refused"}, /* DER and RFC 5280: only Z */
        {DER_UTCTIME, "121314041736Z", "refused"},
        {DER_UTCTIME, "120230041736Z", "refused"},
        {DER_UTCTIME, "12031404173xZ", "refused"},
        {DER_UTCTIME, "120314041736Z0", "refused"},
        {DER_UTCTIME, "", "refused"},
        {DER_OCTET_STRING, "120314041736Z", "refused"},
    };
    char text[WTIME_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_STR(str_of(time_of(cases[i].tag, cases[i].text, text)), cases[i].want);
}

TEST_MAIN()
