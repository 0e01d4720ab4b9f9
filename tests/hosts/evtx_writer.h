/* Writes event logs (EVTX 3.1) as the Windows event log service does.
 *
 * Records go into chunks of 64 KiB with their string and template tables; a template is defined in
 * the first record of a chunk that needs it and referred to by the others.  Two templates make a
 * record: the System part (one a provider) and, as a nested fragment, the EventData or UserData.
 * All CRCs are right unless damage is asked for.  Memory: the file so far is in `out`, or, with a
 * stream, only the chunk at hand.
 *
 * Sources and shapes are borrowed and must outlive the writer.  Text is UTF-8. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

#include <stdio.h>

/* Who logs: becomes the System template. */
struct evtx_source {
    const char *provider;
    const char *guid;         /* with braces; NULL: none */
    const char *event_source; /* EventSourceName; NULL: none */
    bool classic;             /* no Version, Opcode, Correlation, Execution (reported by ReportEvent
                                 or by the kernel) */
    bool user_data;           /* UserData instead of EventData */
    const char *channel, *computer;
};

enum { EVTX_FIELDS = 8 };

/* The payload's template. */
struct evtx_shape {
    const char *element;            /* UserData: the element below it; NULL: EventData */
    const char *ns;                 /* its namespace */
    const char *field[EVTX_FIELDS]; /* Data names, or elements; none: a classic list of Data */
    bool binary;                    /* <Binary> follows (always so in the classic list) */
};

struct evtx_event {
    const struct evtx_source *source;
    const struct evtx_shape *shape;
    uint64_t time;
    uint16_t id, qualifiers, task;
    uint8_t level, opcode, version;
    uint64_t keywords;
    uint32_t process, thread;
    const char *sid_system; /* "S-1-5-18" is the only one: its UserID attribute; NULL: none */
    const struct str *strings;
    size_t string_count;
    struct span binary;
    size_t record_size; /* grown to this size by zeroes after Binary's data; 0: as it comes */
};

enum { EVTX_CHUNK = 65536, EVTX_TEMPLATES = 64 };

struct evtx_writer {
    struct sb *out; /* or */
    FILE *stream;
    uint64_t next_record; /* EventRecordID */
    uint64_t number;      /* number within the file, from 1 */
    uint64_t chunks;
    uint64_t bytes; /* of records */
    uint8_t *chunk;
    size_t at, last_record;
    uint64_t first_id, first_number;
    bool overflow;
    struct {
        const void *key;
        uint32_t offset; /* in this chunk, 0: not yet */
        uint8_t guid[16];
    } templates[EVTX_TEMPLATES];
    size_t template_count;
    struct sb text;
};

/* `first_record`: id of the first record (a log that was cleared or wrapped does not begin at 1).
 * Exactly one of `out` and `stream` is given; the stream must be seekable. */
void evtx_begin(struct evtx_writer *w, struct sb *out, FILE *stream, uint64_t first_record);
void evtx_add(struct evtx_writer *w, const struct evtx_event *ev);

/* A record-id gap: the next record gets `id`. */
void evtx_skip_to(struct evtx_writer *w, uint64_t id);

enum evtx_state {
    EVTX_CLEAN,
    EVTX_DIRTY, /* as copied from a running system: the flag set, the header two chunks behind */
    EVTX_FULL   /* flag "log is full" */
};

/* Ends the last chunk and writes the file header. */
bool evtx_end(struct evtx_writer *w, enum evtx_state state, struct err *e);

/* Damages chunk `index` of a finished log: what a bad sector leaves. */
enum evtx_damage {
    EVTX_ZEROED,   /* the whole chunk reads as zeroes */
    EVTX_BAD_DATA, /* 512 bytes in its middle overwritten: the data checksum fails */
    EVTX_BAD_HEAD  /* the header checksum fails */
};
void evtx_damage(struct sb *log, size_t index, enum evtx_damage how);

/* Moves the oldest `by` chunks of a finished log behind the others, as in a log that reached its
 * maximum size and overwrites from the front; the header says where the oldest is. */
void evtx_rotate(struct sb *log, size_t by);
