/* Descriptors of our own: always above the three standard ones, so that 0 in a zeroed struct means
 * none, and a program started with its standard streams closed cannot mix them up. */
#pragma once

#include <stddef.h>

#include "base/err.h"

/* The same file under a number above 2; closes the old one. -1 stays -1. */
int fd_keep(int fd);

/* A regular file of this system, for reading; never waits on a pipe, never takes a terminal.  -1
 * with `e` set (ERR_NOT_FOUND, ERR_DENIED, ERR_IO) when it cannot be opened. */
int fd_open_read(const char *path, struct err *e);

/* An empty file without a name: memory, or with `large` a file in $TMPDIR, /var/tmp or /tmp. */
bool fd_scratch(bool large, int *out, struct err *e);

bool fd_write_at(int fd, const void *bytes, size_t len, uint64_t at, struct err *e);
bool fd_resize(int fd, uint64_t size, struct err *e);

void fd_close(int fd);

bool fd_is_folder(const char *path);
