/* Legacy event logs.  Oracles: a failure explains itself; rows lie inside the file; a second pass
 * over the same bytes gives the same rows. */
#include "formats/evlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rows(const struct evlog *log)
{
    for (size_t i = 0; i < log->count; i++) {
        struct arena a;
        struct evlog_payload p;
        struct err e = {0};
        BUG_ON(log->offset[i] >= log->bytes.len || log->size[i] > log->bytes.len);
        BUG_ON(log->provider[i] >= log->name_count || log->channel[i] != 0);
        arena_init(&a, 1 << 20);
        BUG_ON(!evt_payload(log, i, &a, &p, &e) && e.text[0] == '\0');
        arena_done(&a);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct evlog log, again;
    struct err e = {0};
    if (!evt_index(span_of(data, size), &log, &e)) {
        BUG_ON(e.kind == ERR_NONE || e.text[0] == '\0');
        return 0;
    }
    check_rows(&log);
    BUG_ON(!evt_index(span_of(data, size), &again, &e));
    BUG_ON(again.count != log.count || again.damage_total != log.damage_total);
    BUG_ON(log.count && memcmp(again.offset, log.offset, log.count * sizeof *log.offset) != 0);
    arena_done(&again.mem);
    arena_done(&log.mem);
    return 0;
}
