/* Files of a target as read-only mappings.
 *
 * A sector that cannot be read, or a file that shrinks under us, raises SIGBUS (Windows:
 * EXCEPTION_IN_PAGE_ERROR) in whoever touches the page.  file_guard() installs a handler that puts
 * a page of zeroes there and marks the mapping: readers go on, and file_intact() afterwards says
 * that what was read is worthless.  So: map, parse, ask file_intact(), and only then believe. */
#pragma once

#include "base/bytes.h"
#include "base/err.h"

struct file_map {
    struct span bytes;     /* what parsers read */
    uint8_t *private_copy; /* set by file_make_private: the same bytes, writable */
    size_t mapped;         /* bytes of address space, 0 = none */
    uint8_t *copy;         /* a small file's bytes, read instead of mapped */
    int slot;              /* in the table of the guard, -1 = none */
    uint64_t device, inode, size, mtime, ctime; /* identity, for caches; times in ns since 1970 */
};

/* Installs the handler, once a process. */
void file_guard(void);

/* Regular files only; never blocks on FIFOs, never takes a terminal. An empty file maps to an
 * empty span. */
bool file_map_path(const char *path, struct file_map *out, struct err *e);

/* As above for an open descriptor, which is left open. */
bool file_map_fd(int fd, struct file_map *out, struct err *e);

/* As file_map_fd(), but files of at most 1 MiB are read, not mapped: mapping and unmapping stop all
 * threads of a process for a moment.  A part that cannot be read is then an error at once. */
bool file_load_fd(int fd, struct file_map *out, struct err *e);

/* Maps again as private and writable, `size` bytes long (at least the file's size; zeroes behind
 * its end).  Only touched pages cost memory.  The old mapping is gone afterwards. */
bool file_make_private(int fd, struct file_map *m, uint64_t size, struct err *e);

/* False once a page of the mapping could not be read. */
bool file_intact(const struct file_map *m);

void file_unmap(struct file_map *m);
