/* Inside of the host: opened logs and what they cover. */
#pragma once

#include "host/coverage.h"
#include "host/host_ops.h"
#include "host/log_images.h"

/* A log: indexed once, kept until the host is closed. */
struct host_log_index {
    struct str channel;
    struct log_source source;
    struct evlog log; /* while `open` */
    struct log_span span;
    struct str note; /* how the index was had */
    bool open;

    /* For those who ask often; made when first needed. */
    struct log_rows rows;
    struct log_bytes bytes;
    struct log_images images;
    unsigned asked;
};

/* False, and the log is unreadable from then on, when its bytes could not all be read. */
bool logs_intact(struct host *h, struct host_log_index *index);

/* True when the index was a kept one that proved to be spoiled: the log has been read anew, and
 * what was answered from the index must be asked again. */
bool logs_renew(struct host *h, struct host_log_index *index);

/* Frees the index of an open log. */
void logs_close(struct host_log_index *index);

void logs_coverage(struct host *h, const struct host_log_index *index, uint64_t since,
                   uint64_t until, struct arena *a, struct coverage *out);
