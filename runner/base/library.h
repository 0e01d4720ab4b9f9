/* Libraries that few runs need, loaded by the first that does.  On Linux libcurl and libarchive
 * bring some forty others, whose loading takes several times as long as a whole small check; on
 * Windows, where they are part of the program, it is those of the system that bring many (ole32,
 * shell32).
 *
 * A layer that uses one of the former has a header with a table of its functions and macros in
 * their names, so that calls look as they always do; on Windows the table is filled by the linker.
 */
#pragma once

#include "base/err.h"

struct library_function {
    const char *name;
    void *to; /* a function pointer */
};

/* Finds the library by its name in the system's folders, and all of the functions; it stays. */
bool library_load(const char *name, const struct library_function *list, size_t count,
                  struct err *e);
