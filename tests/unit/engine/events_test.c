/* The rules about events and the log's capacity, on logs written for each case. */
#include "engine_case.h"
#include "evtx_writer.h"

#define LOG_KEY SERVICE_KEY("EventLog\\System")

struct log_case {
    struct sb bytes;
    struct evtx_writer writer;
    uint64_t now;
};

static const struct evtx_source service = {
    .provider = "EventLog", .classic = true, .channel = "System", .computer = "HOST"};
static const struct evtx_source driver = {
    .provider = "mfehidk", .classic = true, .channel = "System", .computer = "HOST"};
static const struct evtx_shape list = {.binary = true};

static void add(struct log_case *l, const struct evtx_source *source, uint16_t id, uint64_t time,
                const char *image, size_t size)
{
    const struct str strings[] = {STR("\\Device\\mfehidk"), str_of(image), STR("1234")};
    const struct evtx_event ev = {.source = source,
                                  .shape = &list,
                                  .time = time,
                                  .id = id,
                                  .level = 3,
                                  .strings = strings,
                                  .string_count = 3,
                                  .record_size = size};
    evtx_add(&l->writer, &ev);
}

/* A record every six hours from `days` days before now up to `silence` hours before it. */
static void log_begin(struct log_case *l, unsigned days, unsigned silence, size_t size)
{
    l->now = case_time(CASE_NOW);
    sb_init(&l->bytes, 64 << 20);
    evtx_begin(&l->writer, &l->bytes, NULL, 1);
    for (uint64_t t = l->now - days * WTIME_DAY; t <= l->now - silence * WTIME_HOUR;
         t += 6 * WTIME_HOUR)
        add(l, &service, 6013, t, "uptime", size);
}

static void log_end(struct log_case *l, struct engine_case *c)
{
    struct err e = {0};
    CHECK(evtx_end(&l->writer, EVTX_CLEAN, &e));
    memory_set_log(c->host, "System", span_of(l->bytes.ptr, l->bytes.len));
    sb_done(&l->bytes);
}

TEST(none_in_a_covered_window_passes)
{
    struct engine_case c;
    struct log_case l;
    case_open(&c);
    log_begin(&l, 40, 1, 0);
    log_end(&l, &c);
    case_run(&c);
    const struct result *r = case_result(&c, "untrusted-code-events");
    CHECK_VERDICT(&c, "untrusted-code-events", VERDICT_PASS);
    CHECK_STR(r->message, "no event of mfehidk 514/516/519 in System in the last 30 days");
    CHECK(r->coverage.known && r->coverage.complete);
    CHECK_U64((uint64_t)value_get(&r->observed.value, "count")->integer, 0);
    CHECK(value_get(&r->observed.value, "first")->kind == VALUE_NULL);
    case_close(&c);
}

TEST(any_fails_and_is_grouped)
{
    struct engine_case c;
    struct log_case l;
    case_open(&c);
    log_begin(&l, 40, 4, 0);
    for (unsigned i = 0; i < 60; i++)
        add(&l, &driver, i % 6 ? 516 : 514, l.now - 3 * WTIME_HOUR + i * 60 * WTIME_SECOND,
            i % 3 ? "**\\VSTSKMGR.EXE" : "**\\naPrdMgr.exe", 0);
    add(&l, &service, 516, l.now - WTIME_HOUR, "**\\VSTSKMGR.EXE", 0);
    log_end(&l, &c);
    case_run(&c);
    const struct result *r = case_result(&c, "untrusted-code-events");
    const struct value *v = &r->observed.value;
    CHECK_VERDICT(&c, "untrusted-code-events", VERDICT_FAIL);
    CHECK_U64((uint64_t)value_get(v, "count")->integer, 60);
    CHECK_U64(value_get(v, "first")->time, l.now - 3 * WTIME_HOUR);
    CHECK_U64(value_get(v, "last")->time, l.now - 2 * WTIME_HOUR - 60 * WTIME_SECOND);
    const struct value *groups = value_get(v, "groups");
    CHECK_U64(groups->list.count, 3);
    CHECK_U64((uint64_t)value_get(&groups->list.items[0], "id")->integer, 514);
    CHECK_U64((uint64_t)value_get(&groups->list.items[0], "count")->integer, 10);
    CHECK(value_get(v, "per_day")->number > 1.9 && value_get(v, "per_day")->number < 2.1);
    CHECK(has_text(r->message, "60 events of mfehidk 514/516/519 in System, 2.0 a day"));
    CHECK(has_text(r->message, "want none in 30 days: 516 "));
    CHECK_U64(r->remedy_count, 4);
    CHECK(has_text(r->remedies[1], "KB74177") && has_text(r->remedies[2], "KB74176") &&
          has_text(r->remedies[3], "KB74174"));
    CHECK(r->evidence.count > 1);
    case_close(&c);
}

