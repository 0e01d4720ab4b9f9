/* Under Wine a program of Linux can be started as one of Windows can; but it is given files only,
 * no pipes, and nothing waits for its end. */
#include "system.h"

#include <windows.h>

#include <aclapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/random.h"
#include "base/wide_win.h"
#include "net/elevated.h"

static bool done(bool ok, const char *what)
{
    if (!ok)
        fprintf(stderr, "%s: Windows error %lu\n", what, GetLastError());
    return ok;
}

bool temp_folder(char *name)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz012345";
    size_t len = strlen(name);
    uint8_t bytes[6];
    struct err e = {0};
    char *end = strchr(name + 1, '/');
    if (end) {
        *end = '\0';
        CreateDirectoryA(name, NULL);
        *end = '/';
    }
    if (len < 6 || !random_bytes(bytes, sizeof bytes, &e))
        return false;
    for (size_t i = 0; i < 6; i++)
        name[len - 6 + i] = digits[bytes[i] % 32];
    return done(CreateDirectoryA(name, NULL), name);
}

bool make_folder(const char *path)
{
    wchar_t *wide = wide_path(path);
    bool ok = wide && (CreateDirectoryW(wide, NULL) || GetLastError() == ERROR_ALREADY_EXISTS);
    free(wide);
    return done(ok, path);
}

static bool remove_wide(wchar_t *path);

static bool remove_below(const wchar_t *path)
{
    WIN32_FIND_DATAW f;
    size_t room = wcslen(path) + MAX_PATH + 2;
    wchar_t *below = calloc(room, sizeof *below);
    bool ok = below != NULL;
    if (ok)
        swprintf(below, room, L"%ls\\*", path);
    HANDLE h = ok ? FindFirstFileW(below, &f) : INVALID_HANDLE_VALUE;
    ok = h != INVALID_HANDLE_VALUE;
    for (bool more = ok; ok && more; more = FindNextFileW(h, &f)) {
        if (wcscmp(f.cFileName, L".") == 0 || wcscmp(f.cFileName, L"..") == 0)
            continue;
        swprintf(below, room, L"%ls\\%ls", path, f.cFileName);
        ok = remove_wide(below);
    }
    if (h != INVALID_HANDLE_VALUE)
        FindClose(h);
    free(below);
    return ok;
}

static bool remove_wide(wchar_t *path)
{
    DWORD what = GetFileAttributesW(path);
    if (what == INVALID_FILE_ATTRIBUTES)
        return false;
    if (!(what & FILE_ATTRIBUTE_DIRECTORY))
        return DeleteFileW(path);
    return ((what & FILE_ATTRIBUTE_REPARSE_POINT) || remove_below(path)) && RemoveDirectoryW(path);
}

bool remove_all(const char *path)
{
    wchar_t *wide = wide_path(path);
    bool ok = wide && remove_wide(wide);
    free(wide);
    return done(ok, path);
}

bool everybody_may_write(const char *path, bool may)
{
    uint8_t everybody[SECURITY_MAX_SID_SIZE], owner[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof everybody, owner_size = sizeof owner;
    EXPLICIT_ACCESSW access[2] = {{.grfAccessPermissions = GENERIC_ALL,
                                   .grfAccessMode = SET_ACCESS,
                                   .Trustee = {.TrusteeForm = TRUSTEE_IS_SID}},
                                  {.grfAccessPermissions = GENERIC_ALL,
                                   .grfAccessMode = SET_ACCESS,
                                   .Trustee = {.TrusteeForm = TRUSTEE_IS_SID}}};
    PACL acl = NULL;
    wchar_t *wide = wide_path(path);
    bool ok = wide && CreateWellKnownSid(WinWorldSid, NULL, everybody, &size) &&
              CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, owner, &owner_size);
    access[0].Trustee.ptstrName = (wchar_t *)(void *)owner;
    access[1].Trustee.ptstrName = (wchar_t *)(void *)everybody;
    ok = ok && SetEntriesInAclW(may ? 2 : 1, access, NULL, &acl) == ERROR_SUCCESS &&
         SetNamedSecurityInfoW(wide, SE_FILE_OBJECT,
                               DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
                               NULL, NULL, acl, NULL) == ERROR_SUCCESS;
    LocalFree(acl);
    free(wide);
    return done(ok, path);
}

