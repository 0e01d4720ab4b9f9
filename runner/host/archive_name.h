/* Names of archive members as paths of a volume. */
#pragma once

#include "base/str.h"

/* UTF-8 or code page 437 to UTF-8, either slash to '/', empty and "." components dropped.  False
 * for names that are absolute, drive-relative, lead up with "..", are too long (4096 bytes) or too
 * deep (64 folders): such members are left out. */
bool archive_name(struct str raw, struct sb *out);
