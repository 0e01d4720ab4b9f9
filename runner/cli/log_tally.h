/* Rows counted by (provider, channel, id), names as numbers.  One thread, one tally; a zeroed
 * struct is an empty one. */
#pragma once

#include <stdlib.h>

#include "cli/log_query.h"

struct log_tally {
    uint64_t *key; /* plus one: 0 is free */
    uint64_t *count;
    size_t used, cap;
};

bool log_tally_grow(struct log_tally *t);
void log_tally_done(struct log_tally *t);

/* All groups, with the names they stand for. */
bool log_tally_counts(const struct log_tally *t, const struct str *names, struct log_counts *c);

static inline bool log_tally_add(struct log_tally *t, uint16_t provider, uint16_t channel,
                                 uint16_t id)
{
    uint64_t key = ((uint64_t)provider << 32 | (uint64_t)channel << 16 | id) + 1;
    if (t->used * 2 >= t->cap && !log_tally_grow(t))
        return false;
    size_t at = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (t->cap - 1);
    while (t->key[at] && t->key[at] != key)
        at = (at + 1) & (t->cap - 1);
    t->used += !t->key[at];
    t->key[at] = key;
    t->count[at]++;
    return true;
}
