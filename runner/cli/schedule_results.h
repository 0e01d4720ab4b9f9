/* What scheduled runs leave: a folder of JSON reports, named by their time, so that names sort as
 * times do.  Only such names are ever listed or removed. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct schedule_results {
    struct str folder;
    struct str written; /* the path of the report of this run */
};

/* The folder of a schedule's results; nothing is made. */
bool schedule_results_place(struct str name, struct arena *a, struct str *out, struct err *e);

/* Makes the folders down to it, for administrators only. */
bool schedule_results_make(struct str name, struct arena *a, struct str *out, struct err *e);

/* Puts a report there whole and flushed; `now` names it, or the next millisecond that is free. */
bool schedule_results_write(struct schedule_results *r, uint64_t now, struct str report,
                            struct arena *a, struct err *e);

/* Removes the oldest ones until `keep` are left; never the one that was written just now. */
bool schedule_results_trim(const struct schedule_results *r, size_t keep, struct arena *a,
                           struct err *e);

/* The path of the newest; empty where there is none. */
bool schedule_results_newest(struct str folder, struct arena *a, struct str *out, struct err *e);
