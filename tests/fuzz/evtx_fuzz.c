/* Whole EVTX files.  Beyond "no crash": compiled templates and the general decoder give the same
 * rows, programs and trees the same text, and any number of threads the same index. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/evtx_program.h"
#include "formats/evtx_render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 18, RENDERED_MAX = 64, PAYLOADS_MAX = 16 };

static bool take(void *ctx, struct evtx_worker *w, const struct evtx_chunk *c, uint64_t slot,
                 const struct evtx_rows *rows)
{
    struct sb *b = ctx;
    (void)c;
    for (uint32_t i = 0; i < rows->count; i++) {
        sb_printf(b, "%llu %u %u %llu %llu %u %u ", (unsigned long long)slot, rows->at[i],
                  rows->size[i], (unsigned long long)rows->time[i],
                  (unsigned long long)rows->record_id[i], rows->event_id[i], rows->level[i]);
        sb_str(b, w->names.text[rows->provider[i]]);
        sb_putc(b, '|');
        sb_str(b, w->names.text[rows->channel[i]]);
        sb_putc(b, '\n');
    }
    sb_printf(b, "%u left out\n", rows->undecodable);
    return true;
}

static void scan(struct span file, bool general, struct sb *out)
{
    struct err e = {0};
    struct evtx_scan s = {.file = file, .jobs = 1, .ctx = out, .rows = take};
    s.general_only = general;
    sb_init(out, 1 << 28);
    if (!evtx_scan_run(&s, &e) && e.kind == ERR_NONE)
        abort(); /* a failure explains itself */
    evtx_scan_done(&s);
}

static void same(struct sb *x, struct sb *y)
{
    if (x->len != y->len || (x->len && memcmp(x->ptr, y->ptr, x->len) != 0))
        abort();
    sb_done(x);
    sb_done(y);
}

static void render(struct evtx_templates *t, const struct evtx_chunk *c,
                   const struct evtx_record *r, struct arena *scratch, enum evtx_format format)
{
    struct sb fast, slow;
    bool partial;
    sb_init(&fast, 1 << 26);
    sb_init(&slow, 1 << 26);
    if (evtx_program_run(t, c, r, format, &fast)) {
        sb_putc(&fast, '\n');
        if (!evtx_render_record(NULL, c, r, scratch, format, &slow, &partial))
            abort();
        if (partial) /* the general way has narrower limits on text */
            slow.len = fast.len = 0;
    }
    same(&fast, &slow);
}

static void render_all(struct span file)
{
    struct evtx_header h;
    struct arena scratch;
    struct evtx_templates *t = evtx_templates_new();
    unsigned left = RENDERED_MAX;
    arena_init(&scratch, ARENA_DEFAULT_CAP);
    bool ok = evtx_header_read(file, &h, NULL);
    for (uint64_t i = 0; t && ok && i < h.slots; i++) {
        struct evtx_chunk c;
        struct evtx_record r;
        uint32_t at = EVTX_CHUNK_HEADER;
        bool torn;
        evtx_chunk_read(file, h.first_chunk + i * EVTX_CHUNK_SIZE, false, &c);
        evtx_templates_chunk(t);
        while (c.found && left && evtx_record_next(&c, &at, &r, &torn)) {
            left--;
            render(t, &c, &r, &scratch, EVTX_JSON);
            render(t, &c, &r, &scratch, EVTX_XML);
        }
    }
    arena_done(&scratch);
    evtx_templates_free(t);
}

static void index_all(struct span file)
{
    struct evlog log;
    struct err e = {0};
    if (!evlog_open(file, 3, &log, &e)) {
        if (e.kind == ERR_NONE)
            abort();
        return;
    }
    for (size_t i = 0; i < log.count && i < PAYLOADS_MAX; i++) {
        struct arena a;
        struct evlog_payload p;
        arena_init(&a, 16 << 20);
        evlog_payload(&log, i, &a, &p, &e);
        arena_done(&a);
    }
    evlog_close(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span file = span_of(data, size);
    struct sb fast, general;
    if (size > INPUT_MAX)
        return 0;
    scan(file, false, &fast);
    scan(file, true, &general);
    same(&fast, &general);
    render_all(file);
    index_all(file);
    return 0;
}
