/* Judged files against what a want says of their signatures: shared by file.signed and
 * module.signed.
 *
 * Memory is the evaluation's.  Of good and bad files LISTED_FILES are listed, all are counted. */
#pragma once

#include "engine/evaluate.h"

enum { LISTED_FILES = 256 };

/* Files and what is to be said of them; those past the limit are only counted. */
struct remarks {
    struct remark {
        struct str path, text;
        bool said;
    } items[LISTED_FILES];
    size_t count;
};

struct inspection {
    const struct evaluation *v;
    struct texts signers, claims, roots;
    bool pin;
    struct str want; /* what is expected of a file, in words */
    size_t good, foreign, outside;
    struct remarks *bad, *unknown;
    struct value *listed;
    size_t listed_count;
};

/* Reads the arguments and says what is expected; false without memory. */
bool inspection_begin(const struct evaluation *v, const struct want *w, struct inspection *n,
                      struct result *out);

/* Is it one of those that the want is about? */
bool inspection_claimed(const struct inspection *n, const struct judged_file *f);

/* Weighs a file that was judged; `where` is the path, and behind it what else tells of it;
 * `processes` (NULL: none) is kept with it as data. */
void inspection_weigh(struct inspection *n, const struct judged_file *f, struct str where,
                      const struct value *processes, struct result *out);

void inspection_remark(struct remarks *r, struct str path, struct str text);

/* "A, B and 3 more: why; C: why". */
struct str inspection_text(struct arena *a, struct remarks *r);

/* The files that were weighed, as data. */
struct value inspection_listed(const struct inspection *n);

/* "X" or one of 3 other names: the first of several stands for all. */
struct str inspection_names(struct arena *a, struct texts list);
