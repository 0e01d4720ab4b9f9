/* Which lines of Lua ran while check functions did: for `rectify policy test`.
 *
 * Recording happens in the hook of the sandbox and never fails: without memory lines are missing.
 * One of these a thread; script_coverage_merge() adds them up. */
#pragma once

#include "base/str.h"

enum { LINE_CODE = 1 /* a function that was called has code there */, LINE_RAN = 2 };

struct covered_file {
    char *path;       /* as messages name it */
    struct span text; /* borrowed */
    uint8_t *lines;   /* LINE_* by number; [0] is not used */
    size_t line_count;
};

struct script_coverage {
    struct covered_file *files;
    size_t count;
};

/* The file with this path, made when it is not there; NULL: no memory. */
struct covered_file *script_coverage_file(struct script_coverage *c, struct str path,
                                          struct span text);
void script_coverage_mark(struct covered_file *f, int line, uint8_t what);
void script_coverage_merge(struct script_coverage *into, const struct script_coverage *from);
void script_coverage_done(struct script_coverage *c);

/* Another text for one file, as `use` finds it. */
struct script_replacement {
    struct str path; /* "lua/mcafee/hooks.lua" */
    struct span text;
};
