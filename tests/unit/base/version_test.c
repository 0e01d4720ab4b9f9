#include "base/version.h"
#include "check.h"

TEST(parsing)
{
    static const struct {
        const char *text, *same; /* NULL: no version */
    } cases[] = {
        {"8.8.0.1982", "8.8.0.1982"},
        {"8", "8.0.0.0"},
        {"24,0,2195,0", "24.0.2195.0"},
        {"24, 0, 2195, 0", "24.0.2195.0"},
        {" 8.8 ", "8.8.0.0"},
        {"65535.0.0.65535", "65535.0.0.65535"},
        {"008.08", "8.8.0.0"},
        {"", NULL},
        {" ", NULL},
        {"65536", NULL},
        {"4294967297", NULL},
        {"8.", NULL},
        {".8", NULL},
        {"8..8", NULL},
        {"1.2.3.4.5", NULL},
        {"8.8 Patch 2", NULL},
        {"8 8", NULL},
        {"-1", NULL},
        {"v8", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct version v;
        char text[VERSION_TEXT];
        bool ok = version_parse(str_of(cases[i].text), &v);
        CHECK(ok == (cases[i].same != NULL));
        if (ok && cases[i].same)
            CHECK_STR(str_of(version_format(v, text)), cases[i].same);
    }
}

TEST(order_is_numeric_part_by_part)
{
    static const char *const ascending[] = {"7.9",   "8.8.0.777", "8.8.0.975", "8.8.0.1982",
                                            "8.8.1", "8.10",      "10"};
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++) {
            struct version a, b;
            CHECK(version_parse(str_of(ascending[i]), &a));
            CHECK(version_parse(str_of(ascending[j]), &b));
            CHECK(version_cmp(a, b) == (i > j) - (i < j));
        }
}

TEST_MAIN()
