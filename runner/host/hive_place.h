/* Where an offline Windows keeps the hive of a key, for those who replace its file
 * (actions/writer_offline.h).  Nothing here writes. */
#pragma once

#include "host/host.h"

struct hive_place {
    struct str path;    /* of the file, below the target's root */
    struct str winpath; /* the same as Windows says it */
    struct str rest;    /* of the key, below the hive's root */
};

/* `key` is a physical place (no links, no CurrentControlSet).  False: there is no such hive, it
 * cannot be read, it is dirty without fitting logs, or the host is no offline Windows. */
bool hive_place_find(struct host *h, struct str key, struct hive_place *out, struct err *e);

/* The folder that the hive lies in, opened safely below the target's root (the caller closes it),
 * and the file's name there. */
bool hive_place_folder(struct host *h, const struct hive_place *p, int *fd, struct str *name,
                       struct err *e);

/* False with one line for targets that must not be written to: archives, collections, a Windows
 * that is hibernated or was shut down by fast startup. */
bool hive_place_writable(struct host *h, struct err *e);
