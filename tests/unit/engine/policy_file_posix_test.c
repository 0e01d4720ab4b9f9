/* Who may have written a policy, by owner, group and mode. */
#include "engine/policy_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "system.h"

struct folder {
    char path[64], file[96];
};

static void folder_open(struct folder *f)
{
    snprintf(f->path, sizeof f->path, "/tmp/rectify-policy-XXXXXX");
    CHECK(temp_folder(f->path));
    snprintf(f->file, sizeof f->file, "%s/mine.lua", f->path);
    FILE *out = fopen(f->file, "wb");
    CHECK(out && fputs("return 1", out) >= 0 && fclose(out) == 0);
}

static bool reads(const char *path, enum err_kind *kind, char text[256])
{
    struct arena a;
    struct policy_files files = {0};
    struct err e = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    bool ok = policy_files_read(str_of(path), &a, &files, &e);
    CHECK(!ok || files.count == 1);
    *kind = e.kind;
    memcpy(text, e.text, sizeof e.text);
    arena_done(&a);
    return ok;
}

TEST(devices_are_refused)
{
    enum err_kind kind;
    char text[256];
    CHECK(!reads("/dev/null", &kind, text) && kind == ERR_DENIED);
}

TEST(files_that_others_may_write_are_refused)
{
    struct folder f;
    enum err_kind kind;
    char text[256];
    folder_open(&f);
    CHECK(chmod(f.file, 0664) == 0);
    if (geteuid() == 0) { /* only root can give the file a group that is not its owner's own */
        CHECK(reads(f.file, &kind, text));
        CHECK(chown(f.file, 0, 12345) == 0);
        CHECK(!reads(f.file, &kind, text) && kind == ERR_DENIED && strstr(text, "its group"));
    }
    CHECK(chmod(f.file, 0646) == 0);
    CHECK(!reads(f.path, &kind, text) && kind == ERR_DENIED && strstr(text, "everybody"));
    CHECK(chmod(f.file, 0600) == 0);
    CHECK(reads(f.file, &kind, text));
    CHECK(chmod(f.path, 0777) == 0);
    CHECK(!reads(f.path, &kind, text) && kind == ERR_DENIED);
    CHECK(chmod(f.path, 0700) == 0);
    if (geteuid() == 0 && chown(f.file, 12345, 12345) == 0)
        CHECK(!reads(f.file, &kind, text) && kind == ERR_DENIED && strstr(text, "12345"));
    CHECK(remove_all(f.path));
}

TEST_MAIN()
