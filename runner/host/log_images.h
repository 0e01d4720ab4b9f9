/* The process images that the strings of a log's rows name, looked for once a row. */
#pragma once

#include "base/str.h"
#include "host/log_rows.h"

struct log_images {
    struct evlog_strings *strings;
    struct arena mem;
    struct str *image; /* by number, every spelling; 0 = the row names none */
    size_t count, cap;
    uint32_t *slot; /* open addressing: number + 1 */
};

bool log_images_open(const struct evlog *log, struct log_images *out);
void log_images_close(struct log_images *x);

/* The numbers of a bucket's rows in [from, to), positions as in log_rows_window(); false without
 * memory. */
bool log_images_look(struct log_images *x, const struct log_rows *r, struct log_bucket *b,
                     size_t from, size_t to);
