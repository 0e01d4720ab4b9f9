/* Inside of the offline host: hives of a volume, opened when first asked for, and places of logs.
 */
#pragma once

#include "host/host_ops.h"

struct hive {
    struct hive *next;
    struct str place; /* "HKLM\SOFTWARE", "HKU\S-1-5-21-..." */
    bool opened;
    enum fact_state state; /* of the hive's file */
    struct str reason;
    struct host_file file;
    struct str winpath; /* where it was looked for */
    struct regf regf;
    struct str note; /* replayed, or dirty without logs */
    bool stale;      /* dirty without fitting logs: what is not there may have been written */
};

struct offline {
    struct volume *volume;
    struct hive *hives;
    size_t hive_count;
};

/* The hive that holds a physical place, opened, and what is left of the path below its root.  NULL:
 * state and reason say why there is none. */
struct hive *offline_hive(struct host *h, struct str key, struct str *rest, enum fact_state *state,
                          struct str *reason);
void offline_hives_close(struct host *h);

void offline_open_log(struct host *h, struct str channel, struct arena *a, struct log_source *out);
