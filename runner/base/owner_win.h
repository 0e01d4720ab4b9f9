/* Who may write a file: what policies, plans and journals ask before they are believed.  Windows
 * only. */
#pragma once

#include "base/err.h"

/* `handle` is a HANDLE open for READ_CONTROL.  False with ERR_DENIED when the file belongs to
 * somebody else than Administrators, SYSTEM, TrustedInstaller or who runs this, or when others may
 * write it. */
bool owner_check(void *handle, struct err *e);
