/* Kept indexes: the input is a list of changes (offset, byte) to a good one, whose checksums are
 * then put right.  What is taken must be within the bounds of the log. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "evtx_writer.h"
#include "formats/evlog_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS = 300, PATCH = 4, PATCHES_MAX = 4096 };

static struct sb file;
static struct evlog_cache_log now;
static uint8_t *good;
static size_t good_len;

static void make_log(void)
{
    static const struct evtx_source source = {
        .provider = "mfehidk", .classic = true, .channel = "System", .computer = "PC"};
    static const struct evtx_shape shape = {NULL, NULL, {NULL}, true};
    struct evtx_writer w;
    struct str text = STR("**\\A.EXE");
    sb_init(&file, 16 << 20);
    evtx_begin(&w, &file, NULL, 1);
    for (unsigned i = 0; i < RECORDS; i++) {
        struct evtx_event ev = {.source = &source,
                                .shape = &shape,
                                .time = UINT64_C(133000000000000000) + i,
                                .id = (uint16_t)(i % 5),
                                .strings = &text,
                                .string_count = 1,
                                .record_size = 500};
        evtx_add(&w, &ev);
    }
    if (!evtx_end(&w, EVTX_CLEAN, NULL) ||
        !evlog_cache_survey(span_of(file.ptr, file.len), &now, NULL))
        abort();
}

static void make_good(void)
{
    struct evlog_cache_image image;
    struct evlog_cache_file id = {.device = 1, .inode = 2};
    struct evlog log;
    make_log();
    now.heads = calloc((size_t)now.slots, EVLOG_CACHE_HEAD);
    for (uint64_t i = 0; now.heads && i < now.slots; i++)
        memcpy(now.heads + i * EVLOG_CACHE_HEAD, file.ptr + now.first_chunk + i * 65536,
               EVLOG_CACHE_HEAD);
    id.size = file.len;
    if (!evlog_open(now.bytes, 1, &log, NULL) || !evlog_cache_make(&log, &now, &id, 5, &image))
        abort();
    good_len = (size_t)image.size;
    good = calloc(1, good_len);
    for (size_t i = 0; good && i < EVLOG_CACHE_PARTS; i++)
        if (image.part[i].bytes.len)
            memcpy(good + image.part[i].at, image.part[i].bytes.ptr, image.part[i].bytes.len);
    evlog_cache_image_done(&image);
    evlog_close(&log);
}

static void check(const struct evlog *log)
{
    if (!evlog_rows_all(log)) {
        if (!evlog_spoiled(log))
            abort();
        return;
    }
    for (size_t i = 0; i < log->count; i++)
        if (log->provider[i] >= log->name_count || log->channel[i] >= log->name_count ||
            log->offset[i] > file.len || log->size[i] > file.len - log->offset[i])
            abort();
    struct arena a;
    struct evlog_payload p;
    arena_init(&a, 1 << 20);
    if (log->count)
        (void)evlog_payload(log, log->count / 2, &a, &p, NULL);
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct evlog_cache c;
    struct evlog_cache_cost cost;
    struct evlog log;
    if (!good)
        make_good();
    uint8_t *bytes = malloc(good_len);
    if (!bytes)
        return 0;
    memcpy(bytes, good, good_len);
    for (size_t i = 0; i + PATCH <= size && i < PATCHES_MAX * PATCH; i += PATCH) {
        size_t at = data[i] | (size_t)data[i + 1] << 8 | (size_t)data[i + 2] << 16;
        bytes[at % good_len] = data[i + 3];
    }
    if (!evlog_cache_seal(bytes, good_len) || !evlog_cache_open(bytes, good_len, &c, NULL)) {
        free(bytes);
        return 0;
    }
    if (evlog_cache_use(&c, &now, 1, (struct evlog_cache_owner){bytes, free}, &log, &cost, NULL)) {
        check(&log);
        evlog_close(&log);
    } else {
        free(bytes);
    }
    evlog_cache_close(&c);
    return 0;
}
