/* Text of binary XML values, the same for every output.
 *
 * Scalars follow what current Windows renders: decimal integers, 0x... without padding for the hex
 * types, pointers and sizes, GUIDs in lower case with braces, times with seven digits and Z, binary
 * as upper-case hex, booleans as words.  A value whose length does not fit its type is hex. */
#pragma once

#include "formats/binxml.h"

enum { BX_SCALAR_MAX = 256 };

/* Scalars other than strings, binary and documents: ASCII text, at most BX_SCALAR_MAX bytes, no
 * NUL.  0 when the value is no such scalar or its length is wrong. */
size_t bx_scalar(uint8_t type, struct span raw, char out[BX_SCALAR_MAX]);

/* Writes v in decimal, returns the end; all BX_DECIMAL_MAX bytes at p may be written. */
enum { BX_DECIMAL_MAX = 20 };
char *bx_decimal(char *p, uint64_t v);

/* "2012-03-14T04:17:43.3545627Z": always 28 bytes for years to 9999; else hex. */
size_t bx_time(uint64_t filetime, char out[BX_SCALAR_MAX]);

/* The string without the NULs that some writers leave at its end. */
struct span bx_trim(struct span utf16);

/* A value as UTF-8. */
void sb_bx_value(struct sb *b, uint8_t type, struct span raw);

/* The text parts of a list (elements are passed over) as UTF-8. */
void sb_bx_text(struct sb *b, const struct bx_node *list);

/* The character of an entity name, or 0. */
uint32_t bx_entity(struct span name);
