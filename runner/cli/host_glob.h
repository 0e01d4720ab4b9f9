/* Files of a target by a Windows path with wildcards: "Windows\System32\*.dll",
 * "%ProgramFiles%\**".
 *
 * `*` and `?` match within a name, `**` any number of folders (none too).  Junctions and links are
 * followed where the pattern names them, never by `**`, since Windows' own lead back up.  A pattern
 * that ends with `*` or `**` takes only files with the endings of executables unless `all` is set.
 * Limits: HOST_GLOB_FILES files, HOST_GLOB_FOLDERS folders, HOST_GLOB_DEPTH levels. */
#pragma once

#include "host/host.h"

enum { HOST_GLOB_FILES = 1 << 20, HOST_GLOB_FOLDERS = 1 << 18, HOST_GLOB_DEPTH = 64 };

struct host_glob {
    struct arena *mem;
    struct str *paths; /* in the order of Windows' names, folder by folder */
    size_t count, cap;
    size_t folders;
    size_t unread;         /* folders that could not be listed */
    struct str unread_why; /* the first of them */
};

/* False: the pattern is wrong, a limit was reached, or its fixed part cannot be listed. */
bool host_glob(struct host *h, struct str pattern, bool all, struct arena *mem,
               struct host_glob *out, struct err *e);
