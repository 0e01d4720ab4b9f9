/* Whom a file's owner and access list let write it, for descriptors that Windows has and Wine's
 * files have not: what base/owner_win.c says of each.  Prints how many were as wanted, then "end".
 */
#include <stdio.h>
#include <windows.h>

#include <sddl.h>

#include "base/owner_win.h"

static int wrong, right;

static void want(const char *what, bool trusted, PSID owner, PACL acl)
{
    struct err e = {0};
    if (owner_judge(owner, acl, &e) == trusted && trusted == (e.kind == ERR_NONE)) {
        right++;
        return;
    }
    wrong++;
    printf("WRONG: %s: want %s\n", what, trusted ? "trusted" : "refused");
}

/* `type`: the kind that the first entry is made into, if not 0. */
static void descriptor(const char *text, BYTE type, bool trusted)
{
    PSECURITY_DESCRIPTOR d = NULL;
    PSID owner = NULL;
    PACL acl = NULL;
    ACE_HEADER *first;
    BOOL there = FALSE, defaulted;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1, &d, NULL) ||
        !GetSecurityDescriptorOwner(d, &owner, &defaulted) ||
        !GetSecurityDescriptorDacl(d, &there, &acl, &defaulted) ||
        (type && !GetAce(acl, 0, (void **)&first))) {
        wrong++;
        printf("WRONG: %s: not understood\n", text);
        return;
    }
    if (type)
        first->AceType = type;
    want(text, trusted, owner, there ? acl : NULL);
    LocalFree(d);
}

static void kinds(void)
{
    static const struct {
        BYTE type;
        bool trusted;
    } list[] = {{ACCESS_DENIED_ACE_TYPE, true},
                {ACCESS_DENIED_CALLBACK_ACE_TYPE, true},
                {ACCESS_ALLOWED_CALLBACK_ACE_TYPE, false},
                {ACCESS_ALLOWED_OBJECT_ACE_TYPE, false},
                {ACCESS_ALLOWED_COMPOUND_ACE_TYPE, false},
                {ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE, false},
                {0x7f, false}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        descriptor("O:BAD:P(A;;FA;;;WD)(A;;FA;;;BA)", list[i].type, list[i].trusted);
}

/* Each right by itself, for Users. */
static void rights(void)
{
    const DWORD reading = FILE_READ_DATA | FILE_READ_EA | FILE_EXECUTE | FILE_READ_ATTRIBUTES |
                          READ_CONTROL | SYNCHRONIZE | GENERIC_READ | GENERIC_EXECUTE;
    const DWORD all =
        FILE_ALL_ACCESS | GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL;
    for (DWORD bit = 1; bit; bit <<= 1) {
        char text[64];
        if (!(bit & all))
            continue;
        snprintf(text, sizeof text, "O:BAD:P(A;;0x%lx;;;BU)(A;;FA;;;BA)", (unsigned long)bit);
        descriptor(text, 0, bit & reading);
    }
}

int main(void)
{
    /* What rectify gives its journals and their folder. */
    descriptor("O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;OW)", 0, true);
    descriptor("O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", 0, true);
    descriptor("O:SYD:P(A;;FA;;;SY)", 0, true);
    /* What a folder in %ProgramData% gets from it. */
    descriptor(
        "O:BAD:(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)"
        "(A;CIID;0x116;;;BU)",
        0, false);
    descriptor("O:BAD:P(A;;FA;;;BA)(A;;0x1200a9;;;BU)", 0, true);
    descriptor("O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464D:P(A;;FA;;;BA)", 0,
               true);
    descriptor("O:S-1-5-21-1-2-3-1001D:P(A;;FA;;;BA)", 0, false);
    descriptor("O:WDD:P(A;;FA;;;BA)", 0, false);
    descriptor("D:P(A;;FA;;;BA)", 0, false); /* nobody's */
    descriptor("O:BA", 0, false);            /* no list: everybody may do everything */
    descriptor("O:BAD:P", 0, true);          /* an empty one: nobody may do anything */
    descriptor("O:BAD:P(A;OICIIO;FA;;;WD)(A;;FA;;;BA)", 0, true); /* for what will be in it */
    descriptor("O:BAD:P(A;;FA;;;S-1-5-21-1-2-3-1001)(A;;FA;;;BA)", 0, false);
    kinds();
    rights();
    printf("%d right, %d wrong\nend\n", right, wrong);
    return wrong != 0;
}
