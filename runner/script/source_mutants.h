/* Small mistakes made on purpose in Lua text: comparisons turned round, numbers shifted, conditions
 * negated, words dropped.  Tests of a policy should notice every one of them. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct source_mutant {
    int line;
    struct str was, is; /* what stood there, and what stands there now */
    struct span text;   /* the whole file */
};

struct source_mutants {
    struct source_mutant *items;
    size_t count;
    size_t elsewhere; /* places on lines that `wanted` refuses */
};

/* Of code within functions, on lines that `wanted` accepts; and of numbers, words and texts outside
 * of functions, which `outside` asks for.  False: no memory. */
bool source_mutants(struct span text, bool (*wanted)(void *context, int line), void *context,
                    bool outside, struct arena *a, struct source_mutants *out, struct err *e);

/* For every line in [1..count]: the line on which the innermost function around it begins (0:
 * none), and whether there is more on it than the end of something. */
void source_function_lines(struct span text, struct arena *a, int *owner, bool *code, size_t count);
