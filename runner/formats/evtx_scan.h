/* The one pass over an EVTX file: every chunk's records as a block of rows, handed to a sink.
 *
 * Workers take ranges of consecutive slots; a sink is called by several threads at once, but for
 * one slot only once, and within a range in file order.  Provider and channel of a row are numbers
 * into the worker's own names (evtx_names), so that no lock is needed: who wants numbers that do
 * not depend on the number of threads renumbers by first appearance in file order.
 *
 * Damage is collected, not fatal.  A scan fails only for lack of memory, for more than 65535
 * different names, or when the sink says so. */
#pragma once

#include "formats/evtx.h"

struct evtx_names {
    struct arena mem;
    struct str *text; /* UTF-8 */
    struct span *key; /* UTF-16LE */
    uint32_t *hash;   /* of the keys */
    uint32_t *slot;   /* open addressing: number + 1 */
    uint32_t count, cap;
};

enum { EVTX_NAMES_MAX = 65535 };

void evtx_names_init(struct evtx_names *n);
void evtx_names_done(struct evtx_names *n);
/* The number of a name, added when new; -1 when full or out of memory. */
int32_t evtx_names_add(struct evtx_names *n, struct span utf16);

struct evtx_rows {
    uint32_t count;
    uint32_t undecodable;
    uint64_t time[EVTX_CHUNK_RECORDS];
    uint64_t record_id[EVTX_CHUNK_RECORDS];
    uint32_t at[EVTX_CHUNK_RECORDS]; /* in the chunk */
    uint32_t size[EVTX_CHUNK_RECORDS];
    uint16_t event_id[EVTX_CHUNK_RECORDS];
    uint16_t provider[EVTX_CHUNK_RECORDS];
    uint16_t channel[EVTX_CHUNK_RECORDS];
    uint8_t level[EVTX_CHUNK_RECORDS];
};

struct evtx_templates;

/* What a sink may use of the thread that calls it. */
struct evtx_worker {
    unsigned index; /* below evtx_scan.jobs */
    struct evtx_names names;
    struct evtx_templates *templates;
    struct arena scratch; /* reset for each record of the general decoder */
    struct evtx_rows *rows;
    struct evlog_damage damage[EVLOG_DAMAGE_LISTED];
    uint64_t damage_total, chunks, bad_header, bad_data, undecodable;
    uint64_t last_id; /* greatest record number */
    struct err err;
};

struct evtx_scan {
    struct span file;
    unsigned jobs;     /* in: at most; out: how many ran */
    bool general_only; /* tests: never the compiled templates */
    const bool *known; /* per slot: intact chunks whose rows the caller has; or NULL */
    uint64_t known_id; /* greatest record number in those */
    void *ctx;
    bool (*rows)(void *ctx, struct evtx_worker *w, const struct evtx_chunk *c, uint64_t slot,
                 const struct evtx_rows *rows);
    bool (*end)(void *ctx, struct evtx_worker *w, uint64_t first_slot); /* of a range; or NULL */
    void (*abort)(void *ctx); /* the scan fails: wake whoever waits in end(); or NULL */

    /* Results. */
    struct evtx_header header;
    struct evtx_worker *worker;                      /* `jobs` of them, until evtx_scan_done() */
    struct evlog_damage damage[EVLOG_DAMAGE_LISTED]; /* in file order; times are 0 */
    uint64_t damage_total, chunks, bad_header, bad_data, undecodable;
};

enum { EVTX_RANGE = 32 }; /* slots */

bool evtx_scan_run(struct evtx_scan *s, struct err *e);
void evtx_scan_done(struct evtx_scan *s);

/* In evtx_index.c: names in the log's memory; what a finished scan says of the log (its rows must
 * be in place). */
bool evtx_index_names(struct evlog *log, const struct evtx_names *all);
void evtx_index_results(struct evlog *log, const struct evtx_scan *s);
