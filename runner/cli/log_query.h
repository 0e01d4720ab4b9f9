/* `inspect evtx|evt`: what was asked, and the outputs it makes. */
#pragma once

#include "base/str.h"
#include "formats/evlog.h"
#include "formats/evtx_scan.h"

struct log_cache;

enum log_format { LOG_TSV, LOG_JSONL, LOG_XML, LOG_CSV };
enum { LOG_PROVIDERS_MAX = 64, LOG_COLUMNS = 3, LOG_FIELDS_MAX = 64 };
enum log_column { LOG_CHANNEL, LOG_PROVIDER, LOG_ID };

/* A column of --format csv. */
struct log_field {
    struct str name;
    size_t known; /* number in the table of log_csv.c; past its end: data.NAME */
};

struct log_query {
    bool evt;
    bool count;
    enum log_column column[LOG_COLUMNS]; /* of --count-by, in the order given */
    size_t columns;
    enum log_format format;
    const char *provider[LOG_PROVIDERS_MAX]; /* any of them; none = all */
    size_t providers;
    bool by_id;
    uint8_t id[65536 / 8];
    uint64_t since, until; /* since <= time < until */
    unsigned jobs;
    struct log_field field[LOG_FIELDS_MAX];
    size_t fields;
    const struct log_cache *cache; /* of indexes, or NULL */
    bool several;                  /* files: rows tell which */
};

/* Whether a row is asked for; the provider is judged by log_query_provider(). */
static inline bool log_query_row(const struct log_query *q, uint64_t time, uint16_t id)
{
    return time >= q->since && time < q->until && (!q->by_id || (q->id[id / 8] >> (id % 8) & 1));
}
bool log_query_provider(const struct log_query *q, struct str name);

/* Appends a TSV field: tab, CR, LF and backslash as \t \r \n \\, other controls and bytes that are
 * not UTF-8 as \xNN. */
void sb_tsv(struct sb *b, struct str s);

/* ---- counts, summed over files ---- */

struct log_counts;
struct log_counts *log_counts_new(const struct log_query *q);
void log_counts_free(struct log_counts *c);
/* One group's rows of one file. */
bool log_counts_add(struct log_counts *c, struct str channel, struct str provider, uint16_t id,
                    uint64_t count);
/* The table in q->format, sorted bytewise. */
bool log_counts_write(struct log_counts *c, struct err *e);

/* ---- files ---- */

/* Damage of one file, told on stderr when the file is done. */
struct log_damage {
    uint64_t undecodable, partial, bad_header, bad_data, total;
    const struct evlog_damage *listed;
    size_t count;
};

/* Counts or writes one mapped file. `out`: --format tsv rows without --count-by are kept there and
 * sorted at the end. */
bool log_evtx(const struct log_query *q, struct span file, const char *path, struct log_counts *c,
              struct sb *lines, void (*damage)(const char *path, const struct log_damage *d),
              struct err *e);
bool log_evt(const struct log_query *q, struct span file, const char *path, struct log_counts *c,
             struct sb *lines, void (*damage)(const char *path, const struct log_damage *d),
             struct err *e);

/* Counts one file by its index, kept in q->cache. */
bool log_indexed(const struct log_query *q, const char *path, struct log_counts *c,
                 void (*damage)(const char *path, const struct log_damage *d), struct err *e);

/* A TSV row without --count-by: time, record_id, channel, provider, id, level (and file). */
void log_tsv_row(struct sb *lines, const struct log_query *q, const char *path, uint64_t time,
                 uint64_t record_id, struct str channel, struct str provider, uint16_t id,
                 uint8_t level);

/* Standard output, whole. */
bool log_write(const char *bytes, size_t len, struct err *e);
