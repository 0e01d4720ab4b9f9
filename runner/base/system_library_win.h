/* Functions of Windows' own libraries that are not linked: those that the oldest Windows lacks, that few
 * runs need, or whose library the loader would take from the program's own folder before anything of
 * ours runs (which are all but those that Windows holds ready itself, its KnownDLLs).  Windows only. */
#pragma once

#include <stddef.h>

typedef void (*system_library_function)(void);

/* From System32, by its whole path; NULL when there is no such library or function.  The library stays
 * loaded. */
system_library_function system_library_find(const wchar_t *library, const char *function);
