#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *next;
    size_t pos, size;
    bool clean; /* its bytes are zero already */
    max_align_t data[];
};

enum { FIRST_BLOCK = 4096, LARGEST_STEP = 1 << 20, LARGE = 1 << 17 };

void arena_init(struct arena *a, size_t cap)
{
    *a = (struct arena){.cap = cap};
}

void arena_done(struct arena *a)
{
    size_t cap = a->cap;
    for (struct arena_block *b = a->blocks; b;) {
        struct arena_block *next = b->next;
        free(b);
        b = next;
    }
    *a = (struct arena){.cap = cap};
}

void arena_reset(struct arena *a)
{
    struct arena_block *keep = a->blocks;
    if (!keep || keep->next || keep->size > LARGEST_STEP) {
        arena_done(a);
        return;
    }
    keep->pos = 0;
    keep->clean = false;
    a->full = false;
}

static struct arena_block *grow(struct arena *a, size_t size)
{
    size_t want = a->blocks ? a->blocks->size * 2 : FIRST_BLOCK;
    if (want > LARGEST_STEP)
        want = LARGEST_STEP;
    if (want < size)
        want = size;
    size_t total = sizeof(struct arena_block) + want;
    if (total < want || total > a->cap - a->used)
        total = sizeof(struct arena_block) + size, want = size;
    if (total < size || total > a->cap - a->used)
        return NULL;
    /* Pages of a large block are fresh ones of the system, and it may use few of them. */
    bool large = want >= LARGE;
    struct arena_block *b = large ? calloc(1, total) : malloc(total);
    if (!b)
        return NULL;
    b->clean = large;
    b->pos = 0;
    b->size = want;
    b->next = a->blocks;
    a->blocks = b;
    a->used += total;
    return b;
}

/* Memory of any content, and the block that it lies in. */
static void *take(struct arena *a, size_t size, struct arena_block **in)
{
    const size_t align = _Alignof(max_align_t);
    if (size == 0)
        size = 1;
    if (size > SIZE_MAX - align) {
        a->full = true;
        return NULL;
    }
    size = (size + align - 1) / align * align;
    struct arena_block *b = a->blocks;
    if (!b || b->size - b->pos < size)
        b = grow(a, size);
    if (!b) {
        a->full = true;
        return NULL;
    }
    void *p = (char *)b->data + b->pos;
    b->pos += size;
    *in = b;
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct arena_block *in;
    void *p = take(a, size, &in);
    return p && !in->clean ? memset(p, 0, size) : p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        a->full = true;
        return NULL;
    }
    return arena_alloc(a, count * size);
}

void *arena_copy(struct arena *a, const void *src, size_t len)
{
    struct arena_block *in;
    void *p = take(a, len, &in);
    if (p && len)
        memcpy(p, src, len);
    return p;
}

char *arena_strdup(struct arena *a, const char *s, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    struct arena_block *in;
    char *p = take(a, len + 1, &in);
    if (p && len)
        memcpy(p, s, len);
    if (p)
        p[len] = 0;
    return p;
}
