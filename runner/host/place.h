/* Where a change of the registry is made, and what is there now: physical places (no links, no
 * CurrentControlSet, Wow6432Node written out), as struct change holds them. */
#pragma once

#include "host/host.h"
#include "model/change.h"

/* HKLM\SYSTEM\CurrentControlSet becomes the control set of the next boot (Select\Default; where
 * that is absent, Select\Current); links are followed.  False: `why` says why there is none. */
bool host_place(struct host *h, struct str key, enum reg_view view, struct arena *a,
                struct str *place, struct str *why);

/* The value at a place, and how many components at the end of the place do not exist.  False: it
 * cannot be read, `why` says why; such a value must not be changed. */
bool host_image(struct host *h, struct str place, struct str name, struct arena *a,
                struct reg_image *out, size_t *missing_keys, struct str *why);
