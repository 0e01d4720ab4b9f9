#include "cli/private_folder.h"

#include <stdlib.h>
#include <windows.h>

#include <sddl.h>
#include <shlobj.h>

#include "base/library.h"
#include "base/owner_win.h"
#include "base/wide_win.h"

bool private_root(struct arena *a, struct str *out, struct err *e)
{
    HRESULT(WINAPI * get_folder)(HWND, int, HANDLE, DWORD, LPWSTR);
    const struct library_function list[] = {{"SHGetFolderPathW", &get_folder}};
    wchar_t data[MAX_PATH];
    if (!library_load("shell32.dll", list, 1, e))
        return false;
    HRESULT code = get_folder(NULL, CSIDL_COMMON_APPDATA, NULL, SHGFP_TYPE_CURRENT, data);
    if (FAILED(code))
        return err_set(e, ERR_IO, 0, "Windows does not say where program data goes (0x%08lx)",
                       (unsigned long)code);
    char *base = wide_utf8(data);
    *out = base ? str_fmt(a, "%s\\rectify", base) : (struct str){NULL, 0};
    free(base);
    return out->ptr || err_set(e, ERR_NOMEM, 0, "out of memory");
}

struct str private_below(struct str folder, const char *name, struct arena *a)
{
    return str_fmt(a, STR_FMT "\\%s", STR_ARG(folder), name);
}

/* %ProgramData% lets every user make folders: one that was there before must be administrators'
 * own, or whoever made it could exchange what is in it. */
static bool owned_folder(const wchar_t *path, struct err *e)
{
    HANDLE h =
        CreateFileW(path, READ_CONTROL | FILE_READ_ATTRIBUTES,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    BY_HANDLE_FILE_INFORMATION info;
    if (h == INVALID_HANDLE_VALUE)
        return wide_fail(e, GetLastError(), "cannot open it");
    bool ok = GetFileInformationByHandle(h, &info) ||
              wide_fail(e, GetLastError(), "cannot ask for its attributes");
    if (ok && (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT ||
               !(info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)))
        ok = err_set(e, ERR_DENIED, 0, "is not a folder");
    ok = ok && owner_check(h, e);
    CloseHandle(h);
    return ok;
}

static bool make_owned(const wchar_t *path, struct err *e)
{
    PSECURITY_DESCRIPTOR rights = NULL;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(
            L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", SDDL_REVISION_1, &rights, NULL))
        return wide_fail(e, GetLastError(), "access list");
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, rights, FALSE};
    bool made = CreateDirectoryW(path, &attributes);
    DWORD code = made ? ERROR_SUCCESS : GetLastError();
    LocalFree(rights);
    if (!made && code != ERROR_ALREADY_EXISTS)
        return wide_fail(e, code, "cannot make the folder");
    return owned_folder(path, e);
}

bool private_folder(const char *path, struct err *e)
{
    wchar_t *wide = wide_path(path);
    if (!wide)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    bool ok = make_owned(wide, e) || err_prefix(e, path);
    free(wide);
    return ok;
}
