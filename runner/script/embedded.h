/* Files compiled into the binary: lua/ and policies/ (cmake/embed.cmake writes the table). */
#pragma once

#include <stddef.h>

struct embedded_file {
    const char *path; /* "policies/kb71083/kb71083.lua", relative to the source tree */
    const unsigned char *bytes;
    size_t len;
};

/* Sorted by path; the entry after the last has a NULL path. */
extern const struct embedded_file embedded_files[];
extern const size_t embedded_file_count;
