#include "base/owner_win.h"

#include <windows.h>

#include <aclapi.h>
#include <sddl.h>

#include "base/wide_win.h"

/* NT SERVICE\TrustedInstaller: the owner of Windows' own files. */
static const wchar_t installer[] =
    L"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";

static bool same_user(PSID sid)
{
    uint8_t buffer[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    DWORD len;
    HANDLE token;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    bool same = GetTokenInformation(token, TokenUser, buffer, sizeof buffer, &len) &&
                EqualSid(((TOKEN_USER *)(void *)buffer)->User.Sid, sid);
    CloseHandle(token);
    return same;
}

/* Administrators, SYSTEM, TrustedInstaller, or who runs this. */
static bool trusted_sid(PSID sid)
{
    PSID other = NULL;
    if (IsWellKnownSid(sid, WinBuiltinAdministratorsSid) ||
        IsWellKnownSid(sid, WinLocalSystemSid) || IsWellKnownSid(sid, WinCreatorOwnerSid) ||
        same_user(sid))
        return true;
    bool is_installer = ConvertStringSidToSidW(installer, &other) && EqualSid(other, sid);
    LocalFree(other);
    return is_installer;
}

enum {
    WRITING = FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA | FILE_WRITE_ATTRIBUTES | DELETE |
              WRITE_DAC | WRITE_OWNER | FILE_DELETE_CHILD
};

static bool others_write(PACL acl)
{
    if (!acl)
        return true; /* no list at all: everybody may do everything */
    for (DWORD i = 0; i < acl->AceCount; i++) {
        ACCESS_ALLOWED_ACE *ace;
        if (!GetAce(acl, i, (void **)&ace))
            return true;
        bool inherit_only = ace->Header.AceFlags & INHERIT_ONLY_ACE;
        if (ace->Header.AceType != ACCESS_ALLOWED_ACE_TYPE || inherit_only)
            continue;
        const ACCESS_MASK generic = GENERIC_WRITE | GENERIC_ALL;
        if ((ace->Mask & ((ACCESS_MASK)WRITING | generic)) && !trusted_sid(&ace->SidStart))
            return true;
    }
    return false;
}

bool owner_check(void *handle, struct err *e)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID owner = NULL;
    PACL acl = NULL;
    DWORD code = GetSecurityInfo(handle, SE_FILE_OBJECT,
                                 OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner,
                                 NULL, &acl, NULL, &descriptor);
    bool ok = code == ERROR_SUCCESS || wide_fail(e, code, "its access list");
    if (ok && (!owner || !trusted_sid(owner)))
        ok = err_set(e, ERR_DENIED, 0,
                     "belongs neither to Administrators nor to the user who runs this");
    if (ok && others_write(acl))
        ok = err_set(e, ERR_DENIED, 0, "others than Administrators may write it");
    LocalFree(descriptor);
    return ok;
}
