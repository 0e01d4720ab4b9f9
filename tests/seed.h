/* Fuzz seeds are made by the sample builders of the unit tests and checked in, so that libFuzzer
 * finds them: seed_check() compares, and writes instead when RECTIFY_WRITE_SEEDS is set. */
#pragma once

#include "base/bytes.h"
#include "check.h"

static inline bool seed_check(const char *name, struct span want)
{
    char path[4096], have[65536];
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", TEST_SOURCE_DIR, name);
    bool write = getenv("RECTIFY_WRITE_SEEDS") != NULL;
    FILE *f = fopen(path, write ? "wb" : "rb");
    if (!f)
        return false;
    bool ok;
    if (write)
        ok = fwrite(want.ptr, 1, want.len, f) == want.len;
    else
        ok = fread(have, 1, sizeof have, f) == want.len && memcmp(have, want.ptr, want.len) == 0;
    return fclose(f) == 0 && ok;
}
