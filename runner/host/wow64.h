/* What a 32-bit process sees of a 64-bit Windows: redirected and shared registry keys, redirected
 * system folders.  Lexical; sources: "Registry Keys Affected by WOW64" and "File System Redirector"
 * of the Windows documentation.  `nt` is the version as host_nt_version() gives it, 0 counts as
 * new. */
#pragma once

#include "host/host.h"

/* `rest` is the path below HKLM\SOFTWARE; the answer too. */
struct str wow64_key(struct str rest, enum reg_view view, unsigned nt, struct arena *a);

/* `path` is a full path, `root` is %SystemRoot%. */
struct str wow64_file(struct str path, struct str root, unsigned nt, struct arena *a);

/* What follows `prefix` in `path`, without the backslash between them, when `path` is `prefix` or
 * lies below it. */
bool wow64_below(struct str path, struct str prefix, struct str *rest);
