/* Random bytes from the system, for identifiers (not for keys). */
#pragma once

#include "base/err.h"

#include <stddef.h>

bool random_bytes(void *out, size_t len, struct err *e); /* at most 256 */
