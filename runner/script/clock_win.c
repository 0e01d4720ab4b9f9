#include "script/sandbox.h"

#include <windows.h>

uint64_t sandbox_clock_ms(void)
{
    return GetTickCount64();
}