TEST(events_before_the_window_do_not_count)
{
    struct engine_case c;
    struct log_case l;
    case_open(&c);
    log_begin(&l, 40, 1, 0);
    add(&l, &driver, 516, case_time(CASE_NOW) - 30 * WTIME_DAY - WTIME_SECOND, "**\\A.EXE", 0);
    log_end(&l, &c);
    case_run(&c);
    CHECK_U64(
        (uint64_t)value_get(&case_result(&c, "untrusted-code-events")->observed.value, "count")
            ->integer,
        0);
    case_close(&c);

    struct engine_setting set = {STR(""), STR("window_days"), STR("31")};
    struct engine_options options = {.settings = &set, .setting_count = 1};
    case_open(&c);
    log_begin(&l, 40, 1, 0);
    add(&l, &driver, 516, case_time(CASE_NOW) - 30 * WTIME_DAY - WTIME_SECOND, "**\\A.EXE", 0);
    log_end(&l, &c);
    case_run_with(&c, &options);
    CHECK_VERDICT(&c, "untrusted-code-events", VERDICT_FAIL);
    case_close(&c);
}

TEST(short_log_is_unknown_unless_violated)
{
    struct engine_case c;
    struct log_case l;
    case_open(&c);
    log_begin(&l, 5, 1, 0);
    log_end(&l, &c);
    case_run(&c);
    const struct result *r = case_result(&c, "untrusted-code-events");
    CHECK_VERDICT(&c, "untrusted-code-events", VERDICT_UNKNOWN);
    CHECK(!r->coverage.complete && r->coverage.reason.len);
    CHECK(has_text(r->message, "does not cover all 30 days"));
    case_close(&c);

    case_open(&c);
    log_begin(&l, 5, 1, 0);
    add(&l, &driver, 519, l.now - 60 * WTIME_SECOND, "**\\A.EXE", 0);
    log_end(&l, &c);
    case_run(&c);
    CHECK_VERDICT(&c, "untrusted-code-events", VERDICT_FAIL);
    CHECK(has_text(case_result(&c, "untrusted-code-events")->message,
                   "1 event of mfehidk 514/516/519 in System"));
    CHECK(has_text(case_result(&c, "untrusted-code-events")->message,
                   "does not cover the whole window"));
    case_close(&c);
}

TEST(silent_end_is_unknown)
{
    struct engine_case c;
    struct log_case l;
    case_open(&c);
    log_begin(&l, 40, 48, 0);
    log_end(&l, &c);
    case_run(&c);
    CHECK_VERDICT(&c, "untrusted-code-events", VERDICT_UNKNOWN);
    case_close(&c);
}

TEST(log_that_is_not_there_is_unknown)
{
    static const enum fact_state states[] = {FACT_ABSENT, FACT_UNREADABLE, FACT_NOT_COLLECTED};
    for (size_t i = 0; i < 3; i++) {
        struct engine_case c;
        case_open(&c);
        if (states[i] != FACT_ABSENT)
            memory_set_log_state(c.host, "System", states[i], "because");
        case_run(&c);
        CHECK_VERDICT(&c, "untrusted-code-events", VERDICT_UNKNOWN);
        CHECK_VERDICT(&c, "system-log-capacity", VERDICT_UNKNOWN);
        CHECK_U64(engine_exit_code(&c.run), 3);
        case_close(&c);
    }
}

