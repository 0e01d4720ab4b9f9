/* Volumes of a tree, opened or refused. */
#pragma once

#include "fixture.h"

static inline struct volume *open_root(enum complete_choice complete)
{
    struct volume *v = NULL;
    struct err e = {0};
    if (!volume_open_tree(fixture_root, complete, &v, &e)) {
        fprintf(stderr, "open: %s\n", e.text);
        test_failures++;
        fixture_end();
        exit(1);
    }
    return v;
}

static inline void check_refused(const char *dir, enum err_kind kind, const char *part)
{
    struct volume *v = NULL;
    struct err e = {0};
    CHECK(!volume_open_tree(dir, COMPLETE_DETECT, &v, &e));
    CHECK(e.kind == kind);
    if (!strstr(e.text, part)) {
        fprintf(stderr, "%s: \"%s\" lacks \"%s\"\n", dir, e.text, part);
        test_failures++;
    }
}

static inline void check_layout(const char *prefix, const char *volume, char drive)
{
    fixture_begin();
    fixture_put("notes.txt", "x");
    fixture_windows(prefix, false);
    struct volume *v = open_root(COMPLETE_DETECT);
    CHECK_STR(volume_info(v)->volume, volume);
    CHECK(volume_drive(v) == drive);
    CHECK_STR(volume_windows(v), "Windows");
    char path[64];
    snprintf(path, sizeof path, "%c:\\windows\\SYSTEM32\\config\\system", drive);
    CHECK_FOUND(v, path, "system hive");
    volume_close(v);
    fixture_end();
}
