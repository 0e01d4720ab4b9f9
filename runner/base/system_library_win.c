#include "base/system_library_win.h"

#include <string.h>
#include <wchar.h>
#include <windows.h>

system_library_function system_library_find(const wchar_t *library, const char *function)
{
    wchar_t path[MAX_PATH + 1];
    UINT n = GetSystemDirectoryW(path, MAX_PATH + 1);
    size_t len = wcslen(library);
    if (n == 0 || n + 1 + len > MAX_PATH)
        return NULL;
    path[n] = L'\\';
    memcpy(path + n + 1, library, (len + 1) * sizeof *library);
    /* What it imports itself is looked for there first, too. */
    HMODULE module = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    return module ? (system_library_function)(void (*)(void))GetProcAddress(module, function)
                  : NULL;
}
