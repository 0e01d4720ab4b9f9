/* Who may change the running host, for everything that Windows may say of a process. */
#include "actions/writer_live.h"

#include <string.h>

#include "check.h"

static struct writer_live_process from_bits(unsigned bits)
{
    return (struct writer_live_process){
        .wow64_known = bits & 1,
        .wow64 = bits & 2,
        .elevation_known = bits & 4,
        .elevated = bits & 8,
        .administrator = bits & 16,
    };
}

TEST(only_an_elevated_administrator_of_the_right_build_may)
{
    for (unsigned bits = 0; bits < 32; bits++) {
        struct err e = {0};
        struct writer_live_process p = from_bits(bits);
        bool may = writer_live_decide(&p, &e);
        CHECK(may == (bits == (1 | 4 | 8 | 16)));
        CHECK(may == (e.kind == ERR_NONE));
    }
}

TEST(what_is_said_helps)
{
    struct err e = {0};
    struct writer_live_process p = from_bits(1 | 2 | 4 | 8 | 16);
    CHECK(!writer_live_decide(&p, &e) && e.kind == ERR_UNSUPPORTED && strstr(e.text, "x64 build"));
    e = (struct err){0};
    p = from_bits(1 | 4 | 16);
    CHECK(!writer_live_decide(&p, &e) && e.kind == ERR_DENIED && strstr(e.text, "elevated"));
    /* Elevated by another group than Administrators (Backup Operators). */
    e = (struct err){0};
    p = from_bits(1 | 4 | 8);
    CHECK(!writer_live_decide(&p, &e) && e.kind == ERR_DENIED);
}

TEST_MAIN()
