/* An event log, EVTX or legacy EVT, as a compact columnar index.
 *
 * One pass over the bytes gives a row per intact record; payload is decoded only for the rows that
 * a query asks for (evlog_payload).  The bytes are borrowed and must outlive the index.  At most 40
 * bytes a record.  Names (provider, channel) are interned: rows hold numbers into `names`.
 *
 * Damage never stops a pass: damaged chunks and records are skipped, counted and listed. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum evlog_kind { EVLOG_EVTX, EVLOG_EVT };

struct evlog_damage {
    uint64_t at;        /* byte offset in the file */
    uint64_t time_from; /* newest intact time before it and oldest after it, 0 = none: what a */
    uint64_t time_to;   /* window must not overlap to stay covered */
    char text[96];      /* "chunk 12: data checksum mismatch" */
    bool lost_records;  /* records were lost here */
    bool suspect;       /* a checksum is wrong: the chunk's records may not be what was written */
};

enum { EVLOG_DAMAGE_LISTED = 64 };

/* Consecutive rows (EVTX: those of a chunk) summed up: who looks for a time touches few of them. */
struct evlog_part {
    uint64_t row, count;
    uint64_t time_from, time_to; /* oldest and newest */
    uint64_t first_id;           /* of the first row */
    uint64_t bytes;              /* of the records */
    bool even; /* numbers are consecutive, times never fall, no event may be a clearing */
};

struct evlog {
    enum evlog_kind kind;
    struct span bytes;

    /* Columns, `count` long, in file order (EVTX: by chunk, then record; EVT: ring order).  EVTX's
     * are malloc'ed one by one (a big log's must not be there twice), EVT's lie in `mem`. */
    size_t count;
    uint64_t *time;      /* FILETIME of System/TimeCreated (EVT: TimeWritten) */
    uint64_t *record_id; /* of the record's header: this log's own numbering (a forwarded event
                            keeps its first EventRecordID in System) / RecordNumber */
    uint64_t *offset;    /* of the record in the file */
    uint32_t *size;      /* bytes of the record */
    uint16_t *event_id;  /* without qualifiers: the low 16 bits */
    uint16_t *provider;  /* index into names */
    uint16_t *channel;   /* index into names; EVT: the empty name */
    uint8_t *level;      /* 1 critical, 2 error, 3 warning, 4 information, 0 log always */

    struct str *names; /* as spelled in the log, by first appearance */
    uint16_t *fold;    /* per name: the first name equal to it but for case */
    size_t name_count;

    bool dirty;      /* the header says it was not closed, or lags behind the chunks */
    bool header_bad; /* header checksum or fields wrong */
    uint64_t chunks; /* EVTX: chunks found, whatever the header says */
    uint64_t chunks_bad_header, chunks_bad_data; /* checksum mismatches, reported, never fatal */
    uint64_t records_undecodable;                /* counted, never a row */
    struct evlog_damage damage[EVLOG_DAMAGE_LISTED];
    size_t damage_count; /* may be more than are listed */
    uint64_t damage_total;

    struct evlog_part *part; /* all rows, in their order */
    size_t parts;

    struct arena mem; /* owns all of the above */

    /* Of a kept index: what is not known to be good yet (evlog_rows); NULL = nothing. */
    struct evlog_doubt *doubt;

    /* Where the columns lie when they are not malloc'ed one by one (evlog_cache.h). */
    void *owner;
    void (*owner_free)(void *owner);
};

/* Opens by magic.  `jobs` threads at most (0 or 1: none).  False when the bytes are no event log at
 * all or memory ran out; damage is no failure. */
bool evlog_open(struct span bytes, unsigned jobs, struct evlog *out, struct err *e);
void evlog_close(struct evlog *log);

/* Before rows of a part are looked at: true but for kept indexes (evlog_cache.h), whose rows are
 * checked when they are needed.  False: they are not what was kept; whatever was answered from this
 * index is worth nothing (evlog_spoiled), and the log must be opened without it. */
bool evlog_rows(const struct evlog *log, size_t part);
bool evlog_rows_all(const struct evlog *log);
bool evlog_spoiled(const struct evlog *log);

/* The part that a row lies in. */
size_t evlog_part_of(const struct evlog *log, size_t row);

/* Sums up rows [row, row + count). */
void evlog_sum_up(const struct evlog *log, uint64_t row, uint64_t count, struct evlog_part *out);

/* Events that say that a log was cleared: 104 and 1102 of Microsoft-Windows-Eventlog, 517 of
 * Security in EVT. */
static inline bool evlog_may_clear(uint16_t event_id)
{
    return event_id == 104 || event_id == 1102 || event_id == 517;
}

/* Fills `fold`; evlog_open() does it. */
bool evlog_fold_names(struct evlog *log, struct err *e);

/* Rows for one format; evlog_open() calls them. */
bool evtx_index(struct span bytes, unsigned jobs, struct evlog *out, struct err *e);
bool evt_index(struct span bytes, struct evlog *out, struct err *e);

/* The insertion strings of a row (EventData/Data or UserData leaf texts in order; EVT strings) and
 * its binary data, decoded into the arena. */
struct evlog_payload {
    struct str *string;
    size_t count;
    struct span binary;  /* <Binary>, EVT data; empty when there is none */
    struct str computer; /* System/Computer */
};
bool evlog_payload(const struct evlog *log, size_t row, struct arena *a, struct evlog_payload *out,
                   struct err *e);

/* The payload of one format's row; evlog_payload() calls them. */
bool evtx_payload(const struct evlog *log, size_t row, struct arena *a, struct evlog_payload *out,
                  struct err *e);
bool evt_payload(const struct evlog *log, size_t row, struct arena *a, struct evlog_payload *out,
                 struct err *e);

/* Index of the first name that equals `name` but for case, or -1.  A row has that provider when
 * log->fold[log->provider[row]] is the answer. */
int evlog_name(const struct evlog *log, struct str name);
