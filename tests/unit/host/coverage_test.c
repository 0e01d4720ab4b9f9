/* What a log covers of a window, and what takes that away. */
#include "log_case.h"

#include "base/utf16.h"

#define NOON "2023-01-01T12:00:00Z"

struct asked {
    struct host *h;
    struct arena mem;
    struct event_answer answer;
};

/* The window [since, reference] over a log. */
static void ask(struct asked *x, struct span log, uint64_t now, uint64_t since)
{
    struct event_query q = {.channel = STR("System"), .since = since};
    x->h = log_host(log, now);
    arena_init(&x->mem, ARENA_DEFAULT_CAP);
    host_events(x->h, &q, &x->mem, &x->answer);
}

static void done(struct asked *x, struct log_case *c)
{
    host_close(x->h);
    arena_done(&x->mem);
    sb_done(&c->bytes);
}

static bool says(struct str reason, const char *part)
{
    size_t n = strlen(part);
    for (size_t i = 0; i + n <= reason.len; i++)
        if (memcmp(reason.ptr + i, part, n) == 0)
            return true;
    fprintf(stderr, "reason is \"%.*s\"\n", (int)reason.len, reason.ptr ? reason.ptr : "");
    return false;
}

TEST(a_window_inside_is_covered)
{
    struct log_case c;
    struct asked x;
    uint64_t first = log_time(NOON);
    log_begin(&c, 1000);
    log_days(&c, first, 60);
    ask(&x, log_end(&c, EVTX_CLEAN), first + 60 * WTIME_DAY, first + 20 * WTIME_DAY);
    CHECK(x.answer.coverage.known && x.answer.coverage.complete);
    CHECK_STR(x.answer.coverage.reason, "");
    CHECK_U64(x.answer.coverage.from, first + 20 * WTIME_DAY);
    CHECK_U64(x.answer.coverage.to, first + 59 * WTIME_DAY); /* the reference time */
    CHECK_U64(x.answer.count, 40);
    done(&x, &c);
}

TEST(a_log_that_begins_late_is_not)
{
    struct log_case c;
    struct asked x;
    uint64_t first = log_time(NOON);
    log_begin(&c, 1000);
    log_days(&c, first, 10);
    ask(&x, log_end(&c, EVTX_CLEAN), first + 10 * WTIME_DAY, first - WTIME_DAY);
    CHECK(!x.answer.coverage.complete && says(x.answer.coverage.reason, "begins at 2023-01-01"));
    CHECK_U64(x.answer.coverage.from, first);
    done(&x, &c);
}

TEST(an_open_window_begins_with_the_log)
{
    struct log_case c;
    struct asked x;
    uint64_t first = log_time(NOON);
    log_begin(&c, 1000);
    log_days(&c, first, 10);
    ask(&x, log_end(&c, EVTX_CLEAN), first + 10 * WTIME_DAY, 0);
    CHECK(x.answer.coverage.complete);
    CHECK_U64(x.answer.coverage.from, first);
    done(&x, &c);
}

/* The window's end counts as covered for 26 hours of silence and no longer. */
TEST(silence_at_the_end)
{
    const uint64_t silence[2] = {26 * WTIME_HOUR, 26 * WTIME_HOUR + WTIME_SECOND};
    for (int i = 0; i < 2; i++) {
        struct log_case c;
        struct host *h;
        struct event_answer answer;
        struct arena mem;
        struct err e = {0};
        uint64_t first = log_time(NOON), last = first + 29 * WTIME_DAY;
        log_begin(&c, 1);
        log_days(&c, first, 30);
        struct host_options options = {.now = last + 90 * WTIME_DAY, .at = last + silence[i]};
        CHECK(host_memory(&options, &h, &e));
        memory_set_log(h, "System", log_end(&c, EVTX_CLEAN));
        arena_init(&mem, ARENA_DEFAULT_CAP);
        struct event_query q = {.channel = STR("system"), .since = first + WTIME_DAY};
        host_events(h, &q, &mem, &answer);
        CHECK(answer.coverage.complete == (i == 0));
        CHECK_U64(answer.coverage.to, i == 0 ? options.at : last);
        if (i)
            CHECK(says(answer.coverage.reason, "nothing was logged after 2023-01-30"));
        arena_done(&mem);
        host_close(h);
        sb_done(&c.bytes);
    }
}

