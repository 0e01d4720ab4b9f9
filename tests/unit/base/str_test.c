#include "base/str.h"
#include "check.h"

TEST(order)
{
    CHECK(str_cmp(STR("a"), STR("b")) < 0 && str_cmp(STR("b"), STR("a")) > 0);
    CHECK(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("ab"), STR("a")) > 0);
    CHECK(str_cmp((struct str){NULL, 0}, STR("")) == 0);
    CHECK(str_cmp(STR("\x7f"), STR("\x80")) < 0); /* bytes, not chars */
    CHECK(str_eq(STR("a\0b"), STR("a\0b")) && !str_eq(STR("a\0b"), STR("a\0c")));
}

TEST(buffer_keeps_its_maximum)
{
    struct sb b;
    sb_init(&b, 10);
    sb_puts(&b, "0123456789");
    CHECK(!b.bad && b.len == 10 && b.ptr[10] == '\0');
    sb_putc(&b, 'x');
    CHECK(b.bad && b.len == 10);
    sb_puts(&b, "");
    CHECK(b.bad);
    sb_done(&b);
    CHECK(!b.bad && b.len == 0 && b.max == 10);
    sb_printf(&b, "%d", 123456789);
    sb_printf(&b, "%d", 10);
    CHECK(b.bad);
    sb_done(&b);
}

TEST(buffer_grows)
{
    struct sb b;
    sb_init(&b, 1 << 20);
    for (int i = 0; i < 10000; i++)
        sb_printf(&b, "%04d ", i);
    CHECK(!b.bad && b.len == 50000);
    CHECK(b.ptr && memcmp(b.ptr + b.len - 5, "9999 ", 6) == 0);
    sb_done(&b);
    sb_hex(&b, (const uint8_t *)"\x00\xff\x1a", 3);
    CHECK_STR(((struct str){b.ptr, b.len}), "00ff1a");
    sb_done(&b);
}

TEST(arena_text)
{
    struct arena a;
    arena_init(&a, 8192);
    CHECK_STR(str_fmt(&a, "%s-%d", "x", 7), "x-7");
    CHECK_STR(str_dup(&a, STR("abc")), "abc");
    CHECK(str_fmt(&a, "%10000d", 1).ptr == NULL && a.full);
    arena_done(&a);
}

TEST(utf8_decoding_is_strict)
{
    static const struct {
        const char *bytes;
        size_t len;
        uint32_t cp;
    } cases[] = {
        {"A", 1, 'A'},
        {"\xC3\xA9", 2, 0xE9},
        {"\xE2\x82\xAC", 3, 0x20AC},
        {"\xF0\x9F\x98\x80", 4, 0x1F600},
        {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
        {"\xC0\x80", 0, 0},         /* overlong NUL */
        {"\xE0\x80\xAF", 0, 0},     /* overlong slash */
        {"\xF0\x80\x80\xAF", 0, 0}, /* likewise */
        {"\xED\xA0\x80", 0, 0},     /* lone surrogate */
        {"\xF4\x90\x80\x80", 0, 0}, /* above U+10FFFF */
        {"\x80", 0, 0},             /* continuation alone */
        {"\xE2\x82", 0, 0},         /* cut short */
        {"\xC3\x28", 0, 0},         /* no continuation */
        {"\xFF", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t cp = 0;
        size_t n = utf8_decode(cases[i].bytes, strlen(cases[i].bytes), &cp);
        CHECK_U64(n, cases[i].len);
        if (n)
            CHECK_U64(cp, cases[i].cp);
    }
}

TEST(utf8_round_trip)
{
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp += cp < 0x3000 ? 1 : 251) {
        struct sb b;
        uint32_t back = 0;
        sb_init(&b, 16);
        sb_utf8(&b, cp);
        bool surrogate = cp >= 0xD800 && cp < 0xE000;
        size_t n = utf8_decode(b.ptr, b.len, &back);
        CHECK(surrogate ? n == 0 && b.len == 3 : n == b.len && back == cp);
        sb_done(&b);
    }
}

TEST_MAIN()
