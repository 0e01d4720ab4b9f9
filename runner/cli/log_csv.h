/* `--format csv`: chosen fields of records. */
#pragma once

#include "cli/log_query.h"
#include "formats/evtx.h"

/* Comma-separated names into q->field; false for one that does not exist. */
bool log_csv_fields(struct log_query *q, const char *text);
void log_csv_default(struct log_query *q);
void log_csv_header(struct sb *b, const struct log_query *q);

/* What a row has without its payload. */
struct log_csv_row {
    const char *path;
    uint64_t time, record_id;
    struct str channel, provider;
    uint16_t id;
    uint8_t level;
};

/* A line; the payload is decoded (into `mem`) when a field needs it.  False when it cannot be
 * decoded: those cells are empty. */
bool log_csv_evtx(struct sb *b, const struct log_query *q, const struct log_csv_row *row,
                  const struct evtx_chunk *c, const struct evtx_record *r, struct arena *mem);
bool log_csv_evt(struct sb *b, const struct log_query *q, const struct log_csv_row *row,
                 const struct evlog *log, size_t number, struct arena *mem);
