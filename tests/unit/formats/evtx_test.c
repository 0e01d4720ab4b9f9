/* EVTX on hand-built bytes: shapes and damage that real logs have too seldom. */
#include "check.h"
#include "evtx_build.h"

#include "base/wtime.h"
#include "formats/binxml_text.h"
#include "formats/evtx_render.h"
#include "formats/evtx_template.h"

static const uint64_t day = UINT64_C(132000000000000000);

static struct span bytes_of(const struct build *b)
{
    return span_of(b->file, b->len);
}

/* The first record as text, by the programs and by the tree: both must be the same. */
static struct str render(const struct build *b, enum evtx_format format, struct arena *a)
{
    struct evtx_chunk c;
    struct evtx_record r;
    struct sb fast, slow;
    uint32_t at = EVTX_CHUNK_HEADER;
    bool torn, partial;
    struct arena scratch;
    struct evtx_templates *t = evtx_templates_new();
    arena_init(&scratch, ARENA_DEFAULT_CAP);
    sb_init(&fast, 1 << 26);
    sb_init(&slow, 1 << 26);
    evtx_chunk_read(bytes_of(b), 4096, true, &c);
    CHECK(evtx_record_next(&c, &at, &r, &torn));
    evtx_templates_chunk(t);
    evtx_render_record(t, &c, &r, &scratch, format, &fast, &partial);
    evtx_render_record(NULL, &c, &r, &scratch, format, &slow, &partial);
    CHECK(str_eq((struct str){fast.ptr, fast.len}, (struct str){slow.ptr, slow.len}));
    struct str out = str_dup(a, (struct str){slow.ptr, slow.len});
    sb_done(&fast);
    sb_done(&slow);
    arena_done(&scratch);
    evtx_templates_free(t);
    return out;
}

static void check_render(const struct build *b, enum evtx_format format, const char *want)
{
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK_STR(render(b, format, &a), want);
    arena_done(&a);
}

static bool open_log(const struct build *b, unsigned jobs, struct evlog *log)
{
    struct err e = {0};
    bool ok = evlog_open(bytes_of(b), jobs, log, &e);
    if (!ok)
        fprintf(stderr, "%s\n", e.text);
    CHECK(ok);
    return ok;
}

static void usual_chunk(struct build *b, unsigned records)
{
    size_t system = 0, data = 0;
    build_chunk(b);
    for (unsigned i = 0; i < records; i++)
        b_usual(b, &system, &data, day + b->next_id * WTIME_SECOND, 500 + i, "mfehidk",
                "\\Device\0**\\A.EXE\0", 17);
    build_chunk_end(b);
}

static struct build usual_log(unsigned chunks, unsigned records)
{
    struct build b;
    build_begin(&b);
    for (unsigned i = 0; i < chunks; i++)
        usual_chunk(&b, records);
    build_end(&b);
    return b;
}

TEST(templates_give_rows_and_payload)
{
    struct build b = usual_log(1, 3);
    struct evlog log;
    struct arena a;
    struct err e = {0};
    struct evlog_payload p;
    arena_init(&a, ARENA_DEFAULT_CAP);
    if (open_log(&b, 1, &log)) {
        CHECK_U64(log.count, 3);
        CHECK_U64(log.event_id[2], 502);
        CHECK_U64(log.level[2], 3);
        CHECK_U64(log.time[2], day + 3 * WTIME_SECOND);
        CHECK_U64(log.record_id[2], 3);
        CHECK_STR(log.names[log.provider[2]], "mfehidk");
        CHECK_STR(log.names[log.channel[2]], "System");
        CHECK_U64(evlog_name(&log, STR("MFEhidk")), log.provider[2]);
        CHECK(evlog_name(&log, STR("mfehid")) == -1);
        CHECK(!log.dirty && !log.header_bad && log.damage_total == 0);
        CHECK(evlog_payload(&log, 2, &a, &p, &e));
        CHECK_U64(p.count, 2);
        CHECK_STR(p.string[0], "\\Device");
        CHECK_STR(p.string[1], "**\\A.EXE");
        CHECK_U64(p.binary.len, 2);
        CHECK_STR(p.computer, "PC");
        evlog_close(&log);
    }
    arena_done(&a);
    build_done(&b);
}

TEST(a_classic_record_as_json_and_xml)
{
    struct build b = usual_log(1, 1);
    check_render(&b, EVTX_JSON,
                 "{\"time\":\"2019-04-17T18:40:01.0000000Z\",\"channel\":\"System\","
                 "\"provider\":\"mfehidk\",\"id\":500,\"level\":3,\"computer\":\"PC\","
                 "\"event_data\":[\"\\\\Device\",\"**\\\\A.EXE\"],\"binary\":\"BEEF\"}\n");
    check_render(&b, EVTX_XML,
                 "<Event xmlns='urn:e'><System><Provider Name='mfehidk'/><EventID>500</EventID>"
                 "<Level>3</Level><TimeCreated SystemTime='2019-04-17T18:40:01.0000000Z'/>"
                 "<Channel>System</Channel><Computer>PC</Computer></System><EventData>"
                 "<Data>\\Device</Data><Data>**\\A.EXE</Data><Binary>BEEF</Binary></EventData>"
                 "</Event>\n");
    build_done(&b);
}