bool cut_file(const char *path, uint64_t size)
{
    LARGE_INTEGER at = {.QuadPart = (LONGLONG)size};
    wchar_t *wide = wide_path(path);
    HANDLE h = wide ? CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                  OPEN_EXISTING, 0, NULL)
                    : INVALID_HANDLE_VALUE;
    bool ok =
        h != INVALID_HANDLE_VALUE && SetFilePointerEx(h, at, NULL, FILE_BEGIN) && SetEndOfFile(h);
    if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
    free(wide);
    return done(ok, path);
}

bool set_variable(const char *name, const char *value)
{
    return done(_putenv_s(name, value ? value : "") == 0, name);
}

/* A process is what it is; under Wine every one is elevated. */
bool pretend_elevated(bool elevated)
{
    return elevated == net_elevated();
}

bool program_there(const char *path)
{
    (void)path;
    return false;
}

bool program_output(const char *const argv[], struct sb *out)
{
    (void)out;
    fprintf(stderr, "%s: not started from Windows\n", argv[0]);
    return false;
}

/* RECTIFY_TEST_PYTHON: where it lies, when it is not a program of Windows. */
static wchar_t *command_line(const char *const argv[])
{
    const char *python = getenv("RECTIFY_TEST_PYTHON");
    struct sb text;
    sb_init(&text, 1 << 15);
    sb_printf(&text, "\"%s\"", python ? python : argv[0]);
    for (size_t i = 1; argv[i]; i++) {
        sb_printf(&text, " \"%s\"", argv[i]);
        if (i == 1)
            sb_printf(&text, " --until-gone");
    }
    wchar_t *out = text.bad ? NULL : wide_text(text.ptr);
    sb_done(&text);
    return out;
}

static HANDLE inherited(const wchar_t *path, DWORD access, DWORD how)
{
    SECURITY_ATTRIBUTES inherit = {.nLength = sizeof inherit, .bInheritHandle = TRUE};
    return CreateFileW(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                       &inherit, how, 0, NULL);
}

/* The first line, once it is whole; a minute is long enough for any Python to start. */
static bool first_line(const wchar_t *path, char *line, size_t size)
{
    for (int tries = 0; tries < 1200; tries++, Sleep(50)) {
        FILE *f = _wfopen(path, L"rb");
        bool whole = f && fgets(line, (int)size, f) && strchr(line, '\n');
        if (f)
            fclose(f);
        if (whole) {
            line[strcspn(line, "\r\n")] = '\0';
            return true;
        }
    }
    return false;
}

bool helper_start(const char *const argv[], char *line, size_t size, struct helper *out)
{
    wchar_t path[MAX_PATH], folder[MAX_PATH];
    PROCESS_INFORMATION process = {0};
    wchar_t *command = command_line(argv);
    if (!command || !GetTempPathW(MAX_PATH, folder) || !GetTempFileNameW(folder, L"out", 0, path)) {
        free(command);
        return done(false, argv[0]);
    }
    STARTUPINFOW how = {.cb = sizeof how,
                        .dwFlags = STARTF_USESTDHANDLES,
                        .hStdInput = inherited(L"NUL", GENERIC_READ, OPEN_EXISTING),
                        .hStdOutput = inherited(path, GENERIC_WRITE, OPEN_EXISTING),
                        .hStdError = GetStdHandle(STD_ERROR_HANDLE)};
    bool ok = CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &how, &process);
    CloseHandle(how.hStdInput);
    CloseHandle(how.hStdOutput);
    if (ok)
        CloseHandle(process.hThread);
    *out = (struct helper){(intptr_t)process.hProcess, 0};
    ok = ok && first_line(path, line, size);
    DeleteFileW(path);
    free(command);
    return ok;
}

void helper_stop(struct helper *h, const char *folder)
{
    remove_all(folder);
    if (h->process)
        CloseHandle((HANDLE)h->process);
}
