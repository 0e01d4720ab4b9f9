/* Targets of symbolic links on a mounted Windows volume: what a driver shows for a junction or a
 * Windows symbolic link is a relative path, or the Windows path as it is stored. */
#pragma once

#include "base/err.h"
#include "base/str.h"

/* `rest` (part of `target`) is to be walked from the link's folder, or with `rooted` from the
 * volume's root.  False with ERR_DENIED for everything that lies outside: absolute POSIX paths,
 * other drives, volumes by GUID, UNC, devices. */
bool link_parse(struct str target, char drive, bool *rooted, struct str *rest, struct err *e);