/* Events that were forwarded or exported have no template; their elements have no dependency id. */
TEST(records_without_a_template)
{
    struct build b;
    struct evlog log;
    build_begin(&b);
    build_chunk(&b);
    b_record(&b, day);
    b_fragment(&b);
    b_open(&b, "Event", -1, false);
    b_close_start(&b);
    b_open(&b, "System", -1, false);
    b_close_start(&b);
    b_open(&b, "Provider", -1, true);
    b_attr(&b, "Name");
    b_text(&b, "<P>");
    b_close_empty(&b);
    b_leaf(&b, "EventID", -1, "4096");
    b_open(&b, "TimeCreated", -1, true);
    b_attr(&b, "SystemTime");
    b_text(&b, "2021-11-19T16:52:33.833733500Z");
    b_close_empty(&b);
    b_end(&b);
    b_open(&b, "EventData", -1, false);
    b_close_start(&b);
    b_open(&b, "Data", -1, true);
    b_attr(&b, "Name");
    b_text(&b, "x");
    b_close_start(&b);
    b_text(&b, "\x1b & \"");
    b_end(&b);
    b_end(&b);
    b_end(&b);
    b_int(&b, 0, 1);
    b_record_end(&b);
    build_chunk_end(&b);
    build_end(&b);
    if (open_log(&b, 1, &log)) {
        uint64_t t = 0;
        wtime_parse(STR("2021-11-19T16:52:33.8337335Z"), &t);
        CHECK_U64(log.count, 1);
        CHECK_U64(log.event_id[0], 4096);
        CHECK_U64(log.time[0], t);
        CHECK_STR(log.names[log.provider[0]], "<P>");
        evlog_close(&log);
    }
    check_render(&b, EVTX_JSON,
                 "{\"time\":\"2021-11-19T16:52:33.833733500Z\",\"provider\":\"<P>\",\"id\":4096,"
                 "\"event_data\":{\"x\":\"\\u001b & \\\"\"}}\n");
    check_render(&b, EVTX_XML,
                 "<Event><System><Provider Name='&lt;P&gt;'/><EventID>4096</EventID><TimeCreated "
                 "SystemTime='2021-11-19T16:52:33.833733500Z'/></System><EventData><Data Name='x'>"
                 "\\u{1b} &amp; &quot;</Data></EventData></Event>\n");
    build_done(&b);
}

TEST(a_wrong_checksum_makes_its_chunk_suspect)
{
    struct build b = usual_log(2, 5);
    struct evlog log;
    b.file[4096 + 512 + 40000] ^= 1; /* behind the records: no checksum covers it */
    b.file[4096 + 60] ^= 1;          /* header of the first chunk */
    b.file[4096 + BUILD_CHUNK + 512 + 24 + 20] ^= 1;
    if (open_log(&b, 1, &log)) {
        CHECK_U64(log.chunks_bad_header, 1);
        CHECK_U64(log.chunks_bad_data, 1);
        CHECK(log.damage_total >= 2 && !log.damage[0].lost_records && log.damage[0].suspect);
        CHECK_U64(log.damage[0].time_from, 0);
        CHECK_U64(log.damage[0].time_to, log.time[5]); /* the first record behind the chunk */
        CHECK(log.count >= 9);
        evlog_close(&log);
    }
    build_done(&b);
}

TEST(a_torn_record_ends_its_chunk)
{
    struct build b = usual_log(3, 5);
    struct evlog log;
    uint8_t *second = b.file + 4096 + BUILD_CHUNK + 512;
    second += load_u32(second + 4);
    second[4] ^= 4; /* its first length no longer is its second */
    if (open_log(&b, 1, &log)) {
        CHECK_U64(log.count, 11);
        CHECK_U64(log.damage_total, 2); /* the checksum, and the torn record */
        CHECK(log.damage[1].lost_records);
        CHECK_U64(log.damage[1].time_from, log.time[5]);
        CHECK_U64(log.damage[1].time_to, log.time[6]);
        CHECK_U64(log.record_id[6], 11);
        evlog_close(&log);
    }
    build_done(&b);
}

