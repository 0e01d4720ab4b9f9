/* Regular expressions: what they find, and that none of them runs long. */
#include "base/regex.h"

#include <time.h>

#include "check.h"

static enum regex_answer try(const char *pattern, const char *text, struct regex_groups *groups,
                             struct err *e)
{
    static struct arena a;
    const struct regex *r = NULL;
    *e = (struct err){0};
    arena_done(&a);
    arena_init(&a, 1 << 20);
    CHECK(regex_compile(str_of(pattern), &a, &r, e));
    return r ? regex_match(r, str_of(text), groups, e) : REGEX_LIMIT;
}

TEST(finds)
{
    static const struct {
        const char *pattern, *text;
        enum regex_answer answer;
    } rows[] = {
        {"b", "abc", REGEX_YES},
        {"^b", "abc", REGEX_NO},
        {"", "", REGEX_YES},
        {"^$", "", REGEX_YES},
        {"ABC", "abc", REGEX_NO},
        {"(?i)ABC", "abc", REGEX_YES},
        {"^\\w+$", "mfehidk", REGEX_YES},
        {"^.$", "\xC3\x84", REGEX_YES},
        {"^..$", "\xC3\x84", REGEX_NO},
        {"a\\x{DF}b",
         "a\xC3\x9F"
         "b",
         REGEX_YES},
        {"ab",
         "\xED\xA0\x80"
         "ab",
         REGEX_YES}, /* a lone surrogate does not hide what follows */
        {"a.b",
         "a\xED\xA0\x80"
         "b",
         REGEX_NO},
        {"\\.exe$", "x.exe", REGEX_YES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e;
        if (try(rows[i].pattern, rows[i].text, NULL, &e) != rows[i].answer) {
            fprintf(stderr, "%s in %s: %s\n", rows[i].pattern, rows[i].text, e.text);
            test_failures++;
        }
    }
}

TEST(groups)
{
    struct regex_groups g;
    struct err e;
    CHECK(try("(a)(x)?(b)", "-ab-", &g, &e) == REGEX_YES);
    CHECK_U64(g.count, 4);
    CHECK_STR(g.group[0], "ab");
    CHECK_STR(g.group[1], "a");
    CHECK(g.group[2].ptr == NULL);
    CHECK_STR(g.group[3], "b");
    CHECK(try("(((((((((((((((((a)))))))))))))))))", "a", &g, &e) == REGEX_YES);
    CHECK_U64(g.count, REGEX_GROUPS);
}

TEST(patterns_that_are_none)
{
    static const char *const bad[] = {"(", "[", "a{2,1}", "*", "\\C", "(?<n>a)(?<n>b)", "\xFF"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct arena a;
        const struct regex *r = NULL;
        struct err e = {0};
        arena_init(&a, 1 << 20);
        CHECK(!regex_compile(str_of(bad[i]), &a, &r, &e));
        CHECK(e.kind == ERR_USAGE && strstr(e.text, "(byte "));
        arena_done(&a);
    }
}

TEST(every_size_of_the_arena)
{
    size_t cap = 0;
    for (bool ok = false; !ok && cap < 100000; cap += 64) {
        struct arena a;
        const struct regex *r = NULL;
        struct err e = {0};
        arena_init(&a, cap);
        ok = regex_compile(STR("^(?<name>[a-z]+|\\d{1,20})(x|y|z)*\\.(exe|dll)$"), &a, &r, &e);
        CHECK(ok || e.kind == ERR_NOMEM);
        CHECK(!ok || regex_match(r, STR("abcxyz.dll"), NULL, &e) == REGEX_YES);
        arena_done(&a);
    }
    CHECK(cap < 100000);
}

/* However the pattern loops, and however long the text is, the steps are the same everywhere. */
TEST(steps_are_counted)
{
    static const char *const patterns[] = {"(a+)+[bc]",
                                           "(a*)*[bc]",
                                           "(a|aa)+$[bc]",
                                           "(.*)(.*)(.*)[xy]",
                                           "(?:(?=.*+[bc])?.)*[cd]",
                                           "(?=(a+))a*[xy]\\1"};
    static char text[REGEX_TEXT_MAX + 2];
    memset(text, 'a', REGEX_TEXT_MAX);
    clock_t start = clock();
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct regex_groups one, two;
        struct err e;
        CHECK(try(patterns[i], text, &one, &e) == REGEX_LIMIT);
        CHECK(e.kind == ERR_LIMIT && strstr(e.text, "more than 1000000 steps"));
        CHECK(try(patterns[i], text, &two, &e) == REGEX_LIMIT);
        CHECK(one.steps == two.steps && one.steps <= REGEX_STEPS);
    }
    CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 20);
    struct err e;
    text[REGEX_TEXT_MAX] = 'a';
    CHECK(try("^a", text, NULL, &e) == REGEX_LIMIT);
    CHECK(strstr(e.text, "a text of 65537 bytes"));
}

TEST_MAIN()
