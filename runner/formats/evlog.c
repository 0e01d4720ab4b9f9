#include "formats/evlog.h"

#include <stdlib.h>

#include "base/utf16.h"

/* Names that differ only in case meet in a table by their case-insensitive hash. */
bool evlog_fold_names(struct evlog *log, struct err *e)
{
    size_t mask = 15;
    while (mask < log->name_count * 2)
        mask = mask * 2 + 1;
    uint32_t *slot = calloc(mask + 1, sizeof *slot);
    log->fold = ARENA_ARRAY(&log->mem, log->name_count + 1, uint16_t);
    if (!slot || !log->fold) {
        free(slot);
        return err_set(e, ERR_NOMEM, 0, "no memory for names");
    }
    for (size_t i = 0; i < log->name_count; i++) {
        size_t at = str_ihash(log->names[i]) & mask;
        while (slot[at] && !str_ieq(log->names[slot[at] - 1], log->names[i]))
            at = (at + 1) & mask;
        if (!slot[at])
            slot[at] = (uint32_t)i + 1;
        log->fold[i] = (uint16_t)(slot[at] - 1);
    }
    free(slot);
    return true;
}

/* ---- parts ---- */

void evlog_sum_up(const struct evlog *log, uint64_t row, uint64_t count, struct evlog_part *out)
{
    *out = (struct evlog_part){.row = row, .count = count, .even = true};
    if (count == 0)
        return;
    out->first_id = log->record_id[row];
    out->time_from = out->time_to = log->time[row];
    for (uint64_t i = row; i < row + count; i++) {
        uint64_t time = log->time[i];
        out->even = out->even && time >= out->time_to &&
                    log->record_id[i] == out->first_id + (i - row) &&
                    !evlog_may_clear(log->event_id[i]);
        out->time_from = time < out->time_from ? time : out->time_from;
        out->time_to = time > out->time_to ? time : out->time_to;
        out->bytes += log->size[i];
    }
}

size_t evlog_part_of(const struct evlog *log, size_t row)
{
    size_t lo = 0, hi = log->parts;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (log->part[mid].row <= row)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

bool evlog_rows_all(const struct evlog *log)
{
    for (size_t i = 0; log->doubt && i < log->parts; i++)
        if (!evlog_rows(log, i))
            return false;
    return true;
}

static bool make_parts(struct evlog *log)
{
    enum { ROWS = 1024 };
    log->parts = log->count / ROWS + 1;
    log->part = ARENA_ARRAY(&log->mem, log->parts, struct evlog_part);
    for (size_t i = 0; log->part && i < log->parts; i++) {
        size_t left = log->count - i * ROWS;
        evlog_sum_up(log, i * ROWS, left < ROWS ? left : ROWS, &log->part[i]);
    }
    return log->part != NULL;
}

bool evlog_open(struct span bytes, unsigned jobs, struct evlog *out, struct err *e)
{
    struct span magic;
    bool ok;
    if (span_sub(bytes, 0, 8, &magic) && memcmp(magic.ptr, "ElfFile", 8) == 0)
        ok = evtx_index(bytes, jobs, out, e);
    else if (span_sub(bytes, 0, 8, &magic) && memcmp(magic.ptr + 4, "LfLe", 4) == 0)
        ok = evt_index(bytes, out, e);
    else
        return err_set(e, ERR_FORMAT, 0, "neither an EVTX nor an EVT log");
    if (!ok)
        return false;
    if (make_parts(out) && evlog_fold_names(out, e))
        return true;
    evlog_close(out);
    return err_set(e, ERR_NOMEM, 0, "out of memory");
}

void evlog_close(struct evlog *log)
{
    if (log->owner) {
        log->owner_free(log->owner);
    } else if (log->kind == EVLOG_EVTX) {
        free(log->time);
        free(log->record_id);
        free(log->offset);
        free(log->size);
        free(log->event_id);
        free(log->provider);
        free(log->channel);
        free(log->level);
    }
    arena_done(&log->mem);
    *log = (struct evlog){0};
}

bool evlog_payload(const struct evlog *log, size_t row, struct arena *a, struct evlog_payload *out,
                   struct err *e)
{
    return log->kind == EVLOG_EVTX ? evtx_payload(log, row, a, out, e)
                                   : evt_payload(log, row, a, out, e);
}

int evlog_name(const struct evlog *log, struct str name)
{
    for (size_t i = 0; i < log->name_count; i++)
        if (log->fold[i] == i && str_ieq(log->names[i], name))
            return (int)i;
    return -1;
}
