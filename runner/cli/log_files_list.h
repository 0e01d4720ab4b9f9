/* Inside of log_files: the list that both systems fill. */
#pragma once

#include "base/str.h"
#include "cli/log_files.h"

enum { LOG_FILES_DEPTH = 64 };

bool log_files_append(struct log_files *l, const char *path, struct err *e);
bool log_files_suffix(const char *name, const char *suffix);
void log_files_sort(struct log_files *l, size_t from);
