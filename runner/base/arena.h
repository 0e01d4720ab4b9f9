/* Memory that is freed all at once: one arena per opened artefact, one per evaluation.
 *
 * Every arena has a cap; past it arena_alloc() returns NULL and `full` stays set, which callers
 * report as ERR_LIMIT or ERR_NOMEM.  Allocations are zeroed and aligned for any object.  Not
 * thread-safe: one thread, one arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t used, cap; /* bytes, block headers included */
    bool full;
};

#define ARENA_DEFAULT_CAP ((size_t)256 << 20)

void arena_init(struct arena *a, size_t cap);
void arena_done(struct arena *a);

/* Frees what was allocated, keeps the cap: for loops that reuse one arena. */
void arena_reset(struct arena *a);

void *arena_alloc(struct arena *a, size_t size);
void *arena_array(struct arena *a, size_t count, size_t size); /* overflow-checked */
void *arena_copy(struct arena *a, const void *src, size_t len);

/* A NUL-terminated copy of `len` bytes; NULL when the arena is full. */
char *arena_strdup(struct arena *a, const char *s, size_t len);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, count, type) ((type *)arena_array((a), (count), sizeof(type)))
