#include "cli/log_tally.h"

bool log_tally_grow(struct log_tally *t)
{
    size_t cap = t->cap ? t->cap * 2 : 1024;
    struct log_tally big = {calloc(cap, sizeof *big.key), calloc(cap, sizeof *big.count), t->used,
                            cap};
    if (!big.key || !big.count) {
        free(big.key);
        free(big.count);
        return false;
    }
    for (size_t i = 0; i < t->cap; i++) {
        if (!t->key[i])
            continue;
        size_t at = (size_t)(t->key[i] * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (cap - 1);
        while (big.key[at])
            at = (at + 1) & (cap - 1);
        big.key[at] = t->key[i];
        big.count[at] = t->count[i];
    }
    free(t->key);
    free(t->count);
    *t = big;
    return true;
}

void log_tally_done(struct log_tally *t)
{
    free(t->key);
    free(t->count);
    *t = (struct log_tally){0};
}

bool log_tally_counts(const struct log_tally *t, const struct str *names, struct log_counts *c)
{
    for (size_t i = 0; i < t->cap; i++) {
        uint64_t key = t->key[i] - 1;
        if (t->key[i] && !log_counts_add(c, names[key >> 16 & 0xFFFF], names[key >> 32],
                                         (uint16_t)key, t->count[i]))
            return false;
    }
    return true;
}
