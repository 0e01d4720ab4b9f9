#include "cli/trusted_path.h"

#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#include "base/owner_win.h"
#include "base/wide_win.h"

static bool no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, 0, "out of memory");
}

static HANDLE open_it(const wchar_t *path, DWORD more)
{
    return CreateFileW(path, READ_CONTROL | FILE_READ_ATTRIBUTES,
                       FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                       FILE_FLAG_BACKUP_SEMANTICS | more, NULL);
}

static bool trusted(const wchar_t *path, struct owner_rule rule, struct err *e)
{
    char *shown = wide_utf8(wcsncmp(path, L"\\\\?\\", 4) == 0 ? path + 4 : path);
    HANDLE h = open_it(path, FILE_FLAG_OPEN_REPARSE_POINT);
    bool ok = h != INVALID_HANDLE_VALUE ? owner_check_system(h, rule, e)
                                        : wide_fail(e, GetLastError(), "cannot open it");
    if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
    if (!ok)
        err_prefix(e, shown ? shown : "");
    free(shown);
    return ok;
}

enum { DRIVE = 7 }; /* \\?\C:\ */

/* `path` is cut shorter and shorter. */
static bool walk_up(wchar_t *path, enum trusted_kind kind, struct err *e)
{
    struct owner_rule rule = {.self = kind == TRUSTED_PROGRAM};
    size_t len = wcslen(path);
    if (len < DRIVE || path[5] != L':')
        return err_set(e, ERR_DENIED, 0,
                       "lies on a network: who may write there cannot be told from here");
    bool ok = trusted(path, rule, e);
    for (size_t depth = 0; ok && len > DRIVE; depth++) {
        while (len > DRIVE && path[len - 1] != L'\\')
            len--;
        /* The root keeps its backslash: without it, it would be the device. */
        path[len > DRIVE ? len - 1 : len] = L'\0';
        rule.above = kind != TRUSTED_PROGRAM || depth > 0;
        ok = trusted(path, rule, e);
        len = wcslen(path);
    }
    return ok;
}

/* What the links lead to, in its \\?\ form; to be freed. */
static wchar_t *final_path(HANDLE h)
{
    DWORD need = GetFinalPathNameByHandleW(h, NULL, 0, FILE_NAME_NORMALIZED | VOLUME_NAME_DOS);
    wchar_t *out = need ? malloc((need + 1) * sizeof *out) : NULL;
    DWORD got =
        out ? GetFinalPathNameByHandleW(h, out, need + 1, FILE_NAME_NORMALIZED | VOLUME_NAME_DOS)
            : 0;
    if (got && got <= need && wcsncmp(out, L"\\\\?\\", 4) == 0)
        return out;
    free(out);
    return NULL;
}

bool trusted_path(const char *path, enum trusted_kind kind, struct arena *a, struct str *out,
                  struct err *e)
{
    wchar_t *wide = wide_path(path);
    HANDLE h = wide ? open_it(wide, 0) : INVALID_HANDLE_VALUE;
    DWORD code = GetLastError();
    free(wide);
    if (h == INVALID_HANDLE_VALUE)
        return wide_fail(e, code, path);
    wchar_t *real = final_path(h);
    CloseHandle(h);
    if (!real)
        return err_set(e, ERR_IO, 0, "%s: Windows does not say where it really lies", path);
    char *text = wide_utf8(real + 4);
    *out = text ? str_dup(a, str_of(text)) : (struct str){NULL, 0};
    bool ok = out->ptr ? walk_up(real, kind, e) : no_memory(e);
    free(text);
    free(real);
    return ok;
}

enum { PATH_UNITS = 32768 };

bool program_path(struct arena *a, struct str *out, struct err *e)
{
    wchar_t *wide = malloc(PATH_UNITS * sizeof *wide);
    DWORD len = wide ? GetModuleFileNameW(NULL, wide, PATH_UNITS) : 0;
    char *text = len && len < PATH_UNITS ? wide_utf8(wide) : NULL;
    *out = text ? str_dup(a, str_of(text)) : (struct str){NULL, 0};
    free(text);
    free(wide);
    return out->ptr || err_set(e, ERR_IO, 0, "cannot tell where this program lies");
}
