#include "base/wtime.h"
#include "check.h"
#include "evt_sample.h"
#include "formats/evlog.h"
#include "seed.h"

static struct evt_sample sample;

static bool open_sample(struct evlog *log)
{
    struct err e = {0};
    bool ok = evt_index(evt_sample_span(&sample), log, &e);
    CHECK(ok);
    return ok;
}

static struct str provider(const struct evlog *log, size_t row)
{
    return log->names[log->provider[row]];
}

static void check_rows(const struct evlog *log, uint32_t first_id)
{
    static const uint8_t levels[] = {4, 2, 3, 0, 0};
    static const uint16_t ids[] = {7036, 516, 51, 528, 529};
    CHECK_U64(log->count, EVT_SAMPLE_EVENTS);
    for (size_t i = 0; i < log->count && i < EVT_SAMPLE_EVENTS; i++) {
        CHECK_U64(log->record_id[i], first_id + i);
        CHECK_U64(log->time[i], wtime_from_unix(evt_sample_events[i].time));
        CHECK_U64(log->event_id[i], ids[i]);
        CHECK_U64(log->level[i], levels[i]);
        CHECK_STR(provider(log, i), evt_sample_events[i].source);
        CHECK_STR(log->names[log->channel[i]], "");
    }
}

static void check_payload(const struct evlog *log)
{
    struct arena a;
    struct err e = {0};
    arena_init(&a, 1 << 20);
    for (size_t row = 0; row < log->count && row < EVT_SAMPLE_EVENTS; row++) {
        const struct evt_event *ev = &evt_sample_events[row];
        struct evlog_payload p;
        size_t strings = 0;
        CHECK(evt_payload(log, row, &a, &p, &e));
        for (; strings < 3 && ev->strings[strings]; strings++)
            if (strings < p.count)
                CHECK_STR(p.string[strings], ev->strings[strings]);
        CHECK_U64(p.count, strings);
        CHECK_STR(p.computer, "HOST-1");
        size_t data = ev->data ? strlen(ev->data) : 0;
        CHECK(span_eq(p.binary, span_of(ev->data, data)));
    }
    arena_done(&a);
}

TEST(plain_log)
{
    struct evlog log;
    evt_sample_plain(&sample);
    if (!open_sample(&log))
        return;
    check_rows(&log, 1);
    check_payload(&log);
    CHECK(!log.dirty && !log.header_bad);
    CHECK_U64(log.damage_total, 0);
    CHECK_U64(log.name_count, 5); /* the empty channel and four sources */
    arena_done(&log.mem);
}

TEST(wrapped_log_joins_the_split_record)
{
    struct evlog log;
    evt_sample_wrapped(&sample);
    if (!open_sample(&log))
        return;
    check_rows(&log, 1392);
    check_payload(&log);
    bool split = false;
    for (size_t i = 0; i < log.count; i++)
        split = split || log.offset[i] + log.size[i] > sample.size;
    CHECK(split);
    CHECK_U64(log.damage_total, 0);
    arena_done(&log.mem);
}

TEST(padding_at_the_end_of_the_file_is_no_damage)
{
    for (size_t rest = 4; rest < 56; rest += 4) {
        struct evlog log;
        evt_sample_init(&sample, 2048, EVT_HEADER, 1);
        size_t at = evt_sample_add(&sample, &evt_sample_events[0]);
        size_t size = sample.at - at;
        evt_sample_init(&sample, 1024, 1024 - size - rest, 7);
        for (size_t i = 0; i < EVT_SAMPLE_EVENTS; i++)
            evt_sample_add(&sample, &evt_sample_events[i]);
        evt_sample_finish(&sample, 0);
        if (!open_sample(&log))
            return;
        check_rows(&log, 7);
        CHECK_U64(log.damage_total, 0);
        arena_done(&log.mem);
    }
}

TEST(stale_header_gives_way_to_the_end_of_file_record)
{
    struct evlog log;
    evt_sample_wrapped(&sample);
    evt_store32(sample.bytes + 16, EVT_HEADER);
    evt_store32(sample.bytes + 20, EVT_HEADER + 4);
    evt_store32(sample.bytes + 36, 1);
    if (!open_sample(&log))
        return;
    check_rows(&log, 1392);
    CHECK(log.dirty);
    CHECK_U64(log.damage_total, 0);
    arena_done(&log.mem);
}

/* An end-of-file record may itself be split; and one from an earlier life of the file that names
 * another place must lose. */
TEST(end_of_file_record_is_found_anywhere)
{
    for (size_t shift = 0; shift < 48; shift += 4) {
        struct evlog log;
        evt_sample_init(&sample, 2048, EVT_HEADER, 1);
        size_t total = 0;
        for (size_t i = 0; i < EVT_SAMPLE_EVENTS; i++)
            evt_sample_add(&sample, &evt_sample_events[i]);
        total = sample.at - EVT_HEADER;
        evt_sample_init(&sample, 2048, 2048 - total - shift, 9);
        for (size_t i = 0; i < EVT_SAMPLE_EVENTS; i++)
            evt_sample_add(&sample, &evt_sample_events[i]);
        evt_sample_finish(&sample, 1);
        evt_store32(sample.bytes + 20, 0);
        const uint32_t stale[] = {40,         0x11111111, 0x22222222, 0x33333333, 0x44444444,
                                  EVT_HEADER, EVT_HEADER, 4000000,    1,          40};
        for (size_t i = 0; i < 10; i++)
            evt_store32(sample.bytes + 800 + i * 4, stale[i]);
        if (!open_sample(&log))
            return;
        check_rows(&log, 9);
        arena_done(&log.mem);
    }
}

