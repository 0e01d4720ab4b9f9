/* Kept indexes: same answers as a fresh one, whatever happened to the log or to the bytes. */
#include "check.h"
#include "evtx_writer.h"

#include <libdeflate.h>

#include "base/utf16.h"
#include "formats/evlog_cache.h"
#include "formats/evlog_strings.h"
#include "formats/evtx.h"

struct made {
    struct sb bytes;
    uint8_t *heads;
};

static void write_log(struct made *m, unsigned records, uint64_t first, enum evtx_state state)
{
    static const struct evtx_source one = {
        .provider = "mfehidk", .classic = true, .channel = "System", .computer = "PC"};
    static const struct evtx_source two = {
        .provider = "Service Control Manager", .channel = "System", .computer = "PC"};
    static const struct evtx_shape shape = {NULL, NULL, {NULL}, true};
    struct evtx_writer w;
    struct err e = {0};
    struct str text[2] = {STR("**\\VSTSKMGR.EXE"), STR("x")};
    sb_init(&m->bytes, 64 << 20);
    m->heads = NULL;
    evtx_begin(&w, &m->bytes, NULL, first);
    for (unsigned i = 0; i < records; i++) {
        struct evtx_event ev = {.source = i % 3 ? &two : &one,
                                .shape = &shape,
                                .time = UINT64_C(133000000000000000) + i * 10000000,
                                .id = (uint16_t)(500 + i % 20),
                                .level = 3,
                                .strings = text,
                                .string_count = 2,
                                .record_size = 400 + i % 300};
        evtx_add(&w, &ev);
    }
    CHECK(evtx_end(&w, state, &e));
}

static void drop(struct made *m)
{
    sb_done(&m->bytes);
    free(m->heads);
    m->heads = NULL;
}

static bool survey(struct made *m, struct evlog_cache_log *now)
{
    struct err e = {0};
    free(m->heads);
    m->heads = NULL;
    *now = (struct evlog_cache_log){0};
    if (!evlog_cache_survey(span_of(m->bytes.ptr, m->bytes.len), now, &e))
        return false;
    now->heads = m->heads = calloc((size_t)now->slots + 1, EVLOG_CACHE_HEAD);
    for (uint64_t i = 0; i < now->slots; i++) {
        struct span s;
        if (span_sub(now->bytes, now->first_chunk + i * 65536, EVLOG_CACHE_HEAD, &s))
            memcpy(now->heads + i * EVLOG_CACHE_HEAD, s.ptr, s.len);
    }
    return true;
}

static const struct evlog_cache_file file_id = {1, 2, 3 << 20, 4, 5};

static uint8_t *keep(struct made *m, size_t *len)
{
    struct evlog_cache_log now;
    struct evlog_cache_image image;
    struct evlog log;
    struct err e = {0};
    CHECK(survey(m, &now));
    CHECK(evlog_open(now.bytes, 2, &log, &e));
    uint8_t *out = NULL;
    if (evlog_cache_make(&log, &now, &file_id, 6, &image)) {
        *len = (size_t)image.size;
        out = calloc(1, *len);
        for (size_t i = 0; i < EVLOG_CACHE_PARTS; i++)
            if (image.part[i].bytes.len)
                memcpy(out + image.part[i].at, image.part[i].bytes.ptr, image.part[i].bytes.len);
        evlog_cache_image_done(&image);
    }
    evlog_close(&log);
    return out;
}

static bool same_str(const struct evlog *a, uint16_t x, const struct evlog *b, uint16_t y)
{
    return str_eq(a->names[x], b->names[y]) && str_ieq(a->names[a->fold[x]], b->names[b->fold[y]]);
}

static void compare(const struct evlog *a, const struct evlog *b)
{
    size_t wrong = 0;
    CHECK_U64(a->count, b->count);
    for (size_t i = 0; a->count == b->count && i < a->count; i++)
        wrong += a->time[i] != b->time[i] || a->record_id[i] != b->record_id[i] ||
                 a->offset[i] != b->offset[i] || a->size[i] != b->size[i] ||
                 a->event_id[i] != b->event_id[i] || a->level[i] != b->level[i] ||
                 !same_str(a, a->provider[i], b, b->provider[i]) ||
                 !same_str(a, a->channel[i], b, b->channel[i]);
    CHECK_U64(wrong, 0);
    CHECK(a->dirty == b->dirty && a->header_bad == b->header_bad);
    CHECK_U64(a->chunks, b->chunks);
    CHECK_U64(a->records_undecodable, b->records_undecodable);
    CHECK_U64(a->damage_total, b->damage_total);
    for (size_t i = 0; i < a->damage_count && i < b->damage_count; i++) {
        CHECK_U64(a->damage[i].at, b->damage[i].at);
        CHECK_U64(a->damage[i].time_from, b->damage[i].time_from);
        CHECK_U64(a->damage[i].time_to, b->damage[i].time_to);
        CHECK(strcmp(a->damage[i].text, b->damage[i].text) == 0);
    }
}

