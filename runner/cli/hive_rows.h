/* Rows of `inspect hive`: one value a row, as JSON lines or TSV.
 *
 * {key,name,type,size,sha256,data,written}: key relative to the root key, size and sha256 of the
 * raw data, data decoded (strings as text up to their NUL, REG_MULTI_SZ as a list, REG_DWORD and
 * REG_QWORD as numbers, all else as lower-case hex), written = the key's last-written time. */
#pragma once

#include "formats/regf.h"

enum hive_format { HIVE_JSONL, HIVE_TSV };

struct hive_rows {
    enum hive_format format;
    struct sb out;     /* rows not yet written */
    struct sb key;     /* how the current key's rows begin */
    struct sb written; /* and end */
    bool failed;       /* standard output took no more */
};

struct hive_row {
    struct str name;
    uint32_t type;
    struct span data;
};

void hive_rows_begin(struct hive_rows *rows, enum hive_format format);
void hive_rows_key(struct hive_rows *rows, struct str path, uint64_t last_written);
bool hive_rows_value(struct hive_rows *rows, const struct hive_row *row, struct arena *a,
                     struct err *e);

/* Writes what is left; false when standard output failed. */
bool hive_rows_end(struct hive_rows *rows);
