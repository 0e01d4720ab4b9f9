/* Every write that must survive: journals, hives and what is set aside beside them.
 *
 * Names are single components below an open folder, never paths.  Each call names its point
 * ("hive.rename"), which is where tests kill the process or let the disk be full; programs have no
 * way to set the hook.  Nothing here is retried or undone: callers order the calls so that what is
 * on the disk is whole at each point (write, sync the file, rename, sync the folder).
 *
 * A full disk or a read-only target fails with the system's word for it; callers add the path. */
#pragma once

#include "base/bytes.h"
#include "base/str.h"

struct disk_dir; /* an open folder */

struct disk_file {
    int fd; /* above 2; a zeroed struct is no file */
};

/* The folder as the user names it: links in the path are followed. */
bool disk_dir_open(const char *path, struct disk_dir **out, struct err *e);
/* A folder that was opened safely elsewhere; takes the descriptor, also on failure. */
bool disk_dir_take(int fd, struct disk_dir **out, struct err *e);
void disk_dir_close(struct disk_dir *d);
/* For attributes and listings; stays the folder's. */
int disk_dir_fd(const struct disk_dir *d);

/* A new file for reading and writing, mode 0600; ERR_DENIED "... exists already" if the name is
 * taken, also by a link. */
bool disk_create(const char *point, struct disk_dir *d, const char *name, struct disk_file *out,
                 struct err *e);
/* An existing regular file, no link, to read and to append to.  `locked`: nobody else may hold it
 * this way at the same time; ERR_DENIED "in use by another process". */
bool disk_append(const char *point, struct disk_dir *d, const char *name, bool locked,
                 struct disk_file *out, struct err *e);
/* Locks a file that was created: see `locked` above. */
bool disk_lock(const char *point, struct disk_file *f, struct err *e);
void disk_close(struct disk_file *f);

/* All of it, at the end of the file. */
bool disk_write(const char *point, struct disk_file *f, const void *bytes, size_t len,
                struct err *e);
bool disk_truncate(const char *point, struct disk_file *f, uint64_t size, struct err *e);
bool disk_sync(const char *point, struct disk_file *f, struct err *e);
bool disk_sync_dir(const char *point, struct disk_dir *d, struct err *e);

/* Over what is there, atomically. */
bool disk_rename(const char *point, struct disk_dir *d, const char *from, const char *to,
                 struct err *e);
/* A second name for the same file; never over what is there.  `*unsupported`: the file system has
 * no such thing (then false without a failure recorded). */
bool disk_link(const char *point, struct disk_dir *d, const char *from, const char *to,
               bool *unsupported, struct err *e);
/* A name that is not there is fine. */
bool disk_unlink(const char *point, struct disk_dir *d, const char *name, struct err *e);

/* Owner, mode and extended attributes (system.ntfs_acl, security.*, user.*) of `like`, an open
 * descriptor.  What a file system refuses to take or does not know is a failure, except the owner
 * where it is the same already. */
bool disk_copy_attributes(const char *point, struct disk_file *f, int like, struct err *e);

/* ---- tests only ---- */

enum disk_fault {
    DISK_GO,
    DISK_KILL,       /* the process ends before the call does anything */
    DISK_KILL_HALF,  /* in the middle: half of the bytes are written; else as DISK_KILL */
    DISK_KILL_AFTER, /* just after it was done */
    DISK_FULL,       /* ENOSPC; half of the bytes are written */
    DISK_READ_ONLY,  /* EROFS */
    DISK_BROKEN,     /* EIO */
    DISK_FORBIDDEN   /* EPERM: what a file system without links says to one */
};

enum { DISK_KILLED = 137 }; /* exit status of a killed process */

/* Asked before every call with a point; `name` is the file's where the call has one, else "". */
struct disk_hook {
    enum disk_fault (*ask)(void *context, const char *point, const char *name);
    void *context;
};
void disk_set_hook(const struct disk_hook *hook);