/* The newest chunk of a ring lies before its oldest: what is lost between them has no date. */
TEST(damage_where_a_ring_wraps_is_undated)
{
    struct build b;
    struct evlog log;
    build_begin(&b);
    b.next_id = 100;
    usual_chunk(&b, 3);
    uint8_t *last = b.file + 4096 + 512;
    last += load_u32(last + 4);
    last += load_u32(last + 4);
    last[0] = 0;
    b.next_id = 1;
    usual_chunk(&b, 3);
    build_end(&b);
    if (open_log(&b, 1, &log)) {
        CHECK_U64(log.count, 5);
        CHECK_U64(log.damage_total, 2);
        CHECK(log.damage[1].time_from == 0 && log.damage[1].time_to == 0);
        evlog_close(&log);
    }
    build_done(&b);
}

TEST(a_header_that_lags_behind_hides_nothing)
{
    struct build b = usual_log(3, 2);
    struct evlog log;
    b.file[42] = 1;
    if (open_log(&b, 1, &log)) {
        CHECK_U64(log.count, 6);
        CHECK(log.dirty && log.header_bad);
        evlog_close(&log);
    }
    build_done(&b);
}

static bool same_rows(const struct evlog *x, const struct evlog *y)
{
    bool same = x->count == y->count && x->name_count == y->name_count &&
                x->damage_total == y->damage_total;
    for (size_t i = 0; same && i < x->count; i++)
        same = x->time[i] == y->time[i] && x->record_id[i] == y->record_id[i] &&
               x->offset[i] == y->offset[i] && x->size[i] == y->size[i] &&
               x->event_id[i] == y->event_id[i] && x->provider[i] == y->provider[i] &&
               x->channel[i] == y->channel[i] && x->level[i] == y->level[i];
    return same;
}

/* Headers that lie about how many records a chunk has, and every number of threads. */
TEST(any_number_of_threads_gives_the_same)
{
    struct build b = usual_log(150, 4);
    struct evlog one, many;
    for (size_t i = 0; i < 150; i += 7) {
        uint8_t *c = b.file + 4096 + i * BUILD_CHUNK;
        c[32] = (uint8_t)(c[24] + (i % 2 ? 0 : 50));
    }
    memset(b.file + 4096 + 40 * BUILD_CHUNK, 0, 8);
    if (!open_log(&b, 1, &one))
        return;
    CHECK_U64(one.count, 149 * 4);
    for (unsigned jobs = 2; jobs < 6; jobs++)
        if (open_log(&b, jobs, &many)) {
            CHECK(same_rows(&one, &many));
            evlog_close(&many);
        }
    uint64_t before = 0;
    for (size_t i = 0; i < one.count; i++) {
        CHECK(one.offset[i] > before);
        before = one.offset[i];
        CHECK_U64(one.event_id[i], 500 + (one.record_id[i] - 1) % 4);
    }
    evlog_close(&one);
    build_done(&b);
}

/* The same GUID, but another channel: the second chunk's template must not pass for the first's. */
TEST(templates_are_recognised_by_content_not_by_guid)
{
    struct build b;
    struct evlog log;
    build_begin(&b);
    for (int i = 0; i < 3; i++) {
        build_chunk(&b);
        if (i == 2)
            b_record(&b, day), b_name(&b, "Computer"), b_record_end(&b); /* names lie elsewhere */
        b_record(&b, day);
        b_fragment(&b);
        size_t def = b_instance(&b, 0);
        b_system_template(&b, i == 1 ? "Setup!" : "System");
        b_definition_end(&b, def);
        b_int(&b, 5, 4);
        b_spec(&b, 1, 4);
        b_spec(&b, 2, 6);
        b_spec(&b, 8, 0x11);
        b_spec(&b, 2, 1);
        b_spec(&b, 0, 0);
        b_int(&b, 4, 1);
        b_int(&b, 7, 2);
        b_int(&b, day, 8);
        b_wide(&b, "p");
        b_int(&b, 0, 1);
        b_record_end(&b);
        build_chunk_end(&b);
    }
    build_end(&b);
    if (open_log(&b, 1, &log)) {
        CHECK_U64(log.count, 3);
        CHECK_U64(log.records_undecodable, 1);
        CHECK_STR(log.names[log.channel[0]], "System");
        CHECK_STR(log.names[log.channel[1]], "Setup!");
        CHECK_STR(log.names[log.channel[2]], "System");
        evlog_close(&log);
    }
    build_done(&b);
}

