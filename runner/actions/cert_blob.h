/* What the value Blob of a certificate's key holds: property records, then the certificate
 * ([MS-GPEF] 2.2.3; formats/certstore.h reads them).
 *
 * A root of Microsoft's programme carries the properties that its entry in the list gives it, as
 * Windows puts them there: friendly name 11, usages 9, SHA-256 98, key identifier 20, subject's MD5
 * 29, policies 83, 84 and 105, and what limits it: 104, 122, 126, 127, 128.  SHA-1 (3), MD5 (4) and
 * signature hash (15) are computed. */
#pragma once

#include "formats/certstore.h"
#include "formats/ctl.h"

/* `entry` NULL: a certificate of no list. */
bool cert_blob_make(struct span der, const struct ctl_entry *entry, struct arena *a,
                    struct span *out, struct err *e);

/* The Blob with its properties as `entry` has them now; what the list says nothing about stays.
 * `*changed` false: it says so already, and `out` is `blob`. */
bool cert_blob_update(struct span blob, const struct ctl_entry *entry, struct arena *a,
                      struct span *out, bool *changed, struct err *e);
