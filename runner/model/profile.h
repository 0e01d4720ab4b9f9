/* A profile: which rules are checked, with which values of inputs.  It selects and sets; it never
 * repeats a rule. */
#pragma once

#include "model/rule.h"

struct profile {
    struct str title, file;
    struct str source; /* the file's text: messages name the line */
    bool builtin;
    struct str extends; /* as written; empty: it stands alone */
    struct str *only, *skip;
    size_t only_count, skip_count;
    bool has_severity;
    enum severity severity; /* rules of this and above */
    struct value inputs;    /* VALUE_MAP: "policy.name" or "name" = value, or policy = VALUE_MAP */
    int line;
    const struct profile *base; /* the profile that `extends` names */
};
