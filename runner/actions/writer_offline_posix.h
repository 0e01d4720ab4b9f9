/* Inside of the offline writer: one hive, from reading it to putting it in place. */
#pragma once

#include <sys/stat.h>

#include "actions/disk.h"
#include "formats/regf_edit.h"
#include "host/hive_place.h"

enum { OFFLINE_NAME = 256, OFFLINE_ID = 16 };

struct offline_log {
    char name[OFFLINE_NAME];
    uint8_t *bytes;
    uint64_t size;
};

struct offline_file {
    struct offline_file *next;
    struct str path; /* below the target's root, for messages */
    struct disk_dir *dir;
    char name[OFFLINE_NAME];
    int fd; /* the hive as it was read, locked */
    struct stat seen;
    uint8_t *bytes; /* logs replayed */
    size_t size;
    bool replayed;
    struct offline_log log[REGF_LOGS_MAX];
    size_t logs;
    struct regf_edit edit;
};

/* Opens, locks and reads the hive and its logs; takes `folder`. */
bool offline_file_open(struct offline_file *f, int folder, struct str name, uint64_t time,
                       struct err *e);
void offline_file_close(struct offline_file *f);

/* True while the hive's name still is the file that was read, unchanged. */
bool offline_file_unchanged(const struct offline_file *f, struct err *e);

/* Puts `bytes` in place of the hive and neutralises its logs. */
bool offline_place(struct offline_file *f, struct span bytes, const char *id, struct err *e);
/* What a stopped run may have left to do for a hive that needs no change: temporary files, and logs
 * of a hive that was put in place. */
bool offline_tidy(struct offline_file *f, const char *id, struct err *e);
