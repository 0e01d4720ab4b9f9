/* Queries give the same whether rows are passed over or sorted; wrapped logs, clocks set back. */
#include "log_case.h"

#include "host/logs.h"

enum { RECORDS = 3000, ASKED = 12 };

static uint64_t when(unsigned i)
{
    uint64_t t = log_time("2023-03-01T00:00:00Z") + i * WTIME_HOUR / 60;
    return i > 2000 && i < 2200 ? t - 3 * WTIME_HOUR : t;
}

static struct host *make(struct log_case *c, size_t rotate)
{
    char text[64];
    log_begin(c, 1);
    for (unsigned i = 0; i < RECORDS; i++) {
        snprintf(text, sizeof text, "**\\%s%u.EXE", i % 2 ? "app" : "APP", i % 5);
        log_add(c, i % 3 ? &log_mfehidk : &log_other, (uint16_t)(500 + i % 4), when(i), text, NULL);
    }
    (void)log_end(c, EVTX_CLEAN);
    if (rotate)
        evtx_rotate(&c->bytes, rotate);
    return log_host(span_of(c->bytes.ptr, c->bytes.len), log_time("2023-04-01T00:00:00Z"));
}

static void ask(struct host *h, unsigned variant, struct arena *a, struct event_answer *out)
{
    static const uint32_t ids[] = {501, 503, 503};
    struct str provider[] = {STR("MFEHIDK"), STR("mfehidk"), STR("nobody")};
    struct event_query q = {.channel = STR("System"), .samples = 5};
    if (variant & 1)
        q.ids = ids, q.id_count = 3;
    if (variant & 2)
        q.providers = provider, q.provider_count = 3;
    if (variant & 4)
        q.since = when(700), q.until = when(2100);
    host_events(h, &q, a, out);
}

static void same(const struct event_answer *x, const struct event_answer *y)
{
    CHECK_U64(x->count, y->count);
    CHECK_U64(x->first, y->first);
    CHECK_U64(x->last, y->last);
    CHECK_U64(x->covered_bytes, y->covered_bytes);
    CHECK_U64(x->sample_count, y->sample_count);
    for (size_t i = 0; i < x->sample_count && i < y->sample_count; i++)
        CHECK_U64(x->samples[i].record_id, y->samples[i].record_id);
}

static void compare(size_t rotate)
{
    for (unsigned variant = 0; variant < 8; variant++) {
        struct log_case c;
        struct event_answer first, later;
        struct arena a;
        struct host *h = make(&c, rotate);
        arena_init(&a, ARENA_DEFAULT_CAP);
        ask(h, variant, &a, &first); /* a pass */
        for (int i = 0; i < ASKED; i++)
            ask(h, variant, &a, &later); /* sorted */
        CHECK(first.count > 0);
        same(&first, &later);
        arena_done(&a);
        host_close(h);
        sb_done(&c.bytes);
    }
}

TEST(in_order)
{
    compare(0);
}

TEST(wrapped)
{
    compare(3);
}

TEST(groups_of_a_wrapped_log)
{
    struct log_case c;
    struct arena a;
    struct event_answer x;
    uint64_t sum = 0;
    struct host *h = make(&c, 2);
    arena_init(&a, ARENA_DEFAULT_CAP);
    struct event_query q = {.channel = STR("System"), .by_image = true};
    for (int i = 0; i < 2; i++) { /* the second time from memory */
        host_events(h, &q, &a, &x);
        CHECK_U64(x.group_count, 20);
        sum = 0;
        for (size_t k = 0; k < x.group_count; k++)
            sum += x.groups[k].count;
        CHECK_U64(sum, RECORDS);
        CHECK_STR(x.groups[0].image, "APP0.EXE"); /* as the oldest row spells it */
        CHECK_U64(x.groups[0].first, when(0));
    }
    arena_done(&a);
    host_close(h);
    sb_done(&c.bytes);
}

TEST_MAIN()
