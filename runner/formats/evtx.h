/* EVTX: chunks, records, and the System fields of a record.
 *
 * A file is a header block (4096 bytes as a rule) and 64 KiB slots.  A slot that begins with
 * ElfChnk is a chunk, whatever the header's count says; the last one may be cut off.  Records
 * follow each other from offset 512 of a chunk up to its free-space offset; the walk ends at the
 * first whose magic or two lengths do not fit.
 *
 * evtx_scan() is the one pass: it hands a block of rows for each chunk to a sink, in parallel.
 * System fields come through compiled templates (evtx_template.h); whatever these do not take goes
 * through the general decoder (evtx_system_read), which is also their oracle. */
#pragma once

#include "formats/binxml.h"
#include "formats/evlog.h"

enum {
    EVTX_CHUNK_SIZE = 65536,
    EVTX_CHUNK_HEADER = 512,
    EVTX_RECORD_HEADER = 24,
    EVTX_RECORD_MIN = 28,
    EVTX_CHUNK_RECORDS = (EVTX_CHUNK_SIZE - EVTX_CHUNK_HEADER) / EVTX_RECORD_MIN + 1
};

struct evtx_header {
    uint64_t first_chunk; /* offset of the first slot */
    uint64_t slots;       /* whole or cut-off slots behind it */
    uint64_t next_record; /* as the header says */
    uint32_t chunks;      /* as the header says */
    uint32_t flags;       /* 1 = dirty, 2 = full */
    bool bad;             /* checksum or fields wrong */
};

/* False when the bytes are no EVTX file. */
bool evtx_header_read(struct span file, struct evtx_header *out, struct err *e);

/* One slot.  `chunk` is cut at the end of the file. */
struct evtx_chunk {
    struct span bytes;
    uint64_t at;       /* in the file */
    uint64_t first_id; /* record ids that the chunk's header claims */
    uint64_t last_id;
    uint32_t free;             /* where records end, capped to the bytes there are */
    bool found;                /* the slot holds a chunk */
    bool blank;                /* no chunk, and nothing but zeroes at its start */
    bool bad_header, bad_data; /* checksum mismatches */
    bool cut;                  /* the file ends inside the chunk's records */
};
void evtx_chunk_read(struct span file, uint64_t at, bool checksums, struct evtx_chunk *out);

struct evtx_record {
    struct span bytes; /* whole record */
    uint32_t at;       /* in the chunk */
    uint64_t id;       /* of the record's header */
    uint64_t written;  /* FILETIME of the record's header */
};

/* The record at *at; moves *at behind it.  False at the end of the walk; then *torn tells whether
 * something that is no record stands where one was due. */
bool evtx_record_next(const struct evtx_chunk *c, uint32_t *at, struct evtx_record *out,
                      bool *torn);

/* The System fields that the index keeps. */
struct evtx_system {
    struct span provider, channel; /* UTF-16LE, without NULs at the end */
    uint64_t time;                 /* TimeCreated/@SystemTime, else the record's own time */
    uint16_t event_id;
    uint8_t level;
};

/* The general decoder: false when the record has no System element with an EventID that can be
 * read.  Names may point into the arena. */
bool evtx_system_read(const struct evtx_chunk *c, const struct evtx_record *r, struct arena *mem,
                      struct evtx_system *out, struct err *e);

/* The whole tree of a record, and its parts; NULL where the record has none. */
struct evtx_tree {
    const struct bx_node *root, *system;
};
bool evtx_tree_read(const struct evtx_chunk *c, const struct evtx_record *r, struct arena *mem,
                    struct evtx_tree *out, struct err *e);

/* The payload of a tree; false when memory runs out. */
bool evtx_tree_payload(const struct evtx_tree *tree, struct arena *mem, struct evlog_payload *out);

/* Only as far as System: for records whose payload is damaged. */
bool evtx_system_tree(const struct evtx_chunk *c, const struct evtx_record *r, struct arena *mem,
                      struct evtx_tree *out, struct err *e);
