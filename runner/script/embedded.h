/* Files compiled into the binary: lua/ and policies/ (cmake/embed.cmake writes the tables). */
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

/* lua/api: the documentation of what scripts can name. */
extern const struct embedded_file embedded_stubs[];
extern const size_t embedded_stub_count;
