/* Several threads that take items off one list, in order.  The caller's thread is one of them. */
#pragma once

#include <stddef.h>

/* `work` is called once for each of `count` items, by up to `jobs` threads (0 counts as 1). */
void workers_run(unsigned jobs, size_t count, void (*work)(void *context, size_t item),
                 void *context);
