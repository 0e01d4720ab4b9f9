/* Descriptors of our own: always above the three standard ones, so that 0 in a zeroed struct means
 * none, and a program started with its standard streams closed cannot mix them up. */
#pragma once

#include <stddef.h>

#include "base/err.h"

/* The same file under a number above 2; closes the old one. -1 stays -1. */
int fd_keep(int fd);

/* An empty file without a name: memory, or with `large` a file in $TMPDIR, /var/tmp or /tmp. */
bool fd_scratch(bool large, int *out, struct err *e);

bool fd_write_at(int fd, const void *bytes, size_t len, uint64_t at, struct err *e);
bool fd_resize(int fd, uint64_t size, struct err *e);

void fd_close(int fd);

bool fd_is_folder(const char *path);
