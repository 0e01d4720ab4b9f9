#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/wide_win.h"
#include "cli/absolute.h"

/* As Windows completes it: drive, current folder, dots; `\\?\` paths stay as they are. */
static wchar_t *full_path(const char *path)
{
    wchar_t *text = wide_text(path);
    DWORD need = text ? GetFullPathNameW(text, 0, NULL, NULL) : 0;
    wchar_t *out = need ? malloc(need * sizeof *out) : NULL;
    if (out && GetFullPathNameW(text, need, out, NULL) >= need) {
        free(out);
        out = NULL;
    }
    free(text);
    return out;
}

/* A folder is the same with and without the backslash at its end; a drive is not. */
static size_t without_end(const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '\\' && path[len - 2] != ':' && path[len - 2] != '\\')
        len--;
    return len;
}

struct str absolute_path(const char *path, struct arena *a)
{
    wchar_t *wide = full_path(path);
    char *full = wide ? wide_utf8(wide) : NULL;
    struct str s =
        full ? str_dup(a, (struct str){full, without_end(full)}) : str_dup(a, str_of(path));
    free(full);
    free(wide);
    return s;
}

struct str absolute_name(const char *path, struct arena *a)
{
    return absolute_path(path, a);
}
