/* A hive file named on the command line, with the transaction logs that lie beside it.
 *
 * The files are mapped; replay happens in a private mapping, nothing is ever written to disk.
 * Everything lives until hive_file_close(). */
#pragma once

#include "formats/regf.h"
#include "host/file.h"

enum { HIVE_LOG_NAME = 256 };

struct hive_file {
    struct file_map primary, log[REGF_LOGS_MAX];
    char log_name[REGF_LOGS_MAX][HIVE_LOG_NAME];
    size_t log_count;
    struct err log_problem; /* a log is there but could not be used: why */
    struct regf_replay plan;
    struct regf hive;
    struct arena arena;
};

/* False when the file cannot be read as a hive.  Logs are looked for case-insensitively as
 * NAME.LOG, NAME.LOG1 and NAME.LOG2; without `use_logs` the hive is read as it lies. */
bool hive_file_open(const char *path, bool use_logs, struct hive_file *out, struct err *e);

/* False once a part of the hive or of a log that was used could not be read from disk. */
bool hive_file_intact(const struct hive_file *h);

void hive_file_close(struct hive_file *h);
