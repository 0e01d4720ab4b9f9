/* How long things take. */
#pragma once

#include <stdint.h>

/* Milliseconds since some start; never goes back. */
uint64_t clock_ms(void);