/* Every row is in one part, and the parts say what the rows say. */
static void compare_parts(const struct evlog *log)
{
    uint64_t row = 0;
    for (size_t i = 0; i < log->parts; i++) {
        struct evlog_part p;
        const struct evlog_part *q = &log->part[i];
        CHECK_U64(q->row, row);
        evlog_sum_up(log, q->row, q->count, &p);
        CHECK(p.time_from == q->time_from && p.time_to == q->time_to && p.bytes == q->bytes &&
              p.even == q->even && p.first_id == q->first_id);
        row += q->count;
    }
    CHECK_U64(row, log->count);
}

/* Uses a copy of the bytes on the log; 0: not used, or found to be spoiled; else 1 + chunks read
 * again. */
static uint64_t use(struct made *m, const uint8_t *kept, size_t len)
{
    struct evlog_cache_log now;
    struct evlog_cache c;
    struct evlog_cache_cost cost;
    struct evlog fresh, log;
    struct err e = {0};
    uint64_t answer = 0;
    uint8_t *copy = malloc(len + 1);
    memcpy(copy, kept, len);
    CHECK(survey(m, &now));
    if (!evlog_cache_open(copy, len, &c, &e)) {
        free(copy);
        return 0;
    }
    if (evlog_cache_use(&c, &now, 2, (struct evlog_cache_owner){copy, free}, &log, &cost, &e)) {
        CHECK(evlog_open(now.bytes, 1, &fresh, &e));
        compare_parts(&fresh);
        answer = evlog_rows_all(&log) ? 1 + cost.reread : 0;
        CHECK(evlog_spoiled(&log) == (answer == 0));
        if (answer) {
            compare(&log, &fresh);
            compare_parts(&log);
        }
        evlog_close(&log);
        evlog_close(&fresh);
    } else {
        free(copy);
    }
    evlog_cache_close(&c);
    return answer;
}

TEST(unchanged_and_grown)
{
    struct made old, grown, shrunk;
    size_t len = 0;
    write_log(&old, 3000, 1, EVTX_CLEAN);
    write_log(&grown, 5000, 1, EVTX_CLEAN);
    write_log(&shrunk, 1000, 1, EVTX_CLEAN);
    uint8_t *kept = keep(&old, &len);
    CHECK(kept != NULL);
    CHECK_U64(use(&old, kept, len), 2);
    uint64_t chunks = (grown.bytes.len - old.bytes.len) / 65536;
    CHECK_U64(use(&grown, kept, len), 1 + chunks + 1);
    CHECK_U64(use(&shrunk, kept, len), 2);
    free(kept);
    drop(&old);
    drop(&grown);
    drop(&shrunk);
}

TEST(wrapped_and_damaged)
{
    struct made old, now;
    size_t len = 0;
    write_log(&old, 4000, 1, EVTX_CLEAN);
    evtx_damage(&old.bytes, 3, EVTX_BAD_DATA);
    uint8_t *kept = keep(&old, &len);
    CHECK(kept != NULL);
    CHECK_U64(use(&old, kept, len), 3); /* the last and the damaged one */
    write_log(&now, 4000, 1, EVTX_CLEAN);
    evtx_rotate(&now.bytes, 2);
    CHECK(use(&now, kept, len) > 5);
    drop(&now);
    write_log(&now, 4000, 1, EVTX_CLEAN);
    evtx_damage(&now.bytes, 1, EVTX_ZEROED);
    evtx_damage(&now.bytes, 5, EVTX_BAD_HEAD);
    CHECK(use(&now, kept, len) >= 4);
    free(kept);
    drop(&old);
    drop(&now);
}

/* Same size and, as far as the index knows, same times; only the checksum in the chunk tells. */
TEST(changed_in_place)
{
    struct made m;
    size_t len = 0;
    write_log(&m, 2000, 1, EVTX_CLEAN);
    uint8_t *kept = keep(&m, &len);
    uint8_t *chunk = (uint8_t *)m.bytes.ptr + 4096 + 2 * 65536;
    uint32_t end = load_u32(chunk + 48);
    chunk[512 + 16] ^= 1; /* a record's time */
    uint32_t sum = libdeflate_crc32(0, chunk + 512, end - 512);
    for (int i = 0; i < 4; i++)
        chunk[52 + i] = (uint8_t)(sum >> (8 * i));
    sum = libdeflate_crc32(libdeflate_crc32(0, chunk, 120), chunk + 128, 384);
    for (int i = 0; i < 4; i++)
        chunk[124 + i] = (uint8_t)(sum >> (8 * i));
    CHECK_U64(use(&m, kept, len), 3);
    free(kept);
    drop(&m);
}

TEST(open_logs_are_not_kept)
{
    struct made m, closed;
    size_t len = 0;
    write_log(&m, 2000, 1, EVTX_DIRTY);
    CHECK(keep(&m, &len) == NULL);
    write_log(&closed, 2000, 1, EVTX_CLEAN);
    uint8_t *kept = keep(&closed, &len);
    CHECK_U64(use(&m, kept, len), 0);
    free(kept);
    drop(&m);
    drop(&closed);
}

