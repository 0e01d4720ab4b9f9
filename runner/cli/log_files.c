#include <stdlib.h>
#include <string.h>

#include "base/utf16.h"
#include "cli/log_files_list.h"

enum { FILES_MAX = 1 << 20, MEMORY_MAX = 512 << 20 };

void log_files_init(struct log_files *l)
{
    *l = (struct log_files){0};
    arena_init(&l->mem, MEMORY_MAX);
}

void log_files_done(struct log_files *l)
{
    arena_done(&l->mem);
    *l = (struct log_files){0};
}

bool log_files_append(struct log_files *l, const char *path, struct err *e)
{
    if (l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 16;
        const char **p = cap > FILES_MAX ? NULL : ARENA_ARRAY(&l->mem, cap, const char *);
        if (!p)
            return err_set(e, ERR_LIMIT, 0, "more than %d files", FILES_MAX);
        if (l->count)
            memcpy(p, l->path, l->count * sizeof *p);
        l->path = p;
        l->cap = cap;
    }
    l->path[l->count] = arena_strdup(&l->mem, path, strlen(path));
    return l->path[l->count++] || err_set(e, ERR_NOMEM, 0, "out of memory");
}

bool log_files_suffix(const char *name, const char *suffix)
{
    size_t n = strlen(name), s = strlen(suffix);
    return n >= s && str_ieq(str_of(name + n - s), str_of(suffix));
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void log_files_sort(struct log_files *l, size_t from)
{
    qsort(l->path + from, l->count - from, sizeof *l->path, by_bytes);
}
