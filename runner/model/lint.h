/* What `rectify policy lint` has to say. */
#pragma once

#include "base/str.h"

enum lint_level { LINT_ERROR, LINT_WARNING, LINT_LEVELS };

struct lint_finding {
    struct str file;
    int line; /* 0 = the file as a whole */
    enum lint_level level;
    const char *code; /* "unknown-field": what a `-- lint: allow CODE` remark names */
    struct str text;
};

struct lint_report {
    struct lint_finding *findings; /* by file, then by line */
    size_t count;
    size_t files;
    size_t by_level[LINT_LEVELS];
};
