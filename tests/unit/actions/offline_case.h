/* A small offline Windows under a temporary folder, for tests that write to it. */
#pragma once

#include <dirent.h>
#include <sys/stat.h>

#include "../host/fixture.h"
#include "actions/disk.h"
#include "actions/writer_offline.h"
#include "actions/writer_part.h"
#include "hive_log.h"
#include "hive_writer.h"
#include "host/host.h"

#define CASE_ID "00112233445566ff"
#define CASE_TIME UINT64_C(133000000000000000)
#define CASE_WRITTEN UINT64_C(132000000000000000)
#define CASE_SID "S-1-5-21-1-2-3-1001"
#define CASE_CONFIG "Windows/System32/config/"

enum case_kind { CASE_CLEAN, CASE_DIRTY_OLD, CASE_DIRTY_NEW };

static inline void case_file(const char *path, const struct sb *b)
{
    fixture_put(path, "");
    FILE *f = fopen(fixture_path(path), "wb");
    CHECK(f && fwrite(b->ptr, 1, b->len, f) == b->len);
    if (f)
        fclose(f);
}

static inline void case_image(struct hive *h, struct sb *out)
{
    sb_init(out, 16 << 20);
    hive_image(h, out);
}

/* SYSTEM: dirty with its logs where asked, the value "Late" in them only. */
static inline void case_system(enum case_kind kind)
{
    struct hive h;
    struct sb before, after, primary, one, two;
    struct err e = {0};
    hive_init(&h, "SYSTEM", 5, CASE_WRITTEN);
    h.sequence = 7;
    hive_dword(&h, hive_key(&h, NULL, "Select"), "Current", 1);
    hive_dword(&h, hive_key(&h, NULL, "Select"), "Default", 1);
    hive_dword(&h, hive_key(&h, NULL, "ControlSet001\\Services\\mfevtp"), "Start", 4);
    case_image(&h, &before);
    hive_dword(&h, hive_key(&h, NULL, "ControlSet001\\Services\\mfevtp"), "Late", 9);
    h.sequence++;
    case_image(&h, &after);
    struct span x = span_of(before.ptr, before.len), y = span_of(after.ptr, after.len);
    sb_init(&primary, 16 << 20);
    sb_init(&one, 16 << 20);
    sb_init(&two, 16 << 20);
    if (kind == CASE_CLEAN) {
        case_file(CASE_CONFIG "SYSTEM", &after);
        fixture_put(CASE_CONFIG "SYSTEM.LOG1", "what an older Windows left here");
        fixture_put(CASE_CONFIG "system.log2", "");
    } else if (kind == CASE_DIRTY_OLD) {
        CHECK(hive_dirty_old(x, y, &primary, &one, &e));
        case_file(CASE_CONFIG "SYSTEM", &primary);
        case_file(CASE_CONFIG "SYSTEM.LOG", &one);
    } else {
        CHECK(hive_dirty_new(x, y, span_of(NULL, 0), &primary, &one, &two, &e));
        case_file(CASE_CONFIG "SYSTEM", &primary);
        case_file(CASE_CONFIG "SYSTEM.LOG1", &one);
        case_file(CASE_CONFIG "SYSTEM.LOG2", &two);
    }
    sb_done(&before);
    sb_done(&after);
    sb_done(&primary);
    sb_done(&one);
    sb_done(&two);
    hive_done(&h);
}

static inline void case_software(void)
{
    struct hive h;
    struct sb image;
    hive_init(&h, "SOFTWARE", 5, CASE_WRITTEN);
    struct hive_key *k = hive_key(&h, NULL, "Microsoft\\Windows NT\\CurrentVersion");
    hive_sz(&h, k, "ProductName", "Windows Test");
    hive_expand_sz(&h, hive_key(&h, k, "ProfileList\\" CASE_SID), "ProfileImagePath",
                   "C:\\Users\\somebody");
    case_image(&h, &image);
    case_file(CASE_CONFIG "SOFTWARE", &image);
    sb_done(&image);
    hive_done(&h);
    hive_init(&h, "ntuser.dat", 3, CASE_WRITTEN);
    hive_sz(&h, hive_key(&h, NULL, "Software\\Test"), "v", "user");
    case_image(&h, &image);
    case_file("Users/somebody/NTUSER.DAT", &image);
    sb_done(&image);
    hive_done(&h);
}

static inline void case_begin(enum case_kind kind)
{
    fixture_begin();
    fixture_put("Windows/System32/ntoskrnl.exe", "MZ");
    fixture_put("Windows/System32/ntdll.dll", "MZ");
    case_software();
    case_system(kind);
}

static inline struct host *case_host(enum complete_choice complete)
{
    struct volume *v = NULL;
    struct host *h = NULL;
    struct err e = {0};
    struct host_options options = {0};
    if (!volume_open_tree(fixture_root, complete, &v, &e) || !host_offline(v, &options, &h, &e)) {
        fprintf(stderr, "host: %s\n", e.text);
        CHECK(h != NULL);
        exit(1);
    }
    return h;
}

static inline bool case_writer(struct host *h, struct writer *out, struct err *e)
{
    struct writer_offline_options o = {.host = h, .id = CASE_ID, .time = CASE_TIME};
    return writer_offline_open(&o, &out->ops, &out->backend, e);
}

/* Number of files below a folder of the fixture whose name ends with `tail`. */
static inline size_t case_count(const char *folder, const char *tail)
{
    DIR *d = opendir(fixture_path(folder));
    size_t n = 0;
    for (const struct dirent *de; d && (de = readdir(d));) {
        size_t len = strlen(de->d_name);
        n += len >= strlen(tail) && strcmp(de->d_name + len - strlen(tail), tail) == 0;
    }
    if (d)
        closedir(d);
    return n;
}

static inline long case_size(const char *path)
{
    struct stat st;
    return stat(fixture_path(path), &st) == 0 ? (long)st.st_size : -1;
}
