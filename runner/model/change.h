/* One change of a target, as plain data: a registry value that is, or is not, and shall be, or not
 * be.  Every action that changes a target (docs/design.md section 7) comes down to a list of these;
 * a certificate is a value too (Blob below its thumbprint's key).
 *
 * Before-image and after-image are whole, so that applying can compare-and-set and undo needs
 * nothing else.  Both directions are decided by the value that is there now: equal to the
 * before-image: not yet applied; equal to the after-image: applied; anything else: drifted. */
#pragma once

#include "base/bytes.h"
#include "base/str.h"

struct reg_image {
    bool present;
    uint32_t type;
    struct span data; /* raw, as stored */
};

struct change {
    struct str key;  /* physical place: HKLM\SYSTEM\ControlSet001\Services\mfevtp (no links, no
                        CurrentControlSet, WOW64's Wow6432Node written out) */
    struct str name; /* "" is the default value */
    struct reg_image before, after;
    /* How many components at the end of `key` do not exist before: applying makes them, undoing
     * removes those that are empty again. */
    size_t new_keys;
    /* `after` is not present: the key goes too when nothing is left in it, and undo makes it again
     * (a certificate's key). */
    bool drop_key;
};

bool reg_image_equal(const struct reg_image *a, const struct reg_image *b);

/* An image as one line: "REG_DWORD 5", "absent", "REG_BINARY, 1200 bytes". */
struct str reg_image_text(struct arena *a, const struct reg_image *image);
/* "REG_SZ"; a number for what has no name. */
struct str reg_type_text(struct arena *a, uint32_t type);
