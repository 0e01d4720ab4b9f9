/* Writes event logs of Windows NT 3.1 to 2003 (.Evt): a ring of records behind a 48-byte header.
 *
 * The ring is filled as the service does: records wrap over the end of the file, a rest too small
 * for a record's fixed part is filled with 0x27, the oldest records give way, an end-of-file record
 * follows the newest.  Text is UTF-8. */
#pragma once

#include "base/str.h"

enum { EVT_ERROR = 1, EVT_WARNING = 2, EVT_INFORMATION = 4 };

struct evt_event {
    uint32_t time; /* seconds since 1970 */
    uint32_t id;   /* with severity and facility in its high 16 bits */
    uint16_t type, category;
    const char *source, *computer;
    const struct str *strings;
    size_t string_count;
    struct span binary;
};

struct evt_header {
    uint32_t start, end, next, oldest;
};

struct evt_place {
    uint64_t from, to; /* positions in the endless stream that the ring is a window of */
};

struct evt_writer {
    uint8_t *ring;
    uint32_t size; /* of the file */
    uint64_t at;
    uint32_t next;            /* number of the next record */
    uint32_t oldest;          /* number of the oldest record still there */
    struct evt_place *places; /* of all records written */
    size_t place_count, place_room, first_place;
    struct evt_header header; /* as last flushed */
    struct sb record;
};

/* A file of `size` bytes (a multiple of 64 KiB); the first record gets number `first`. */
void evt_begin(struct evt_writer *w, uint32_t size, uint32_t first);
void evt_add(struct evt_writer *w, const struct evt_event *ev);

/* Writes the header as of now: what a dirty log keeps saying however long it goes on. */
void evt_flush(struct evt_writer *w);

/* The whole file.  A dirty one has its flag set and the header of the last flush. */
bool evt_end(struct evt_writer *w, bool dirty, struct sb *out, struct err *e);