TEST(uncertain_reference_time_is_unknown)
{
    struct engine_case c;
    struct log_case l;
    case_open_at(&c, false);
    log_begin(&l, 40, 1, 0);
    add(&l, &driver, 516, l.now - 60 * WTIME_SECOND, "**\\A.EXE", 0);
    add(&l, &service, 6013, l.now + 400 * WTIME_DAY, "uptime", 0);
    log_end(&l, &c);
    memory_set_dword(c.host, LOG_KEY, "MaxSize", 20 << 20);
    case_run(&c);
    CHECK_VERDICT(&c, "untrusted-code-events", VERDICT_UNKNOWN);
    CHECK_VERDICT(&c, "system-log-capacity", VERDICT_UNKNOWN);
    CHECK(has_text(case_result(&c, "untrusted-code-events")->message, "--at"));
    case_close(&c);
}

/* ---- capacity ----------------------------------------------------------------------------------
 */

/* `size` bytes a record, four records a day. */
static void run_capacity(struct engine_case *c, unsigned days, size_t record, uint32_t max_size,
                         int retention)
{
    struct log_case l;
    case_open(c);
    log_begin(&l, days, 1, record);
    log_end(&l, c);
    if (max_size)
        memory_set_dword(c->host, LOG_KEY, "MaxSize", max_size);
    if (retention >= 0)
        memory_set_dword(c->host, LOG_KEY, "Retention", retention ? 0xFFFFFFFF : 0);
    case_run(c);
}

TEST(capacity_by_growth)
{
    struct engine_case c;
    run_capacity(&c, 40, 4096, 1 << 20, 0); /* about 16 KiB a day: 64 days */
    const struct result *r = case_result(&c, "system-log-capacity");
    CHECK_VERDICT(&c, "system-log-capacity", VERDICT_PASS);
    double a_day = value_get(&r->observed.value, "bytes_per_day")->number;
    CHECK(a_day > 15000 && a_day < 18000);
    CHECK(value_get(&r->observed.value, "days")->number > 55);
    case_close(&c);

    run_capacity(&c, 40, 4096, 256 << 10, 0); /* 16 days */
    CHECK_VERDICT(&c, "system-log-capacity", VERDICT_FAIL);
    CHECK(
        has_text(case_result(&c, "system-log-capacity")->message, "System log of 256.0 KiB, 16."));
    CHECK(has_text(case_result(&c, "system-log-capacity")->message, "want 30 days or more"));
    case_close(&c);
}

TEST(capacity_of_a_log_that_stops_when_full)
{
    struct engine_case c;
    run_capacity(&c, 40, 4096, 1 << 20, 1); /* 64 days in all, but 40 of them are used up */
    CHECK_VERDICT(&c, "system-log-capacity", VERDICT_FAIL);
    CHECK(has_text(case_result(&c, "system-log-capacity")->message, "without overwriting"));
    case_close(&c);
    run_capacity(&c, 40, 4096, 4 << 20, 1);
    CHECK_VERDICT(&c, "system-log-capacity", VERDICT_PASS);
    case_close(&c);
}

TEST(capacity_is_unknown_without_size_or_a_day)
{
    struct engine_case c;
    run_capacity(&c, 40, 4096, 0, -1);
    CHECK_VERDICT(&c, "system-log-capacity", VERDICT_UNKNOWN);
    case_close(&c);

    struct log_case l;
    case_open(&c);
    log_begin(&l, 0, 0, 4096);
    for (int i = 0; i < 20; i++)
        add(&l, &service, 6013, l.now - (23 - (uint64_t)i) * WTIME_HOUR, "uptime", 4096);
    log_end(&l, &c);
    memory_set_dword(c.host, LOG_KEY, "MaxSize", 20 << 20);
    case_run(&c);
    CHECK_VERDICT(&c, "system-log-capacity", VERDICT_UNKNOWN);
    CHECK(has_text(case_result(&c, "system-log-capacity")->message, "less than a day"));
    case_close(&c);
}

TEST_MAIN()
