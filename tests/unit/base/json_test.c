#include "base/json.h"
#include "base/wtime.h"
#include "check.h"

static struct sb out;

#define CHECK_JSON(want)                                                                           \
    do {                                                                                           \
        CHECK(!out.bad);                                                                           \
        CHECK_STR(((struct str){out.ptr, out.len}), want);                                         \
        sb_done(&out);                                                                             \
    } while (0)

TEST(string_escapes)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "\"\""},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"\x01\x1f\x1b[0m", "\"\\u0001\\u001f\\u001b[0m\""},
        {"\xC3\xA9", "\"\xC3\xA9\""},
        {"\xE2\x80\xA8\xE2\x80\xA9", "\"\\u2028\\u2029\""},
        {"\xE2\x80\xAE"
         "fdp",
         "\"\\u202efdp\""},              /* right-to-left override */
        {"\xE2\x81\xA6", "\"\\u2066\""}, /* isolate */
        {"\xED\xA0\x80"
         "A",
         "\"\xEF\xBF\xBD"
         "A\""},                              /* lone high surrogate */
        {"\xED\xB0\x80", "\"\xEF\xBF\xBD\""}, /* lone low surrogate */
        {"\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sb_init(&out, 1 << 10);
        sb_json(&out, str_of(cases[i].text));
        CHECK_JSON(cases[i].json);
    }
}

TEST(output_is_utf8_whatever_goes_in)
{
    char text[4];
    for (uint32_t i = 0; i < 1u << 20; i += 37) {
        text[0] = (char)(i >> 12 | 0x80), text[1] = (char)(i >> 6), text[2] = (char)i;
        text[3] = 'x';
        sb_init(&out, 1 << 10);
        sb_json(&out, (struct str){text, 4});
        for (size_t at = 0; at < out.len;) {
            uint32_t cp;
            size_t n = utf8_decode(out.ptr + at, out.len - at, &cp);
            CHECK(n > 0 && cp >= 0x20);
            at += n ? n : 1;
        }
        sb_done(&out);
    }
}

TEST(short_escapes_and_nul)
{
    sb_init(&out, 1 << 10);
    sb_json(&out, STR("a\0b\xFF"));
    CHECK_JSON("\"a\\u0000b\xEF\xBF\xBD\"");
}

static void write_sample(struct json *j)
{
    json_open_object(j);
    json_key(j, "b");
    json_open_array(j);
    json_u64(j, UINT64_MAX);
    json_i64(j, INT64_MIN);
    json_bool(j, true);
    json_nil(j);
    json_close_array(j);
    json_key(j, "a");
    json_open_object(j);
    json_close_object(j);
    json_key(j, "t");
    json_time(j, wtime_from_unix(1331698656));
    json_key(j, "none");
    json_time(j, 0);
    json_key(j, "s");
    json_cstr(j, NULL);
    json_close_object(j);
}

TEST(structure)
{
    struct json j;
    sb_init(&out, 1 << 10);
    json_init(&j, &out, 0);
    write_sample(&j);
    CHECK_JSON("{\"b\":[18446744073709551615,-9223372036854775808,true,null],\"a\":{},"
               "\"t\":\"2012-03-14T04:17:36Z\",\"none\":null,\"s\":null}");
    json_init(&j, &out, 2);
    json_open_object(&j);
    json_key(&j, "k");
    json_open_array(&j);
    json_u64(&j, 1);
    json_u64(&j, 2);
    json_close_array(&j);
    json_close_object(&j);
    CHECK_JSON("{\n  \"k\": [\n    1,\n    2\n  ]\n}");
}

TEST(doubles)
{
    static const struct {
        double v;
        const char *json;
    } cases[] = {{0, "0"}, {1.5, "1.5"}, {-3, "-3"}, {0.1, "0.1"}, {1e300 * 1e300, "null"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json j;
        sb_init(&out, 1 << 10);
        json_init(&j, &out, 0);
        json_double(&j, cases[i].v);
        CHECK_JSON(cases[i].json);
    }
}

TEST_MAIN()
