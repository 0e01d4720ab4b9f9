#include "base/clock.h"

#include <windows.h>

#include "base/wtime.h"

uint64_t clock_ms(void)
{
    return GetTickCount64();
}

uint64_t wtime_now(void)
{
    FILETIME t;
    GetSystemTimeAsFileTime(&t);
    return (uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime;
}
