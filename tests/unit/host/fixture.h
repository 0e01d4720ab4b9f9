/* Directory trees for tests of volumes, made under a temporary folder and removed again. */
#pragma once

#include "check.h"
#include "host/volume.h"
#include "system.h"

static char fixture_root[256];

static inline const char *fixture_begin(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(fixture_root, sizeof fixture_root, "%s/rectify-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!temp_folder(fixture_root))
        exit(1);
    return fixture_root;
}

static inline void fixture_end(void)
{
    remove_all(fixture_root);
}

static inline const char *fixture_path(const char *path)
{
    static char full[8192];
    snprintf(full, sizeof full, "%s/%s", fixture_root, path);
    return full;
}

/* Makes the folders on the way; a path that ends in '/' is a folder itself. */
static inline void fixture_put(const char *path, const char *text)
{
    char full[8192];
    snprintf(full, sizeof full, "%s", fixture_path(path));
    for (char *p = full + strlen(fixture_root) + 1; *p; p++)
        if (*p == '/') {
            *p = '\0';
            make_folder(full);
            *p = '/';
        }
    size_t len = strlen(full);
    if (full[len - 1] == '/')
        return;
    FILE *f = fopen(full, "wb");
    if (!f || fwrite(text, 1, strlen(text), f) != strlen(text)) {
        perror(full);
        exit(1);
    }
    fclose(f);
}

/* A volume below `prefix` ("" or "C/"); with `full`, what makes it a complete one. */
static inline void fixture_windows(const char *prefix, bool full)
{
    char path[1024];
    snprintf(path, sizeof path, "%sWindows/System32/config/SYSTEM", prefix);
    fixture_put(path, "system hive");
    if (!full)
        return;
    snprintf(path, sizeof path, "%sWindows/System32/ntoskrnl.exe", prefix);
    fixture_put(path, "kernel");
    snprintf(path, sizeof path, "%sWindows/System32/ntdll.dll", prefix);
    fixture_put(path, "ntdll");
}

/* What volume_open says of one path; the text of the file or of the failure goes to `text`. */
static inline enum fact_state fixture_read(struct volume *v, const char *winpath, char text[256])
{
    struct volume_file f;
    struct err e = {0};
    enum fact_state state = volume_open(v, str_of(winpath), &f, &e);
    snprintf(text, 256, "%s", e.text);
    if (state == FACT_FOUND) {
        size_t n = f.map.bytes.len < 255 ? f.map.bytes.len : 255;
        if (n)
            memcpy(text, f.map.bytes.ptr, n);
        text[n] = '\0';
    }
    volume_close_file(&f);
    return state;
}

#define CHECK_FOUND(v, path, want)                                                                 \
    do {                                                                                           \
        char t_[256];                                                                              \
        enum fact_state s_ = fixture_read((v), (path), t_);                                        \
        if (s_ != FACT_FOUND || strcmp(t_, (want)) != 0) {                                         \
            fprintf(stderr, "%s:%d: %s is %s \"%s\", want \"%s\"\n", __FILE__, __LINE__, (path),   \
                    fact_state_name(s_), t_, (want));                                              \
            test_failures++;                                                                       \
        }                                                                                          \
    } while (0)

/* Not found: the state, and how the reason begins. */
#define CHECK_STATE(v, path, want, why)                                                            \
    do {                                                                                           \
        char t_[256];                                                                              \
        enum fact_state s_ = fixture_read((v), (path), t_);                                        \
        if (s_ != (want) || strncmp(t_, (why), strlen(why)) != 0) {                                \
            fprintf(stderr, "%s:%d: %s is %s \"%s\", want %s \"%s\"\n", __FILE__, __LINE__,        \
                    (path), fact_state_name(s_), t_, fact_state_name(want), (why));                \
            test_failures++;                                                                       \
        }                                                                                          \
    } while (0)
