#include "base/wide_win.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include "base/utf16.h"

wchar_t *wide_text(const char *utf8)
{
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    struct span units = utf8_to_utf16(&a, str_of(utf8));
    wchar_t *out = units.ptr || !*utf8 ? malloc(units.len + sizeof *out) : NULL;
    if (out) {
        if (units.len)
            memcpy(out, units.ptr, units.len);
        out[units.len / sizeof *out] = 0;
    }
    arena_done(&a);
    return out;
}

char *wide_utf8(const wchar_t *text)
{
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    struct span units = {(const uint8_t *)text, wcslen(text) * sizeof *text};
    struct str s = utf16_to_utf8(&a, units);
    char *out = s.ptr || !units.len ? malloc(s.len + 1) : NULL;
    if (out) {
        if (s.len)
            memcpy(out, s.ptr, s.len);
        out[s.len] = '\0';
    }
    arena_done(&a);
    return out;
}

static wchar_t *absolute(const wchar_t *path)
{
    DWORD need = GetFullPathNameW(path, 0, NULL, NULL);
    wchar_t *out = need ? malloc(need * sizeof *out) : NULL;
    if (out && GetFullPathNameW(path, need, out, NULL) >= need) {
        free(out);
        return NULL;
    }
    return out;
}

static wchar_t *joined(const wchar_t *prefix, const wchar_t *rest)
{
    size_t a = wcslen(prefix), b = wcslen(rest);
    wchar_t *out = malloc((a + b + 1) * sizeof *out);
    if (out) {
        memcpy(out, prefix, a * sizeof *out);
        memcpy(out + a, rest, (b + 1) * sizeof *out);
    }
    return out;
}

wchar_t *wide_path(const char *utf8)
{
    wchar_t *text = wide_text(utf8);
    if (!text || wcsncmp(text, L"\\\\?\\", 4) == 0)
        return text;
    wchar_t *full = absolute(text), *out = NULL;
    if (full)
        out = wcsncmp(full, L"\\\\", 2) == 0 ? joined(L"\\\\?\\UNC\\", full + 2)
                                             : joined(L"\\\\?\\", full);
    free(full);
    free(text);
    return out;
}

bool wide_fail(struct err *e, unsigned long code, const char *what)
{
    switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
        return err_set(e, ERR_NOT_FOUND, 0, "%s: no such file or folder", what);
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
        return err_set(e, ERR_DENIED, 0, "%s: access denied", what);
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
        return err_set(e, ERR_DENIED, 0, "%s: in use by another program", what);
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
        return err_set(e, ERR_IO, 0, "%s: the disk is full", what);
    case ERROR_WRITE_PROTECT:
        return err_set(e, ERR_DENIED, 0, "%s: the disk is write-protected", what);
    case ERROR_ALREADY_EXISTS:
    case ERROR_FILE_EXISTS:
        return err_set(e, ERR_IO, 0, "%s: exists already", what);
    default:
        return err_set(e, ERR_IO, 0, "%s: Windows error %lu", what, code);
    }
}
