/* 8.3 names ("PROGRA~1"), as hives still hold many.  The directory entries we can read have long
 * names only, so what a short name means follows from how Windows makes them: six characters of
 * the long name (spaces and dots dropped, what 8.3 does not allow as '_'), '~' and a number; from
 * the fifth clash on two characters and four hexadecimal digits of a checksum. */
#pragma once

#include "base/str.h"

bool shortname_is(struct str name);

/* Windows could have given `shortname` to `name`. */
bool shortname_fits(struct str shortname, struct str name);

/* It ends in "~1": where only one entry fits, it is that one. */
bool shortname_is_first(struct str shortname);

/* Names that every installation of Windows creates first, and which therefore always have ~1. */
bool shortname_known(struct str shortname, struct str name);
