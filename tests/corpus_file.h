/* Files of the corpus, and bytes as the hex of its tables. */
#pragma once

#include "check.h"
#include "host/file.h"

/* Maps a file of the corpus; a failed check when it cannot. */
static inline bool corpus_map(const char *corpus, const char *name, struct file_map *out)
{
    char path[4096];
    struct err e = {0};
    snprintf(path, sizeof path, "%s/%s", corpus, name);
    bool ok = file_map_path(path, out, &e);
    if (!ok)
        fprintf(stderr, "%s: %s\n", path, e.text);
    CHECK(ok);
    return ok;
}

enum { HEX_TEXT = 2048 };

static inline const char *hex_of(const void *bytes, size_t len, char out[HEX_TEXT])
{
    const uint8_t *p = bytes;
    out[0] = 0;
    for (size_t i = 0; i < len && i * 2 + 2 < HEX_TEXT; i++)
        snprintf(out + i * 2, 3, "%02x", p[i]);
    return out;
}

/* Both as text; says where and what when they differ. */
static inline bool same_text(const char *where, const char *what, const char *have,
                             const char *want)
{
    bool same = strcmp(have, want) == 0;
    if (!same)
        fprintf(stderr, "%s: %s is \"%s\", want \"%s\"\n", where, what, have, want);
    return same;
}