/* A byte changed anywhere: refused, or of no account. */
TEST(every_byte)
{
    struct made m;
    size_t len = 0, refused = 0, spoiled = 0;
    write_log(&m, 150, 1, EVTX_CLEAN);
    uint8_t *kept = keep(&m, &len);
    CHECK(kept != NULL);
    for (size_t i = 0; kept && i < len; i++) {
        struct evlog_cache c;
        kept[i] ^= 0x40;
        if (evlog_cache_open(kept, len, &c, NULL)) {
            evlog_cache_close(&c);
            if (i % 31 == 0)
                spoiled += use(&m, kept, len) == 0;
        } else {
            refused++;
        }
        kept[i] ^= 0x40;
    }
    CHECK(refused > 2 * EVLOG_CACHE_HEAD);
    CHECK(spoiled > 50 * 35 / 31); /* rows of the chunk that is not read again anyway */
    for (size_t cut = 0; kept && cut < len; cut += 61) {
        struct evlog_cache c;
        CHECK(!evlog_cache_open(kept, cut, &c, NULL));
    }
    free(kept);
    drop(&m);
}

/* Bytes whose checksums are right, but not their content. */
TEST(hostile)
{
    struct made m;
    size_t len = 0;
    uint64_t seed = 7;
    write_log(&m, 300, 1, EVTX_CLEAN);
    uint8_t *kept = keep(&m, &len), *copy = malloc(len);
    for (int round = 0; round < 4000; round++) {
        struct evlog_cache_log now;
        struct evlog_cache c;
        struct evlog_cache_cost cost;
        struct evlog log;
        memcpy(copy, kept, len);
        for (int k = 0; k < 3; k++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            size_t at = (size_t)(seed >> 20) % (round % 2 ? 256 : len);
            copy[at] = (uint8_t)(seed >> 56);
        }
        if (!evlog_cache_seal(copy, len) || !evlog_cache_open(copy, len, &c, NULL))
            continue;
        CHECK(survey(&m, &now));
        uint8_t *own = malloc(len);
        memcpy(own, copy, len);
        c.bytes = own;
        c.slot = (const void *)(own + ((const uint8_t *)c.slot - copy));
        if (evlog_cache_use(&c, &now, 1, (struct evlog_cache_owner){own, free}, &log, &cost,
                            NULL)) {
            bool good = evlog_rows_all(&log);
            CHECK(good == !evlog_spoiled(&log));
            for (size_t i = 0; good && i < log.count; i++) {
                CHECK(log.provider[i] < log.name_count && log.channel[i] < log.name_count);
                CHECK(log.offset[i] + log.size[i] <= m.bytes.len);
            }
            evlog_close(&log);
        } else {
            free(own);
        }
        evlog_cache_close(&c);
    }
    free(copy);
    free(kept);
    drop(&m);
}

TEST(other_version)
{
    struct made m;
    size_t len = 0;
    struct evlog_cache c;
    struct err e = {0};
    write_log(&m, 100, 1, EVTX_CLEAN);
    uint8_t *kept = keep(&m, &len);
    kept[16]++; /* the version */
    CHECK(!evlog_cache_seal(kept, len));
    CHECK(!evlog_cache_open(kept, len, &c, &e));
    CHECK(e.kind == ERR_UNSUPPORTED);
    free(kept);
    drop(&m);
}

/* The cheap way to strings gives what the payload has. */
struct collected {
    struct sb text;
};

static bool collect(void *ctx, struct str s)
{
    struct collected *c = ctx;
    if (memchr(s.ptr, '\\', s.len)) {
        sb_str(&c->text, s);
        sb_putc(&c->text, '\n');
    }
    return false;
}

TEST(strings)
{
    struct made m;
    struct evlog log;
    struct err e = {0};
    write_log(&m, 500, 1, EVTX_CLEAN);
    CHECK(evlog_open(span_of(m.bytes.ptr, m.bytes.len), 1, &log, &e));
    struct evlog_strings *s = evlog_strings_new(&log);
    CHECK(s != NULL);
    for (size_t i = 0; s && i < log.count; i++) {
        struct collected fast, slow;
        struct evlog_payload p;
        struct arena a;
        arena_init(&a, 1 << 20);
        sb_init(&fast.text, 1 << 16);
        sb_init(&slow.text, 1 << 16);
        CHECK(evlog_strings_paths(s, i, collect, &fast));
        CHECK(evlog_payload(&log, i, &a, &p, &e));
        for (size_t k = 0; k < p.count; k++)
            collect(&slow, p.string[k]);
        CHECK_U64(fast.text.len, slow.text.len);
        CHECK(fast.text.len > 0 && memcmp(fast.text.ptr, slow.text.ptr, fast.text.len) == 0);
        sb_done(&fast.text);
        sb_done(&slow.text);
        arena_done(&a);
    }
    evlog_strings_free(s);
    evlog_close(&log);
    drop(&m);
}

TEST_MAIN()
