/* The transaction logs that lie beside a hive file. */
#pragma once

#include "cli/hive_file.h"

/* Maps what is there into h->log; what is there but cannot be used goes to h->log_problem. */
void hive_logs_load(struct hive_file *h, const char *path);

/* Which of the three suffixes makes `name` a log of `base`; -1 for none. */
int hive_log_suffix(const char *base, const char *name);
