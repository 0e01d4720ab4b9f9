/* Who may write a file: what policies, plans and journals ask before they are believed.  Windows
 * only. */
#pragma once

#include "base/err.h"

/* `handle` is a HANDLE open for READ_CONTROL.  False with ERR_DENIED when the file belongs to
 * somebody else than Administrators, SYSTEM, TrustedInstaller or who runs this, or when others may
 * write it. */
bool owner_check(void *handle, struct err *e);
/* The same of a descriptor's parts: a PSID, and a PACL that is NULL where there is no list. */
bool owner_judge(void *owner, void *acl, struct err *e);

/* The same for what SYSTEM will run or believe, which is nobody's but administrators'. */
struct owner_rule {
    bool self;  /* who runs this counts as one, if elevated */
    bool above; /* a folder above it: others may make new files there, not remove what is there */
};
bool owner_check_system(void *handle, struct owner_rule rule, struct err *e);
