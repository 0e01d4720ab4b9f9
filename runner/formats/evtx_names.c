#include <stdlib.h>

#include "base/utf16.h"
#include "formats/evtx_scan.h"

void evtx_names_init(struct evtx_names *n)
{
    *n = (struct evtx_names){0};
    arena_init(&n->mem, ARENA_DEFAULT_CAP);
}

void evtx_names_done(struct evtx_names *n)
{
    free(n->text);
    free(n->key);
    free(n->hash);
    free(n->slot);
    arena_done(&n->mem);
    *n = (struct evtx_names){0};
}

/* Eight bytes at a time: names are looked up for every record of a template that serves several. */
static uint32_t hash_of(struct span s)
{
    const uint64_t k = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t h = s.len * k;
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8)
        h = (h ^ load_u64(s.ptr + i)) * k, h ^= h >> 29;
    for (; i < s.len; i++)
        h = (h ^ s.ptr[i]) * k;
    return (uint32_t)(h >> 32);
}

static bool grown(void **p, size_t count, size_t size)
{
    void *q = realloc(*p, count * size);
    if (q)
        *p = q;
    return q != NULL;
}

/* Room for one more, with at most half of the slots in use. */
static bool grow(struct evtx_names *n)
{
    if (n->count < n->cap)
        return true;
    uint32_t cap = n->cap ? n->cap * 2 : 64;
    if (!grown((void **)&n->text, cap, sizeof *n->text) ||
        !grown((void **)&n->key, cap, sizeof *n->key) ||
        !grown((void **)&n->hash, cap, sizeof *n->hash))
        return false;
    uint32_t *slot = calloc((size_t)cap * 2, sizeof *slot);
    if (!slot)
        return false;
    for (uint32_t i = 0; i < n->count; i++) {
        uint32_t at = n->hash[i] & (cap * 2 - 1);
        while (slot[at])
            at = (at + 1) & (cap * 2 - 1);
        slot[at] = i + 1;
    }
    free(n->slot);
    n->slot = slot;
    n->cap = cap;
    return true;
}

int32_t evtx_names_add(struct evtx_names *n, struct span utf16)
{
    uint32_t h = hash_of(utf16), mask = n->cap * 2 - 1, at = h & mask;
    if (n->cap) {
        for (; n->slot[at]; at = (at + 1) & mask) {
            uint32_t i = n->slot[at] - 1;
            if (n->hash[i] == h && span_eq(n->key[i], utf16))
                return (int32_t)i;
        }
    }
    if (n->count >= EVTX_NAMES_MAX || !grow(n))
        return -1;
    const uint8_t *key = arena_copy(&n->mem, utf16.ptr, utf16.len);
    struct str text = utf16_to_utf8(&n->mem, utf16);
    if (!key || !text.ptr)
        return -1;
    mask = n->cap * 2 - 1;
    for (at = h & mask; n->slot[at];)
        at = (at + 1) & mask;
    uint32_t i = n->count++;
    n->key[i] = (struct span){key, utf16.len};
    n->text[i] = text;
    n->hash[i] = h;
    n->slot[at] = i + 1;
    return (int32_t)i;
}
