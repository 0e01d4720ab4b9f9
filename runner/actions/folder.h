/* Folders that an administrator names: a mirror of lists and certificates, a repository of
 * packages.  What is in them is verified by its content; names are no authority. */
#pragma once

#include "actions/disk.h"
#include "base/arena.h"

enum { FOLDER_FILES = 65536 };

struct folder_file {
    struct str name;
    uint64_t size;
};

/* Regular files (links to some included), sorted bytewise by name; names that begin with a dot are
 * left out. */
bool folder_list(const char *path, struct arena *a, struct folder_file **out, size_t *count,
                 struct err *e);

/* A whole file.  ERR_NOT_FOUND: there is none; ERR_LIMIT: larger than `max`. */
bool folder_read(const char *path, const char *name, uint64_t max, struct arena *a,
                 struct span *out, struct err *e);

/* A folder with its parent there; one that is there is fine. */
bool folder_make(const char *path, struct err *e);

/* Everybody may read it: what is placed for other programs. */
bool folder_share(struct disk_file *f, struct err *e);

/* Puts the bytes there whole: a temporary file beside it, flushed, then renamed. */
bool folder_place(struct disk_dir *d, const char *name, struct span bytes, struct err *e);
