#include "base/owner_win.h"

#include <windows.h>

#include <aclapi.h>
#include <sddl.h>

#include "base/wide_win.h"

/* NT SERVICE\TrustedInstaller: the owner of Windows' own files. */
static const wchar_t installer[] =
    L"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";

static bool same_user(PSID sid, bool elevated)
{
    uint8_t buffer[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    TOKEN_ELEVATION elevation = {0};
    DWORD len;
    HANDLE token;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    bool same = GetTokenInformation(token, TokenUser, buffer, sizeof buffer, &len) &&
                EqualSid(((TOKEN_USER *)(void *)buffer)->User.Sid, sid);
    if (same && elevated)
        same = GetTokenInformation(token, TokenElevation, &elevation, sizeof elevation, &len) &&
               elevation.TokenIsElevated;
    CloseHandle(token);
    return same;
}

/* What stands for the owner, who is looked at anyway. */
static bool owners_own(PSID sid)
{
    return IsWellKnownSid(sid, WinCreatorOwnerSid) || IsWellKnownSid(sid, WinCreatorOwnerRightsSid);
}

enum self { SELF_COUNTS, SELF_COUNTS_ELEVATED, SELF_COUNTS_NOT };

/* Administrators, SYSTEM, TrustedInstaller, or who runs this. */
static bool trusted_sid(PSID sid, enum self self)
{
    PSID other = NULL;
    if (IsWellKnownSid(sid, WinBuiltinAdministratorsSid) ||
        IsWellKnownSid(sid, WinLocalSystemSid) ||
        (self != SELF_COUNTS_NOT && same_user(sid, self == SELF_COUNTS_ELEVATED)))
        return true;
    bool is_installer = ConvertStringSidToSidW(installer, &other) && EqualSid(other, sid);
    LocalFree(other);
    return is_installer;
}

enum {
    WRITING = FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA | FILE_WRITE_ATTRIBUTES | DELETE |
              WRITE_DAC | WRITE_OWNER | FILE_DELETE_CHILD,
    REPLACING = DELETE | WRITE_DAC | WRITE_OWNER | FILE_DELETE_CHILD
};

/* An entry of a kind that is not known here may let anybody do anything. */
static bool lets_others(ACE_HEADER *entry, ACCESS_MASK what, enum self self)
{
    ACCESS_ALLOWED_ACE *ace = (ACCESS_ALLOWED_ACE *)(void *)entry;
    switch (entry->AceType) {
    case ACCESS_DENIED_ACE_TYPE:
    case ACCESS_DENIED_OBJECT_ACE_TYPE:
    case ACCESS_DENIED_CALLBACK_ACE_TYPE:
    case ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE:
        return false;
    case ACCESS_ALLOWED_ACE_TYPE:
    case ACCESS_ALLOWED_CALLBACK_ACE_TYPE: /* the same, with a condition behind it */
        return (ace->Mask & what) && !owners_own(&ace->SidStart) &&
               !trusted_sid(&ace->SidStart, self);
    default:
        return true;
    }
}

static bool others_may(PACL acl, ACCESS_MASK what, enum self self)
{
    if (!acl)
        return true; /* no list at all: everybody may do everything */
    for (DWORD i = 0; i < acl->AceCount; i++) {
        ACE_HEADER *entry;
        if (!GetAce(acl, i, (void **)&entry))
            return true;
        if (!(entry->AceFlags & INHERIT_ONLY_ACE) && lets_others(entry, what, self))
            return true;
    }
    return false;
}

static bool read_security(HANDLE handle, PSID *owner, PACL *acl, PSECURITY_DESCRIPTOR *all,
                          struct err *e)
{
    DWORD code = GetSecurityInfo(handle, SE_FILE_OBJECT,
                                 OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, owner,
                                 NULL, acl, NULL, all);
    return code == ERROR_SUCCESS || wide_fail(e, code, "its access list");
}

bool owner_judge(void *owner, void *acl, struct err *e)
{
    const ACCESS_MASK writing = (ACCESS_MASK)WRITING | GENERIC_WRITE | GENERIC_ALL;
    if (!owner || !trusted_sid(owner, SELF_COUNTS))
        return err_set(e, ERR_DENIED, 0,
                       "belongs neither to Administrators nor to the user who runs this");
    return !others_may(acl, writing, SELF_COUNTS) ||
           err_set(e, ERR_DENIED, 0, "others than Administrators may write it");
}

bool owner_check(void *handle, struct err *e)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID owner = NULL;
    PACL acl = NULL;
    bool ok = read_security(handle, &owner, &acl, &descriptor, e) && owner_judge(owner, acl, e);
    LocalFree(descriptor);
    return ok;
}

bool owner_check_system(void *handle, struct owner_rule rule, struct err *e)
{
    const ACCESS_MASK writing = rule.above ? (ACCESS_MASK)REPLACING | GENERIC_ALL
                                           : (ACCESS_MASK)WRITING | GENERIC_WRITE | GENERIC_ALL;
    const enum self self = rule.self ? SELF_COUNTS_ELEVATED : SELF_COUNTS_NOT;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID owner = NULL;
    PACL acl = NULL;
    bool ok = read_security(handle, &owner, &acl, &descriptor, e);
    if (ok && (!owner || !trusted_sid(owner, self)))
        ok = err_set(e, ERR_DENIED, 0,
                     "does not belong to Administrators (icacls NAME /setowner Administrators)");
    if (ok && others_may(acl, writing, self))
        ok = err_set(e, ERR_DENIED, 0, "others than Administrators may write it");
    LocalFree(descriptor);
    return ok;
}
