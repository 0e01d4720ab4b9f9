/* Small helpers for messages to people. */
#pragma once

#include "base/str.h"

/* Edit distance (insert, delete, replace, swap of neighbours), for "did you mean"; names over 63
 * bytes are infinitely far: SIZE_MAX. */
size_t text_distance(struct str a, struct str b);

/* Escapes for a terminal or a one-line message: control, bidi and zero-width characters and bytes
 * that are not UTF-8 become \u{...} or \xNN; never a raw ESC. */
void sb_terminal(struct sb *b, struct str s);
