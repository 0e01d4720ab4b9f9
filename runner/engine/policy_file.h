/* Policy files that the admin names: read whole, and refused when others could have written them
 * (docs/design.md section 12). */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum { POLICY_FILES = 10000, POLICY_FOLDER_DEPTH = 4, POLICY_FILE_SIZE = 1 << 20 };

struct policy_file {
    struct str path;
    struct span text;
    bool products; /* below a folder named `products`: defines products */
    bool tests;    /* named *_test.lua: tests policies */
};

struct policy_files {
    struct policy_file *items;
    size_t count;
};

/* Appends the file, or every .lua file below the folder, sorted by path.  Text lives in `a`.
 * A file or folder whose owner is neither root nor the user who runs this, or that group or others
 * may write, is ERR_DENIED. */
bool policy_files_read(struct str path, struct arena *a, struct policy_files *out, struct err *e);

/* Reads one file of at most `most` bytes (a profile, inputs, waivers) under the same rules. */
bool policy_file_read(struct str path, size_t most, struct arena *a, struct span *text,
                      struct err *e);