TEST(damaged_record_is_skipped_counted_and_listed)
{
    struct evlog log;
    evt_sample_plain(&sample);
    size_t second = EVT_HEADER + load_u32(sample.bytes + EVT_HEADER);
    uint32_t size = load_u32(sample.bytes + second);
    evt_store32(sample.bytes + second + size - 4, size + 8);
    if (!open_sample(&log))
        return;
    CHECK_U64(log.count, EVT_SAMPLE_EVENTS - 1);
    CHECK_U64(log.damage_total, 1);
    CHECK_U64(log.damage[0].at, second);
    CHECK_U64(log.damage[0].time_from, wtime_from_unix(evt_sample_events[0].time));
    CHECK_U64(log.damage[0].time_to, wtime_from_unix(evt_sample_events[2].time));
    CHECK(log.damage[0].lost_records);
    CHECK_U64(log.record_id[1], 3);
    arena_done(&log.mem);
}

TEST(source_without_end_is_undecodable)
{
    struct evlog log;
    evt_sample_plain(&sample);
    size_t last = 0;
    if (!open_sample(&log))
        return;
    last = (size_t)log.offset[4];
    uint32_t size = log.size[4];
    arena_done(&log.mem);
    memset(sample.bytes + last + 56, 'A', size - 60);
    if (!open_sample(&log))
        return;
    CHECK_U64(log.count, EVT_SAMPLE_EVENTS - 1);
    CHECK_U64(log.records_undecodable, 1);
    CHECK_U64(log.damage_total, 1);
    arena_done(&log.mem);
}

TEST(missing_end_of_file_record_never_reads_stale_records)
{
    struct evlog log;
    evt_sample_plain(&sample);
    size_t end = load_u32(sample.bytes + 20);
    /* What a wrapped log leaves behind its newest record: an older one. */
    sample.at = end;
    sample.next_id = 2;
    evt_sample_add(&sample, &evt_sample_events[1]);
    evt_store32(sample.bytes + 36, 1);
    if (!open_sample(&log))
        return;
    check_rows(&log, 1);
    CHECK(log.dirty);
    CHECK_U64(log.damage_total, 1);
    CHECK(log.damage[0].lost_records);
    CHECK_U64(log.damage[0].time_to, 0);
    arena_done(&log.mem);
}

TEST(payload_outside_the_record_is_an_error)
{
    static const struct {
        size_t field;
        uint32_t value;
    } bad[] = {{36, 0xFFFFFFF0}, {36, 4}, {48, 0x7FFFFFFF}, {52, 0xFFFFFFFF}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct evlog log;
        struct arena a;
        struct err e = {0};
        struct evlog_payload p;
        evt_sample_plain(&sample);
        size_t second = EVT_HEADER + load_u32(sample.bytes + EVT_HEADER);
        evt_store32(sample.bytes + second + bad[i].field, bad[i].value);
        if (!open_sample(&log))
            return;
        arena_init(&a, 1 << 20);
        CHECK(!evt_payload(&log, 1, &a, &p, &e));
        CHECK(e.kind == ERR_FORMAT && e.text[0]);
        arena_done(&a);
        arena_done(&log.mem);
    }
}

TEST(other_bytes_are_refused)
{
    static const char *const samples[] = {"", "0", "ElfFile", "regf"};
    for (size_t i = 0; i < 4; i++) {
        struct evlog log;
        struct err e = {0};
        CHECK(!evt_index(span_of(samples[i], strlen(samples[i])), &log, &e));
        CHECK(e.kind == ERR_FORMAT);
    }
}

/* Index and every payload; a failure must explain itself and rows must stay inside the file. */
static void exercise(const uint8_t *data, size_t len)
{
    struct evlog log;
    struct err e = {0};
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, data, len);
    if (!evt_index(span_of(copy, len), &log, &e)) {
        CHECK(e.kind != ERR_NONE && e.text[0]);
        free(copy);
        return;
    }
    for (size_t i = 0; i < log.count; i++) {
        struct arena a;
        struct evlog_payload p;
        struct err pe = {0};
        arena_init(&a, 1 << 20);
        CHECK(log.offset[i] < len && log.provider[i] < log.name_count);
        CHECK(evt_payload(&log, i, &a, &p, &pe) || pe.text[0]);
        arena_done(&a);
    }
    arena_done(&log.mem);
    free(copy);
}

TEST(every_truncation_and_bit_flip)
{
    void (*const make[])(struct evt_sample *) = {evt_sample_plain, evt_sample_wrapped};
    for (size_t m = 0; m < 2; m++) {
        make[m](&sample);
        for (size_t len = 0; len <= sample.size; len++)
            exercise(sample.bytes, len);
        for (size_t bit = 0; bit < sample.size * 8; bit++) {
            sample.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            exercise(sample.bytes, sample.size);
            sample.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

/* A cut file may lose records but never invents or silently drops them. */
TEST(truncation_is_always_told)
{
    evt_sample_wrapped(&sample);
    for (size_t len = EVT_HEADER; len < sample.size; len++) {
        struct evlog log;
        struct err e = {0};
        if (!evt_index(span_of(sample.bytes, len), &log, &e))
            continue;
        CHECK(log.count < EVT_SAMPLE_EVENTS && log.damage_total > 0);
        arena_done(&log.mem);
    }
}

TEST(fuzz_seeds_are_current)
{
    evt_sample_plain(&sample);
    CHECK(seed_check("evt/plain", evt_sample_span(&sample)));
    evt_sample_wrapped(&sample);
    CHECK(seed_check("evt/wrapped", evt_sample_span(&sample)));
    evt_store32(sample.bytes + 36, 1);
    evt_store32(sample.bytes + 20, 0);
    CHECK(seed_check("evt/stale_header", evt_sample_span(&sample)));
}

TEST_MAIN()
