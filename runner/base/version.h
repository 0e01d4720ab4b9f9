/* Dotted version numbers: "8.8.0.1982", also "24,0,2195,0" as Windows writes some. */
#pragma once

#include "base/str.h"

struct version {
    uint16_t part[4];
};

/* One to four decimal parts of at most 65535, separated by `.` or `,` (spaces around them allowed);
 * missing parts are 0.  False for anything else: "8.8 Patch 2" is no version. */
bool version_parse(struct str text, struct version *out);
int version_cmp(struct version a, struct version b);

enum { VERSION_TEXT = 24 };
const char *version_format(struct version v, char out[VERSION_TEXT]); /* always four parts */
