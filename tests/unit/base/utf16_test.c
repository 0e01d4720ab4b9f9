#include "base/utf16.h"
#include "check.h"

static struct arena arena;

static struct span units(const char *bytes, size_t len)
{
    return span_of(bytes, len);
}
#define UNITS(literal) units(literal, sizeof(literal) - 1)

TEST(conversion)
{
    arena_init(&arena, 1 << 16);
    CHECK_STR(utf16_to_utf8(&arena, UNITS("A\0\xE9\0\xAC\x20")), "A\xC3\xA9\xE2\x82\xAC");
    CHECK_STR(utf16_to_utf8(&arena, UNITS("\x3D\xD8\x00\xDE")), "\xF0\x9F\x98\x80");
    CHECK_STR(utf16_to_utf8(&arena, UNITS("A\0B")), "A"); /* odd byte dropped */
    CHECK_STR(utf16_to_utf8(&arena, UNITS("")), "");
    CHECK_U64(utf16_to_utf8(&arena, UNITS("A\0\0\0B\0")).len, 3);
    CHECK_STR(utf16z_to_utf8(&arena, UNITS("A\0\0\0B\0")), "A");
    CHECK_STR(latin1_to_utf8(&arena, UNITS("a\xE9\xFF")), "a\xC3\xA9\xC3\xBF");
    arena_done(&arena);
}

TEST(lone_surrogates_survive_a_round_trip)
{
    static const char bad[] = "\x00\xD8"
                              "A\0"
                              "\x00\xDC"
                              "\x3D\xD8";
    struct span in = units(bad, 8);
    arena_init(&arena, 1 << 16);
    struct str text = utf16_to_utf8(&arena, in);
    CHECK_U64(text.len, 10);
    CHECK(span_eq(utf8_to_utf16(&arena, text), in));
    arena_done(&arena);
}

TEST(ill_formed_utf8_becomes_replacement_characters)
{
    arena_init(&arena, 1 << 16);
    CHECK(span_eq(utf8_to_utf16(&arena, STR("a\xFF"
                                            "b")),
                  UNITS("a\0\xFD\xFF"
                        "b\0")));
    arena_done(&arena);
}

TEST(full_arena)
{
    arena_init(&arena, 64);
    struct str s = utf16_to_utf8(&arena, (struct span){(const uint8_t[200]){0}, 200});
    CHECK(s.ptr == NULL && arena.full);
    arena_done(&arena);
}

TEST(upper_case_is_windows_simple_mapping)
{
    static const uint16_t pairs[][2] = {
        {'a', 'A'},     {'Z', 'Z'},       {'[', '['},       {0xE9, 0xC9},     {0xFF, 0x178},
        {0xF7, 0xF7},   {0x3B1, 0x391},   {0x3C2, 0x3A3},   {0x44F, 0x42F},   {0x451, 0x401},
        {0x101, 0x100}, {0x1F80, 0x1F80}, {0x24D0, 0x24B6}, {0xFF41, 0xFF21}, {0xDF, 0xDF},
        {0x131, 0x131}, {0x3042, 0x3042},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        CHECK_U64(upcase16(pairs[i][0]), pairs[i][1]);
    for (uint32_t u = 0; u < 0x10000; u++)
        CHECK_U64(upcase16(upcase16((uint16_t)u)), upcase16((uint16_t)u));
}

TEST(comparison_ignores_case)
{
    CHECK(str_ieq(STR("System32"), STR("SYSTEM32")));
    CHECK(str_ieq(STR("\xC3\xA9t\xC3\xA9"), STR("\xC3\x89T\xC3\x89")));
    CHECK(!str_ieq(STR("stra\xC3\x9F"
                       "e"),
                   STR("STRASSE")));
    CHECK(!str_ieq(STR("a"), STR("a\0")) && !str_ieq(STR(""), STR("a")));
    CHECK(str_icmp(STR("a"), STR("B")) < 0 && str_icmp(STR("b"), STR("A")) > 0);
    CHECK(str_icmp(STR("_"), STR("a")) > 0); /* upper case: '_' (5F) follows 'A' (41) */
    CHECK(str_ihash(STR("MfeHidK")) == str_ihash(STR("mfehidk")));
    CHECK(str_ihash(STR("mfehidk")) != str_ihash(STR("mfehidj")));
}

TEST(globs)
{
    static const struct {
        const char *pattern, *name;
        bool match;
    } cases[] = {
        {"*", "", true},
        {"*", "anything", true},
        {"?", "", false},
        {"?", "x", true},
        {"?", "\xE2\x82\xAC", true}, /* one character, three bytes */
        {"*.DLL", "cryptocme2.dll", true},
        {"*.dll", "a.dll.bak", false},
        {"a*b*c", "aXXbYYbZc", true},
        {"a*b*c", "aXXbYYbZ", false},
        {"abc", "ABC", true},
        {"abc", "abcd", false},
        {"", "", true},
        {"", "a", false},
        {"**a**", "bab", true},
        {"[a]", "a", false}, /* no sets */
        {"*.*", "noext", false},
        {"mcafee_?", "MCAFEE_1", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK(glob_imatch(str_of(cases[i].pattern), str_of(cases[i].name)) == cases[i].match);
}

/* The pattern that takes exponential time in a backtracking matcher. */
TEST(globs_are_bounded)
{
    static char pattern[64], name[30001];
    for (size_t i = 0; i + 2 < sizeof pattern; i += 2)
        memcpy(pattern + i, "*a", 2);
    memcpy(pattern + 60, "*b", 3);
    memset(name, 'a', 30000);
    CHECK(!glob_imatch(str_of(pattern), str_of(name)));
    static char huge[40000];
    memset(huge, 'a', sizeof huge - 1);
    CHECK(!glob_imatch(STR("*"), str_of(huge)));
}

TEST_MAIN()
