/* Every EVTX file of the corpus against what independent tools found in it. */
#include "check.h"

#include "formats/evlog.h"
#include "formats/evtx_scan.h"
#include "host/file.h"

enum { LINE_MAX_ = 4096, FIELDS = 30 };

/* Splits a line at tabs; empty fields stay. */
static int split(char *line, char *field[FIELDS])
{
    int n = 0;
    line[strcspn(line, "\n")] = '\0';
    for (char *p = line; n < FIELDS; p++) {
        field[n++] = p;
        p += strcspn(p, "\t");
        if (!*p)
            break;
        *p = '\0';
    }
    return n;
}

static FILE *open_truth(const char *name, char *line)
{
    char path[LINE_MAX_];
    snprintf(path, sizeof path, "%s/%s", test_corpus(), name);
    FILE *f = fopen(path, "r");
    CHECK(f && fgets(line, LINE_MAX_, f));
    return f;
}

static bool open_log(const char *rel, struct file_map *m, struct evlog *log)
{
    char path[LINE_MAX_];
    struct err e = {0};
    snprintf(path, sizeof path, "%s/%s", test_corpus(), rel);
    if (!file_map_path(path, m, &e) || !evlog_open(m->bytes, 2, log, &e)) {
        fprintf(stderr, "%s: %s\n", rel, e.text);
        test_failures++;
        return false;
    }
    return true;
}

static size_t count_rows(const struct evlog *log, const char *channel, const char *provider,
                         unsigned id)
{
    size_t n = 0;
    for (size_t i = 0; i < log->count; i++)
        n += log->event_id[i] == id && str_eq(log->names[log->channel[i]], str_of(channel)) &&
             str_eq(log->names[log->provider[i]], str_of(provider));
    return n;
}

static bool cut_off(const char *path)
{
    return strcmp(path, "evtx/damaged/System2-truncated.evtx") == 0;
}

static void compare_file(const char *rel, char *field[FIELDS], size_t *sum, struct evlog *log)
{
    size_t want = (size_t)strtoull(field[4], NULL, 10);
    size_t have = count_rows(log, field[1], field[2], (unsigned)strtoul(field[3], NULL, 10));
    *sum += have;
    if (have != want) {
        fprintf(stderr, "%s: %s %s %s: %zu, want %zu\n", rel, field[1], field[2], field[3], have,
                want);
        test_failures++;
    }
}

TEST(counts_equal_the_truth)
{
    char line[LINE_MAX_], current[LINE_MAX_] = "", *field[FIELDS];
    if (!test_corpus())
        SKIP("no corpus");
    FILE *f = open_truth("truth-evtx-events.tsv", line);
    struct file_map m = {.slot = -1};
    struct evlog log = {0};
    size_t files = 0, sum = 0;
    while (f && fgets(line, sizeof line, f)) {
        if (split(line, field) < 5)
            continue;
        if (strcmp(field[0], current) != 0) {
            CHECK_U64(sum, log.count);
            evlog_close(&log);
            file_unmap(&m);
            snprintf(current, sizeof current, "%s", field[0]);
            sum = 0;
            if (!open_log(current, &m, &log))
                break;
            files++;
        }
        /* No tool reads the last, cut-off chunk: see the_rest_of_a_cut_off_file_is_read.  Rows with
         * question marks or without an id are what some tool failed to render. */
        if (cut_off(current))
            sum = log.count;
        else if (strcmp(field[3], "?") != 0 && *field[4] != '0')
            compare_file(current, field, &sum, &log);
    }
    CHECK_U64(sum, log.count);
    evlog_close(&log);
    file_unmap(&m);
    if (f)
        fclose(f);
    CHECK_U64(files, 181); /* four have no record */
}

static void compare_header(char *field[FIELDS], const struct evlog *log)
{
    struct err e = {0};
    struct evtx_header h;
    CHECK(evtx_header_read(log->bytes, &h, &e));
    CHECK_U64(h.flags, strtoull(field[2], NULL, 10));
    CHECK_U64(h.chunks, strtoull(field[4], NULL, 10));
    CHECK_U64(h.next_record, strtoull(field[5], NULL, 10));
    CHECK_U64(log->chunks, strtoull(field[6], NULL, 10));
    CHECK_U64(log->count + log->records_undecodable, strtoull(field[10], NULL, 10));
    /* Flag 4 says that the file has no checksums: Application_no_crc32.evtx (flag 4 in the header
     * and at offset 120 of its chunk, zeroes where the sums would be) has none to be wrong. */
    if (h.flags & 4)
        return;
    CHECK_U64(log->header_bad, field[3][0] == '0');
    CHECK_U64(log->chunks_bad_header, strtoull(field[8], NULL, 10));
    CHECK_U64(log->chunks_bad_data, strtoull(field[9], NULL, 10));
}

TEST(headers_equal_the_truth)
{
    char line[LINE_MAX_], *field[FIELDS];
    if (!test_corpus())
        SKIP("no corpus");
    FILE *f = open_truth("truth-evtx-files.tsv", line);
    size_t files = 0;
    while (f && fgets(line, sizeof line, f)) {
        struct file_map m;
        struct evlog log;
        int before = test_failures;
        if (split(line, field) < 20 || !open_log(field[0], &m, &log))
            continue;
        compare_header(field, &log);
        CHECK_U64(log.records_undecodable, 0);
        if (before != test_failures)
            fprintf(stderr, "in %s\n", field[0]);
        evlog_close(&log);
        file_unmap(&m);
        files++;
    }
    if (f)
        fclose(f);
    CHECK_U64(files, 185);
}

/* The third chunk begins at 0x21000 and the file ends at 200000, inside it: the chunk's header says
 * that records reach to 0xFE40 of it, and 89 whole ones (ids 195 to 283) lie before the cut.  Other
 * tools read whole chunks only. */
TEST(the_rest_of_a_cut_off_file_is_read)
{
    struct file_map m;
    struct evlog log;
    if (!test_corpus())
        SKIP("no corpus");
    if (!open_log("evtx/damaged/System2-truncated.evtx", &m, &log))
        return;
    size_t behind = 0;
    for (size_t i = 0; i < log.count; i++)
        behind += log.offset[i] >= 0x21000;
    CHECK_U64(log.count, 283);
    CHECK_U64(behind, 89);
    CHECK_U64(log.record_id[log.count - 1], 283);
    /* The third and fourth: 93 chunks missing, and the header knows of later records. */
    CHECK(log.damage_total == 4 && log.damage[1].lost_records && log.damage[3].lost_records);
    CHECK_U64(log.damage[1].time_from, log.time[282]);
    evlog_close(&log);
    file_unmap(&m);
}

TEST_MAIN()
