#include "base/library.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include "base/wide_win.h"

enum { NAME_MOST = 60 };

/* By its full path: the system's own, whatever lies beside the program. */
static HMODULE open_library(const char *name)
{
    wchar_t path[MAX_PATH + NAME_MOST + 2];
    UINT n = GetSystemDirectoryW(path, MAX_PATH);
    wchar_t *wide = n && n < MAX_PATH ? wide_text(name) : NULL;
    HMODULE library = NULL;
    if (wide && wcslen(wide) <= NAME_MOST) {
        path[n] = L'\\';
        memcpy(path + n + 1, wide, (wcslen(wide) + 1) * sizeof *wide);
        /* What it imports itself is looked for there first, too. */
        library = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    }
    free(wide);
    return library;
}

bool library_load(const char *name, const struct library_function *list, size_t count,
                  struct err *e)
{
    HMODULE library = open_library(name);
    if (!library)
        return wide_fail(e, GetLastError(), name);
    for (size_t i = 0; i < count; i++) {
        FARPROC found = GetProcAddress(library, list[i].name);
        if (!found)
            return err_set(e, ERR_UNSUPPORTED, 0, "%s has no %s", name, list[i].name);
        memcpy(list[i].to, &found, sizeof found);
    }
    return true;
}
