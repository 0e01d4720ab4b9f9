/* Text as Windows' W functions want it.  Windows only. */
#pragma once

#include <stddef.h>

#include "base/err.h"

/* UTF-16 copies, to be freed; NULL when memory ran out.  A lone surrogate in its generalised form
 * is kept, other bytes that are no UTF-8 become U+FFFD. */
wchar_t *wide_text(const char *utf8);

/* An absolute path in its `\\?\` form, which knows no limit of length and no reserved names. */
wchar_t *wide_path(const char *utf8);

/* UTF-8 copies, to be freed. */
char *wide_utf8(const wchar_t *text);

/* Records a failure of Windows: "<what>: file not found" or "<what>: Windows error 1392".  Always
 * false.  The kind is ERR_NOT_FOUND, ERR_DENIED or ERR_IO. */
bool wide_fail(struct err *e, unsigned long code, const char *what);
