/* Message digests, by libcrypto. */
#pragma once

#include "base/bytes.h"
#include "base/err.h"

enum { SHA256_SIZE = 32, SHA256_HEX = 65 };

bool sha256(struct span s, uint8_t out[SHA256_SIZE], struct err *e);

/* Lower-case hex and a NUL. */
bool sha256_hex(struct span s, char out[SHA256_HEX], struct err *e);