/* Documents in values that name themselves over and over grow without end: bounded in time. */
TEST(a_document_bomb_is_given_up)
{
    struct build b;
    struct evlog log;
    struct arena a;
    struct err e = {0};
    struct evlog_payload p;
    build_begin(&b);
    build_chunk(&b);
    b_record(&b, day);
    b_fragment(&b);
    size_t def = b_instance(&b, 0);
    b_fragment(&b);
    b_open(&b, "E", 0xFFFF, false);
    b_close_start(&b);
    b_open(&b, "System", 0xFFFF, false);
    b_close_start(&b);
    b_leaf(&b, "EventID", 0xFFFF, "1");
    b_end(&b);
    for (int i = 0; i < 1000; i++)
        b_subst(&b, 0, 0x21, false);
    b_end(&b);
    b_definition_end(&b, def);
    for (int i = 0; i < 30; i++) {
        b_int(&b, 1, 4);
        b_spec(&b, 2000 - (size_t)i * 22, 0x21);
        b_instance(&b, def);
    }
    b_int(&b, 0, 4);
    for (int i = 0; i < 2000; i++)
        b_int(&b, 0, 1);
    b_record_end(&b);
    build_chunk_end(&b);
    build_end(&b);
    arena_init(&a, ARENA_DEFAULT_CAP);
    if (open_log(&b, 1, &log)) {
        CHECK_U64(log.count, 1);
        CHECK(!evlog_payload(&log, 0, &a, &p, &e));
        CHECK(e.kind == ERR_LIMIT);
        evlog_close(&log);
    }
    arena_done(&a);
    build_done(&b);
}

TEST(no_length_of_a_log_crashes)
{
    struct build b = usual_log(1, 2);
    for (size_t len = 0; len < 4096 + 2048; len += len < 128 || len > 4096 ? 1 : 128) {
        struct evlog log;
        struct err e = {0};
        uint8_t *copy = malloc(len ? len : 1);
        memcpy(copy, b.file, len);
        if (evlog_open(span_of(copy, len), 1, &log, &e))
            evlog_close(&log);
        else
            CHECK(e.text[0]);
        free(copy);
    }
    build_done(&b);
}

TEST(values_as_text)
{
    static const struct {
        uint8_t type;
        const char *raw;
        size_t len;
        const char *want;
    } rows[] = {
        {BX_INT8, "\xFF", 1, "-1"},
        {BX_UINT8, "\xFF", 1, "255"},
        {BX_INT16, "\x00\x80", 2, "-32768"},
        {BX_INT32, "\xFE\xFF\xFF\xFF", 4, "-2"},
        {BX_INT64, "\0\0\0\0\0\0\0\x80", 8, "-9223372036854775808"},
        {BX_UINT64, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, "18446744073709551615"},
        {BX_REAL32, "\0\0\xC0\x3F", 4, "1.5"},
        {BX_REAL64, "\x9A\x99\x99\x99\x99\x99\xB9\x3F", 8, "0.1"},
        {BX_BOOL, "\1\0\0\0", 4, "true"},
        {BX_BOOL, "\0\0\0\0", 4, "false"},
        {BX_BINARY, "\x01\xAB", 2, "01AB"},
        {BX_GUID, "\x54\x49\x96\x54\x78\x54\x94\x49\xA5\xBA\x3E\x3B\x03\x28\xC3\x0D", 16,
         "{54964954-5478-4994-a5ba-3e3b0328c30d}"},
        {BX_SIZE, "\x10\0\0\0", 4, "0x10"},
        {BX_HEX32, "\0\0\0\0", 4, "0x0"},
        {BX_HEX64, "\0\0\0\0\0\0\x80\x80", 8, "0x8080000000000000"},
        {BX_FILETIME, "\x00\x80\x3E\xD5\xDE\xB1\x9D\x01", 8, "1970-01-01T00:00:00.0000000Z"},
        {BX_SYSTEMTIME, "\xDC\x07\x03\0\x03\0\x0E\0\x04\0\x11\0\x24\0\x07\0", 16,
         "2012-03-14T04:17:36.007Z"},
        {BX_SID, "\1\2\0\0\0\0\0\5\x20\0\0\0\x20\2\0\0", 16, "S-1-5-32-544"},
        {BX_SID, "\1\3\0\0\0\0\0\5\x20\0\0\0\x20\2\0\0", 16, "01030000000000052000000020020000"},
        {BX_UINT32, "\1\2", 2, "0102"}, /* the length does not fit the type */
        {BX_STRING, "a\0\0\xD8\0\0", 6, "a\xED\xA0\x80"},
        {BX_ANSI, "caf\xE9\0", 5, "caf\xC3\xA9"},
        {BX_UINT16 | BX_ARRAY, "\1\0\2\0", 4, "1,2"},
        {BX_STRING | BX_ARRAY, "a\0\0\0\0\0b\0", 8, "a,,b"},
        {BX_NULL, "", 0, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sb b;
        sb_init(&b, 4096);
        sb_puts(&b, "");
        sb_bx_value(&b, rows[i].type, span_of(rows[i].raw, rows[i].len));
        CHECK_STR(((struct str){b.ptr, b.len}), rows[i].want);
        sb_done(&b);
    }
}

TEST_MAIN()
