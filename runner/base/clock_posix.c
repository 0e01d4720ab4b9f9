#include "base/clock.h"

#include <time.h>

#include "base/wtime.h"

uint64_t clock_ms(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
        return 0;
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t wtime_now(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0)
        return 0;
    return wtime_from_unix((int64_t)t.tv_sec) + (uint64_t)t.tv_nsec / 100;
}
