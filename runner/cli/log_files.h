/* The event logs that a command line names: files as they are, folders searched. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct log_files {
    struct arena mem;
    const char **path;
    size_t count, cap;
};

void log_files_init(struct log_files *l);
void log_files_done(struct log_files *l);

/* A file is taken whatever its name; of a folder and the folders in it, the files that end with
 * `suffix` (".evtx", any case), bytewise by path.  Links in folders are not followed. */
bool log_files_add(struct log_files *l, const char *path, const char *suffix, struct err *e);
