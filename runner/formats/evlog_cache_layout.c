#include "formats/evlog_cache_layout.h"

#include <libdeflate.h>

static const char magic[16] = "rectify-index\r\n";
const uint8_t cache_width[CACHE_COLUMNS] = {8, 8, 8, 4, 2, 2, 2, 1};

static uint64_t page_up(uint64_t v)
{
    return (v + CACHE_PAGE - 1) / CACHE_PAGE * CACHE_PAGE;
}

bool cache_places(const struct cache_head *h, struct cache_place *out)
{
    const uint64_t most = UINT64_C(1) << 40; /* keeps every sum below 2^64 */
    if (h->slots > most || h->room > most || h->rows > h->room || h->names > UINT16_MAX ||
        h->name_bytes > most)
        return false;
    uint64_t at = CACHE_PAGE;
    for (int i = 0; i < CACHE_SECTIONS; i++) {
        uint64_t room;
        if (i == CACHE_SLOTS) {
            room = out->used[i] = h->slots * sizeof(struct evlog_cache_slot);
        } else if (i == CACHE_NAMES) {
            room = out->used[i] = h->names * 4 + h->name_bytes;
        } else {
            uint8_t width = cache_width[i - CACHE_FIRST_COLUMN];
            room = h->room * width;
            out->used[i] = h->rows * width;
        }
        out->at[i] = at;
        at += page_up(room);
    }
    out->size = at;
    return true;
}

void cache_columns_set(struct evlog *log, uint8_t *base, const struct cache_place *p)
{
    const uint64_t *at = p->at + CACHE_FIRST_COLUMN;
    log->time = (uint64_t *)(void *)(base + at[0]);
    log->record_id = (uint64_t *)(void *)(base + at[1]);
    log->offset = (uint64_t *)(void *)(base + at[2]);
    log->size = (uint32_t *)(void *)(base + at[3]);
    log->event_id = (uint16_t *)(void *)(base + at[4]);
    log->provider = (uint16_t *)(void *)(base + at[5]);
    log->channel = (uint16_t *)(void *)(base + at[6]);
    log->level = base + at[7];
}

void cache_columns_get(const struct evlog *log, const uint8_t *out[CACHE_COLUMNS])
{
    const void *column[CACHE_COLUMNS] = {log->time,     log->record_id, log->offset,  log->size,
                                         log->event_id, log->provider,  log->channel, log->level};
    for (int i = 0; i < CACHE_COLUMNS; i++)
        out[i] = column[i];
}

uint32_t cache_rows_sum(const struct evlog *log, uint64_t row, uint64_t count)
{
    const uint8_t *column[CACHE_COLUMNS];
    uint32_t sum = 0;
    cache_columns_get(log, column);
    for (size_t i = 0; count && i < CACHE_COLUMNS; i++)
        sum =
            libdeflate_crc32(sum, column[i] + row * cache_width[i], (size_t)count * cache_width[i]);
    return sum;
}

void cache_head_init(struct cache_head *h)
{
    const uint16_t order = 0x0102;
    uint8_t first;
    memset(h, 0, sizeof *h);
    memcpy(h->magic, magic, sizeof h->magic);
    memcpy(&first, &order, 1);
    h->version = CACHE_VERSION;
    h->layout = (uint32_t)(sizeof *h << 20 | sizeof(struct evlog_cache_slot) << 8 |
                           CACHE_ROW_BYTES << 2 | first);
}

void cache_head_seal(struct cache_head *h)
{
    h->sum = libdeflate_crc32(0, h, offsetof(struct cache_head, sum));
}
