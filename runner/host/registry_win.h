/* Places of the registry as the Windows API wants them: shared by what reads and what writes the
 * running Windows.  Always the 64-bit view: places have Wow6432Node written out.  Windows only. */
#pragma once

#include <windows.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/str.h"

/* "HKLM\SOFTWARE\x" to a root and the rest; false for places below no root that there is. */
bool registry_win_split(struct str place, HKEY *root, struct str *rest);
/* UTF-16 with its NUL, in the arena, or NULL: no memory.  A name that holds a NUL cannot be asked
 * for. */
const wchar_t *registry_win_text(struct arena *a, struct str text);
/* A value as stored, at most 64 MiB. */
LSTATUS registry_win_query(HKEY key, const wchar_t *name, struct arena *a, DWORD *type,
                           struct span *out);
