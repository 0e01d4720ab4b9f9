/* UTF-16LE at the border: converted once to UTF-8 (`struct str`), and Windows' case rule.
 *
 * Ill-formed units are kept: a lone surrogate becomes its three-byte generalised UTF-8 form. */
#pragma once

#include "base/str.h"

/* All of `s` (an odd last byte is dropped).  {NULL,0} when the arena is full. */
struct str utf16_to_utf8(struct arena *a, struct span s);

/* As above, but stops at the first NUL unit: the shape of REG_SZ and fixed-size fields. */
struct str utf16z_to_utf8(struct arena *a, struct span s);

/* Each byte is the code point of the same number: "compressed" names of registry hives. */
struct str latin1_to_utf8(struct arena *a, struct span s);

/* Appends instead of allocating. */
void sb_utf16(struct sb *b, struct span s);

/* UTF-8 (generalised) to UTF-16LE bytes; ill-formed bytes become U+FFFD. */
struct span utf8_to_utf16(struct arena *a, struct str s);

/* Upper case of one UTF-16 unit by Windows' simple mapping (one unit to one unit). */
uint16_t upcase16(uint16_t unit);

/* Case-insensitive comparison by Windows' rule: units are upcased one by one, then compared. */
int str_icmp(struct str a, struct str b);
bool str_ieq(struct str a, struct str b);

/* Hash that is equal for names that are str_ieq. */
uint32_t str_ihash(struct str s);

/* Windows file globbing, case-insensitive: `*` any run, `?` one character; no escapes.  Bounded:
 * O(pattern x name), names and patterns over 32 KiB never match. */
bool glob_imatch(struct str pattern, struct str name);
