/* Regular expressions over untrusted text, by PCRE2: Perl's syntax, UTF-8, case-sensitive unless
 * the pattern says (?i).
 *
 * Bounded: pattern and text have a longest length, and a match a number of steps (items of the
 * pattern tried, and characters passed over) that counts the same on every machine, whatever start
 * positions and loops the pattern has; PCRE2's own limits of backtracking, depth and memory stand
 * behind it.  A limit that is hit is an answer of its own, never "no match".  Text that is not
 * UTF-8 is matched around its bad bytes. */
#pragma once

#include "base/str.h"

enum {
    REGEX_PATTERN_MAX = 1024,
    REGEX_TEXT_MAX = 65536,
    REGEX_STEPS = 1000000,
    REGEX_GROUPS = 16 /* captures that are told, the whole match included */
};

struct regex;

/* Lives in the arena; nothing to free.  ERR_USAGE: not a pattern, `at` its offset. */
bool regex_compile(struct str pattern, struct arena *a, const struct regex **out, struct err *e);

enum regex_answer { REGEX_NO, REGEX_YES, REGEX_LIMIT /* `e` says which */ };

/* What the groups matched, borrowing from the text; {NULL,0} for a group that took no part. */
struct regex_groups {
    struct str group[REGEX_GROUPS];
    size_t count;
    uint64_t steps; /* that the match took */
};

/* Anywhere in the text.  `groups` may be NULL. */
enum regex_answer regex_match(const struct regex *r, struct str text, struct regex_groups *groups,
                              struct err *e);

/* "10.42 2022-12-11" */
const char *regex_release(void);
