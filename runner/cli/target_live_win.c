#include <stdlib.h>
#include <windows.h>

#include <sddl.h>
#include <shlobj.h>

#include "actions/writer_live.h"
#include "base/owner_win.h"
#include "base/wide_win.h"
#include "base/wtime.h"
#include "cli/cli.h"
#include "cli/cores.h"
#include "cli/target_live.h"
#include "host/live.h"

bool target_live_open(const struct target_options *t, uint64_t at, struct host **out, struct err *e)
{
    struct host_options options = {
        .at = at ? at : t->at,
        .now = wtime_now(),
        .jobs = t->jobs ? t->jobs : cores(),
    };
    return host_live(&options, out, e);
}

int target_live(const char *verb, const struct target_options *t, struct host **out)
{
    struct err e = {0};
    if (t->complete != COMPLETE_DETECT)
        return cli_fail(EXIT_USAGE_ERROR,
                        "%s: --complete and --collection go with --root or --archive", verb);
    if (t->cache)
        cli_fail(0, "%s: --cache is for files: the logs of this host are read anew", verb);
    return target_live_open(t, 0, out, &e) ? 0 : cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
}

bool target_live_allowed(struct err *e)
{
    return writer_live_allowed(e);
}

bool target_live_writer(const struct writer_ops **ops, void **backend, struct err *e)
{
    return writer_live_open(ops, backend, e);
}

/* ---- %ProgramData%\rectify --------------------------------------------------------------------
 */

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

static bool private_folder(const wchar_t *path, struct err *e)
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

/* Asked of Windows, not of the environment, which whoever starts this sets. */
bool target_live_journals(struct arena *a, struct str *out, struct err *e)
{
    wchar_t data[MAX_PATH];
    HRESULT code = SHGetFolderPathW(NULL, CSIDL_COMMON_APPDATA, NULL, SHGFP_TYPE_CURRENT, data);
    if (FAILED(code))
        return err_set(e, ERR_IO, 0, "Windows does not say where program data goes (0x%08lx)",
                       (unsigned long)code);
    char *base = wide_utf8(data);
    struct str folder = base ? str_fmt(a, "%s\\rectify", base) : (struct str){NULL, 0};
    free(base);
    wchar_t *wide = folder.ptr ? wide_path(folder.ptr) : NULL;
    if (!wide)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    bool ok = private_folder(wide, e) || err_prefix(e, folder.ptr);
    free(wide);
    *out = str_fmt(a, STR_FMT "\\", STR_ARG(folder));
    return ok && (out->ptr || err_set(e, ERR_NOMEM, 0, "out of memory"));
}
