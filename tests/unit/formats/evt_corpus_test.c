/* Legacy event logs of real machines against what libevt found in them. */
#include "base/wtime.h"
#include "formats/evlog.h"
#include "host/file.h"
#include "truth_tsv.h"

static bool open_log(const char *corpus, const char *rel, struct file_map *map, struct evlog *log)
{
    char path[4096];
    struct err e = {0};
    snprintf(path, sizeof path, "%s/%s", corpus, rel);
    bool ok = file_map_path(path, map, &e) && evt_index(map->bytes, log, &e);
    if (!ok)
        fprintf(stderr, "%s: %s\n", path, e.text);
    CHECK(ok);
    return ok;
}

static void close_log(struct file_map *map, struct evlog *log)
{
    arena_done(&log->mem);
    file_unmap(map);
}

TEST(files_equal_the_truth)
{
    struct tsv t;
    const char *corpus = test_corpus();
    if (!corpus || !tsv_open(&t, corpus, "truth-evt-files.tsv"))
        SKIP("no corpus");
    size_t files = 0;
    while (tsv_next(&t)) {
        struct file_map map;
        struct evlog log;
        if (!open_log(corpus, tsv_get(&t, "path"), &map, &log))
            continue;
        files++;
        CHECK_U64(log.count, strtoull(tsv_get(&t, "libevt_records"), NULL, 10));
        CHECK_U64(log.record_id[0], strtoull(tsv_get(&t, "libevt_min_id"), NULL, 10));
        CHECK_U64(log.record_id[log.count - 1], strtoull(tsv_get(&t, "libevt_max_id"), NULL, 10));
        CHECK_U64(log.dirty, strtoull(tsv_get(&t, "dirty"), NULL, 10));
        CHECK_U64(log.damage_total, 0);
        CHECK_U64(log.records_undecodable, 0);
        close_log(&map, &log);
    }
    CHECK(files > 0);
    tsv_done(&t);
}

static size_t count_events(const struct evlog *log, struct str source, uint64_t id)
{
    size_t n = 0;
    for (size_t i = 0; i < log->count; i++)
        n += log->event_id[i] == id && str_eq(log->names[log->provider[i]], source);
    return n;
}

TEST(events_equal_the_truth)
{
    struct tsv t;
    const char *corpus = test_corpus();
    if (!corpus || !tsv_open(&t, corpus, "truth-evt-events.tsv"))
        SKIP("no corpus");
    while (tsv_next(&t)) {
        struct file_map map;
        struct evlog log;
        if (!open_log(corpus, tsv_get(&t, "path"), &map, &log))
            continue;
        uint64_t id = strtoull(tsv_get(&t, "event_id_and_ffff"), NULL, 10);
        CHECK_U64(count_events(&log, str_of(tsv_get(&t, "source")), id),
                  strtoull(tsv_get(&t, "count_libevt"), NULL, 10));
        close_log(&map, &log);
    }
    tsv_done(&t);
}

static void put_escaped(struct sb *b, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        const char *at = strchr("\\\t\n\r", s.ptr[i]);
        if (at && *at) {
            sb_putc(b, '\\');
            sb_putc(b, "\\tnr"[at - "\\\t\n\r"]);
        } else {
            sb_putc(b, s.ptr[i]);
        }
    }
}

static bool payload_equals(const struct evlog *log, size_t row, const char *want)
{
    struct arena a;
    struct sb b;
    struct err e = {0};
    struct evlog_payload p = {0};
    arena_init(&a, 1 << 20);
    sb_init(&b, 1 << 20);
    bool ok = evt_payload(log, row, &a, &p, &e);
    for (size_t i = 0; i < p.count; i++) {
        sb_puts(&b, i ? " | " : "");
        put_escaped(&b, p.string[i]);
    }
    /* The truth is cut to 300 characters. */
    size_t n = strlen(want);
    ok = ok && b.len >= n && memcmp(b.ptr, want, n) == 0 && (b.len == n || n >= 300);
    sb_done(&b);
    arena_done(&a);
    return ok;
}

TEST(strings_of_mcafee_events_equal_the_truth)
{
    struct tsv t;
    struct file_map map;
    struct evlog log;
    const char *corpus = test_corpus(), *rel = "evt/SysEvent.Evt";
    if (!corpus || !tsv_open(&t, corpus, "truth-mcafee-events.tsv"))
        SKIP("no corpus");
    if (!open_log(corpus, rel, &map, &log))
        return;
    size_t seen = 0;
    while (tsv_next(&t)) {
        char written[WTIME_TEXT];
        if (strcmp(tsv_get(&t, "path"), rel) != 0)
            continue;
        uint64_t id = strtoull(tsv_get(&t, "record_id"), NULL, 10);
        size_t row = 0;
        while (row < log.count && log.record_id[row] != id)
            row++;
        CHECK(row < log.count);
        if (row == log.count)
            continue;
        seen++;
        CHECK_STR(str_of(wtime_format(log.time[row], written)), tsv_get(&t, "written"));
        CHECK_STR(log.names[log.provider[row]], tsv_get(&t, "source"));
        CHECK_U64(log.event_id[row], strtoull(tsv_get(&t, "event_id_and_ffff"), NULL, 10));
        CHECK(payload_equals(&log, row, tsv_get(&t, "strings")));
    }
    CHECK(seen > 100);
    close_log(&map, &log);
    tsv_done(&t);
}

TEST(every_payload_is_readable)
{
    struct file_map map;
    struct evlog log;
    const char *corpus = test_corpus();
    if (!corpus)
        SKIP("no corpus");
    if (!open_log(corpus, "evt/SysEvent.Evt", &map, &log))
        return;
    for (size_t row = 0; row < log.count; row++) {
        struct arena a;
        struct err e = {0};
        struct evlog_payload p;
        arena_init(&a, 1 << 20);
        CHECK(evt_payload(&log, row, &a, &p, &e));
        arena_done(&a);
    }
    close_log(&map, &log);
}

TEST_MAIN()