TEST(a_gap_in_the_numbers_inside_the_window)
{
    struct log_case c;
    struct asked x;
    uint64_t first = log_time(NOON);
    log_begin(&c, 1);
    log_days(&c, first, 20);
    evtx_skip_to(&c.w, 100);
    log_days(&c, first + 20 * WTIME_DAY, 20);
    struct span log = log_end(&c, EVTX_CLEAN);
    ask(&x, log, first + 40 * WTIME_DAY, first + 10 * WTIME_DAY);
    CHECK(!x.answer.coverage.complete);
    CHECK(says(x.answer.coverage.reason, "records 21 to 99 are missing"));
    host_close(x.h);
    arena_done(&x.mem);
    /* The same gap before the window does no harm. */
    ask(&x, log, first + 40 * WTIME_DAY, first + 25 * WTIME_DAY);
    CHECK(x.answer.coverage.complete);
    done(&x, &c);
}

TEST(the_clock_ran_backwards)
{
    struct log_case c;
    struct asked x;
    uint64_t first = log_time(NOON);
    log_begin(&c, 1);
    log_days(&c, first, 20);
    log_days(&c, first + 17 * WTIME_DAY, 20); /* back by two days */
    struct span log = log_end(&c, EVTX_CLEAN);
    ask(&x, log, first + 60 * WTIME_DAY, first + 10 * WTIME_DAY);
    CHECK(!x.answer.coverage.complete && says(x.answer.coverage.reason, "ran backwards"));
    host_close(x.h);
    arena_done(&x.mem);
    ask(&x, log, first + 60 * WTIME_DAY, first + 30 * WTIME_DAY);
    CHECK(x.answer.coverage.complete);
    done(&x, &c);
}

TEST(back_by_less_than_a_day_is_normal)
{
    struct log_case c;
    struct asked x;
    uint64_t first = log_time(NOON);
    log_begin(&c, 1);
    log_days(&c, first, 20);
    log_days(&c, first + 18 * WTIME_DAY + WTIME_HOUR, 20);
    ask(&x, log_end(&c, EVTX_CLEAN), first + 60 * WTIME_DAY, first + 10 * WTIME_DAY);
    CHECK(x.answer.coverage.complete);
    done(&x, &c);
}

TEST(a_log_that_ends_before_it_begins)
{
    struct log_case c;
    struct asked x;
    uint64_t first = log_time(NOON);
    log_begin(&c, 1);
    log_add(&c, &log_other, 1, first, "set up", NULL);
    log_add(&c, &log_other, 1, first - 5 * WTIME_HOUR, "another time zone", NULL);
    ask(&x, log_end(&c, EVTX_CLEAN), first, 0);
    CHECK(x.answer.coverage.complete);
    CHECK_U64(x.answer.coverage.from, first - 5 * WTIME_HOUR);
    CHECK_U64(x.answer.coverage.to, first - 5 * WTIME_HOUR);
    done(&x, &c);
}

/* 104 stands in System for every log that is cleared; only its own channel matters. */
TEST(cleared)
{
    static const char *const channels[2] = {"System", "Application"};
    for (int i = 0; i < 2; i++) {
        struct log_case c;
        struct asked x;
        uint64_t first = log_time(NOON);
        log_begin(&c, 1);
        log_days(&c, first, 20);
        log_add(&c, &log_eventlog, 104, first + 20 * WTIME_DAY, "admin", channels[i]);
        log_days(&c, first + 21 * WTIME_DAY, 20);
        ask(&x, log_end(&c, EVTX_CLEAN), first + 60 * WTIME_DAY, first + 10 * WTIME_DAY);
        CHECK(x.answer.coverage.complete == (i == 1));
        CHECK_U64(x.answer.coverage.from, first + (i ? 10 : 20) * WTIME_DAY);
        if (i == 0)
            CHECK(says(x.answer.coverage.reason, "cleared at 2023-01-21"));
        done(&x, &c);
    }
}

