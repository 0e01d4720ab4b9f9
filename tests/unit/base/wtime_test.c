#include "base/wtime.h"
#include "check.h"

static struct str text_of(uint64_t t)
{
    static char buf[WTIME_TEXT];
    return str_of(wtime_format(t, buf));
}

TEST(known_times)
{
    CHECK_STR(text_of(0), "");
    CHECK_STR(text_of(1), "1601-01-01T00:00:00.0000001Z");
    CHECK_STR(text_of(WTIME_UNIX_EPOCH), "1970-01-01T00:00:00Z");
    CHECK_STR(text_of(wtime_from_unix(1331698656)), "2012-03-14T04:17:36Z");
    CHECK_STR(text_of(wtime_from_unix(951782400)), "2000-02-29T00:00:00Z");
    CHECK_STR(text_of(wtime_from_unix(253402300799)), "9999-12-31T23:59:59Z");
    CHECK_STR(text_of(UINT64_MAX), "0xffffffffffffffff");
}

TEST(unix_limits)
{
    CHECK_U64(wtime_from_unix(-11644473601), 0);
    CHECK_U64(wtime_from_unix(253402300800), 0);
    CHECK_U64(wtime_from_unix(INT64_MAX), 0);
    CHECK_U64(wtime_from_unix(INT64_MIN), 0);
    CHECK(wtime_to_unix(wtime_from_unix(-5)) == -5);
    CHECK(wtime_to_unix(wtime_from_unix(1)) == 1);
}

TEST(every_day_makes_a_round_trip)
{
    struct wtime_civil c, before = {0};
    for (uint64_t day = 0; day < UINT64_C(3067671); day++) {
        uint64_t back = 0, t = day * WTIME_DAY + 12345678901;
        if (!wtime_civil(t, &c) || !wtime_from_civil(&c, &back) || back != t) {
            CHECK_U64(back, t);
            break;
        }
        bool next = c.day == before.day + 1 || (c.day == 1 && before.day >= 28) || day == 0;
        if (!next) {
            CHECK_U64(c.day, before.day + 1);
            break;
        }
        before = c;
    }
    CHECK(c.year == 9999 && c.month == 12 && c.day == 31);
}

TEST(impossible_dates)
{
    static const char *const bad[] = {
        "",
        "2012",
        "2012-13-01",
        "2012-00-01",
        "2012-04-31",
        "2011-02-29",
        "1900-02-29",
        "2012-01-00",
        "1600-12-31",
        "2012-03-14T24:00:00Z",
        "2012-03-14T04:60:00Z",
        "2012-03-14T04:17:36",
        "2012-03-14T04:17Z",
        "2012-03-14T04:17:36.Z",
        "2012-03-14T04:17:36+0900",
        "2012-03-14T04:17:36+24:00",
        "2012-03-14T04:17:36Zx",
        "2012-03-14 ",
        "2012-3-14",
        "+012-03-14",
        "1601-01-01T00:00:00+01:00",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t t = 7;
        bool parsed = wtime_parse(str_of(bad[i]), &t);
        if (parsed)
            fprintf(stderr, "accepted: %s\n", bad[i]);
        CHECK(!parsed && t == 7);
    }
}

TEST(possible_dates)
{
    static const struct {
        const char *text, *same;
    } good[] = {
        {"2012-02-29", "2012-02-29T00:00:00Z"},
        {"2000-02-29", "2000-02-29T00:00:00Z"},
        {"2012-03-14T04:17:36Z", "2012-03-14T04:17:36Z"},
        {"2012-03-14t04:17:36z", "2012-03-14T04:17:36Z"},
        {"2012-03-14 13:17:36+09:00", "2012-03-14T04:17:36Z"},
        {"2012-03-13T22:47:36-05:30", "2012-03-14T04:17:36Z"},
        {"2012-03-14T04:17:36.5Z", "2012-03-14T04:17:36.5000000Z"},
        {"2012-03-14T04:17:36.12345679Z", "2012-03-14T04:17:36.1234567Z"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint64_t t = 0;
        CHECK(wtime_parse(str_of(good[i].text), &t));
        CHECK_STR(text_of(t), good[i].same);
    }
}

TEST(now_is_plausible)
{
    CHECK(wtime_now() > wtime_from_unix(1700000000));
}

TEST_MAIN()
