/* What a log covers of time: from its first intact record, or the last time it was cleared, to its
 * last record, less the holes that lost records and a clock set back leave.  Computed once a log.
 */
#pragma once

#include "host/host.h"

enum { HOLES_MAX = 64 };

/* A stretch of time in which records may be missing; 0 and UINT64_MAX are open ends. */
struct log_hole {
    uint64_t from, to;
    struct str why;
};

struct log_span {
    bool any;            /* the log has records */
    uint64_t start, end; /* times of the first and of the last record */
    bool cleared;        /* it starts with its being cleared */
    struct log_hole hole[HOLES_MAX];
    size_t holes;
};

/* Texts and order live in `a`. */
void coverage_span(const struct evlog *log, struct str channel, struct arena *a,
                   struct log_span *out);

/* Of the window [since, until] (0 = open: from the log's start, to the reference time). */
void coverage_window(const struct log_span *span, uint64_t since, uint64_t until,
                     const struct reference_time *reference, struct arena *a, struct coverage *out);