/* Enough records for several chunks, `hours` apart. */
static struct span many(struct log_case *c, uint64_t first, unsigned count)
{
    char filler[700];
    memset(filler, 'x', sizeof filler - 1);
    filler[sizeof filler - 1] = 0;
    log_begin(c, 5000);
    for (unsigned i = 0; i < count; i++)
        log_add(c, &log_other, 1, first + i * WTIME_HOUR, filler, NULL);
    return log_end(c, EVTX_CLEAN);
}

TEST(a_chunk_that_lost_records)
{
    struct log_case c;
    struct asked x;
    uint64_t first = log_time(NOON), now = first + 400 * WTIME_HOUR;
    (void)many(&c, first, 400);
    CHECK(c.w.chunks >= 5);
    evtx_damage(&c.bytes, 2, EVTX_ZEROED);
    ask(&x, span_of(c.bytes.ptr, c.bytes.len), now, first + WTIME_HOUR);
    CHECK(!x.answer.coverage.complete && says(x.answer.coverage.reason, "are missing"));
    done(&x, &c);
}

/* The newest chunk is gone: no later record shows a gap. */
TEST(the_last_chunk_is_gone)
{
    struct log_case c;
    struct asked x;
    uint64_t first = log_time(NOON), now = first + 400 * WTIME_HOUR;
    (void)many(&c, first, 400);
    size_t last = (size_t)c.w.chunks - 1;
    evtx_damage(&c.bytes, last, EVTX_ZEROED);
    ask(&x, span_of(c.bytes.ptr, c.bytes.len), now, first + WTIME_HOUR);
    CHECK(!x.answer.coverage.complete);
    done(&x, &c);
}

TEST(a_log_that_wrapped_is_in_order)
{
    struct log_case c;
    struct asked x;
    uint64_t first = log_time(NOON), now = first + 400 * WTIME_HOUR;
    (void)many(&c, first, 400);
    evtx_rotate(&c.bytes, 2);
    ask(&x, span_of(c.bytes.ptr, c.bytes.len), now, first + 3 * WTIME_HOUR);
    CHECK(x.answer.coverage.complete);
    CHECK_U64(x.answer.coverage.to, first + 399 * WTIME_HOUR);
    CHECK_U64(x.answer.count, 397);
    done(&x, &c);
}

/* Records from the future are no reference time, and no window is then certain. */
TEST(a_future_that_is_not_believed)
{
    struct log_case c;
    struct asked x;
    uint64_t first = log_time(NOON);
    log_begin(&c, 1);
    log_days(&c, first, 30);
    ask(&x, log_end(&c, EVTX_CLEAN), first + 10 * WTIME_DAY, first + WTIME_DAY);
    const struct reference_time *r = host_reference(x.h);
    CHECK(!r->trusted && r->time == first + 10 * WTIME_DAY);
    CHECK(!x.answer.coverage.complete && says(x.answer.coverage.reason, "not certain"));
    CHECK_U64(host_info(x.h)->note_count, 1);
    done(&x, &c);
}

TEST(an_empty_log_covers_nothing)
{
    struct log_case c;
    struct asked x;
    log_begin(&c, 1);
    ask(&x, log_end(&c, EVTX_CLEAN), log_time(NOON), log_time(NOON) - WTIME_DAY);
    CHECK(x.answer.state == FACT_FOUND && !x.answer.coverage.complete);
    CHECK_U64(x.answer.coverage.to, 0);
    done(&x, &c);
}

TEST_MAIN()
