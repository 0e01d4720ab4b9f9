#include <archive.h>
#include <archive_entry.h>

#include "fixture.h"

/* ---- writing zips -------------------------------------------------------------------------- */

static struct archive *zip;

static const char *zip_path(void)
{
    return fixture_path("test.zip");
}

static void zip_begin(void)
{
    fixture_begin();
    zip = archive_write_new();
    if (!zip || archive_write_set_format_zip(zip) != ARCHIVE_OK ||
        archive_write_open_filename(zip, zip_path()) != ARCHIVE_OK)
        exit(1);
}

static void zip_add(const char *name, unsigned type, const void *bytes, size_t len)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, 0644);
    if (type == AE_IFLNK)
        archive_entry_set_symlink(entry, bytes);
    else
        archive_entry_set_size(entry, (int64_t)len);
    if (archive_write_header(zip, entry) < ARCHIVE_WARN ||
        (type == AE_IFREG && archive_write_data(zip, bytes, len) != (ssize_t)len)) {
        fprintf(stderr, "%s: %s\n", name, archive_error_string(zip));
        test_failures++;
    }
    archive_entry_free(entry);
}

static void zip_put(const char *name, const char *text)
{
    zip_add(name, AE_IFREG, text, strlen(text));
}

static void zip_end(void)
{
    CHECK(archive_write_close(zip) == ARCHIVE_OK);
    archive_write_free(zip);
    zip = NULL;
}

static struct volume *open_zip(const struct archive_limits *limits)
{
    struct volume *v = NULL;
    struct err e = {0};
    if (!volume_open_archive(zip_path(), COMPLETE_DETECT, limits, &v, &e)) {
        fprintf(stderr, "open: %s\n", e.text);
        fixture_end();
        exit(1);
    }
    return v;
}

static void check_refused(const char *path, const struct archive_limits *limits, enum err_kind kind,
                          const char *part)
{
    struct volume *v = NULL;
    struct err e = {0};
    CHECK(!volume_open_archive(path, COMPLETE_DETECT, limits, &v, &e));
    if (e.kind != kind || !strstr(e.text, part)) {
        fprintf(stderr, "%s: kind %d \"%s\" lacks \"%s\"\n", path, (int)e.kind, e.text, part);
        test_failures++;
    }
}

/* Changes every occurrence of a record's 16-bit field: flags and methods of zip headers. */
static void patch_headers(uint32_t signature, size_t at, uint16_t value)
{
    static uint8_t bytes[1 << 20];
    FILE *f = fopen(zip_path(), "r+b");
    size_t len = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    for (size_t i = 0; i + 46 < len; i++)
        if (load_u32(bytes + i) == signature) {
            bytes[i + at] = (uint8_t)value;
            bytes[i + at + 1] = (uint8_t)(value >> 8);
        }
    if (!f || fseek(f, 0, SEEK_SET) != 0 || fwrite(bytes, 1, len, f) != len)
        test_failures++;
    if (f)
        fclose(f);
}

enum { LOCAL_HEADER = 0x04034B50, CENTRAL_HEADER = 0x02014B50 };

/* ---- reading them -------------------------------------------------------------------------- */

TEST(layouts_are_found)
{
    static const struct {
        const char *prefix, *volume;
        char drive;
    } rows[] = {
        {"", "", 'C'},
        {"C/", "C", 'C'},
        {"C:\\", "C:", 'C'},
        {"uploads/auto/C%3A/", "uploads/auto/C%3A", 'C'},
        {"uploads/ntfs/%5C%5C.%5CC%3A/", "uploads/ntfs/%5C%5C.%5CC%3A", 'C'},
        {"HOST/D/", "HOST/D", 'D'},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        zip_begin();
        char name[128];
        snprintf(name, sizeof name, "%sWindows/System32/config/SYSTEM", rows[i].prefix);
        zip_put(name, "system hive");
        zip_end();
        struct volume *v = open_zip(NULL);
        CHECK_STR(volume_info(v)->volume, rows[i].volume);
        CHECK(volume_info(v)->kind == TARGET_ARCHIVE);
        CHECK(volume_drive(v) == rows[i].drive);
        CHECK_FOUND(v, "\\windows\\SYSTEM32\\Config\\system", "system hive");
        CHECK_STATE(v, "\\windows\\SYSTEM32\\Config\\sam", FACT_NOT_COLLECTED, "");
        volume_close(v);
        fixture_end();
    }
}

TEST(full_volumes_in_zips)
{
    zip_begin();
    zip_put("Windows/System32/ntoskrnl.exe", "k");
    zip_put("Windows/System32/ntdll.dll", "n");
    zip_put("Windows/empty.txt", "");
    zip_add("Windows/folder/", AE_IFDIR, NULL, 0);
    zip_end();
    struct volume *v = open_zip(NULL);
    CHECK(!volume_info(v)->collection);
    CHECK_STATE(v, "C:\\nope", FACT_ABSENT, "");
    CHECK_FOUND(v, "C:\\Windows\\EMPTY.txt", "");
    CHECK_STATE(v, "C:\\Windows\\folder", FACT_UNREADABLE, "a folder");
    volume_close(v);
    fixture_end();
}

TEST(members_in_any_order)
{
    zip_begin();
    zip_put("Windows/System32/x", "x");
    for (int i = 0; i < 3000; i++) {
        char name[64], text[32];
        snprintf(name, sizeof name, "Windows/f%d/m%d.txt", i % 7, i);
        snprintf(text, sizeof text, "text %d", i);
        zip_put(name, text);
    }
    zip_end();
    struct volume *v = open_zip(NULL);
    for (int i = 0; i < 40; i++) {
        int n = i * 1103 % 3000;
        char name[64], text[32];
        snprintf(name, sizeof name, "C:\\WINDOWS\\F%d\\M%d.TXT", n % 7, n);
        snprintf(text, sizeof text, "text %d", n);
        CHECK_FOUND(v, name, text);
    }
    struct arena a;
    arena_init(&a, 1 << 22);
    struct volume_list list;
    CHECK(volume_list(v, STR("Windows\\f3"), STR("M1*"), &a, &list, NULL) == FACT_FOUND);
    CHECK(list.count > 100 && list.entries[0].size > 5);
    arena_done(&a);
    volume_close(v);
    fixture_end();
}

TEST(large_members_and_private_copies)
{
    static uint8_t big[9 << 20];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
    zip_begin();
    zip_put("Windows/System32/x", "x");
    zip_add("Windows/big.bin", AE_IFREG, big, sizeof big);
    zip_put("Windows/small.bin", "small");
    zip_end();
    struct volume *v = open_zip(NULL);
    struct volume_file f;
    struct err e = {0};
    CHECK(volume_open(v, STR("Windows\\big.bin"), &f, &e) == FACT_FOUND);
    CHECK(f.map.bytes.len == sizeof big && memcmp(f.map.bytes.ptr, big, sizeof big) == 0);
    volume_close_file(&f);
    CHECK(volume_open(v, STR("Windows\\small.bin"), &f, &e) == FACT_FOUND);
    CHECK(volume_make_private(&f, 8192, &e) && f.map.bytes.len == 8192);
    CHECK(memcmp(f.map.private_copy, "small", 6) == 0);
    volume_close_file(&f);
    volume_close(v);
    fixture_end();
}

TEST(names_that_are_no_paths_are_left_out)
{
    zip_begin();
    zip_put("Windows/System32/x", "x");
    zip_put("../../etc/passwd", "up");
    zip_put("Windows/../Windows/System32/y", "up");
    zip_put("/Windows/System32/z", "absolute");
    zip_put("Windows\\System32\\back.dll", "backslashes");
    zip_put("Windows/\xE6\x97\xA5\xE6\x9C\xAC.txt", "UTF-8");
    zip_put("Windows/ctl\033[2J\n.txt", "control");
    zip_end();
    struct volume *v = open_zip(NULL);
    CHECK_U64(volume_info(v)->note_count, 1);
    if (volume_info(v)->note_count)
        CHECK(strncmp(volume_info(v)->notes[0].ptr, "3 members", 9) == 0);
    CHECK_STATE(v, "C:\\Windows\\System32\\y", FACT_NOT_COLLECTED, "");
    CHECK_STATE(v, "C:\\Windows\\System32\\z", FACT_NOT_COLLECTED, "");
    CHECK_STATE(v, "C:\\etc\\passwd", FACT_NOT_COLLECTED, "");
    CHECK_FOUND(v, "C:\\Windows\\System32\\back.dll", "backslashes");
    CHECK_FOUND(v, "C:\\Windows\\\xE6\x97\xA5\xE6\x9C\xAC.txt", "UTF-8");
    CHECK_FOUND(v, "C:\\Windows\\CTL\033[2J\n.txt", "control");
    volume_close(v);
    fixture_end();
}

TEST(duplicates_are_ambiguous)
{
    zip_begin();
    zip_put("Windows/System32/twice.dll", "one");
    zip_put("Windows/System32/twice.dll", "two");
    zip_put("Windows/System32/case.dll", "one");
    zip_put("windows/SYSTEM32/CASE.DLL", "two");
    zip_put("WINDOWS/System32/once.dll", "once");
    zip_put("Windows/both", "file");
    zip_put("Windows/both/x", "and folder");
    zip_end();
    struct volume *v = open_zip(NULL);
    CHECK_STATE(v, "C:\\Windows\\System32\\twice.dll", FACT_UNREADABLE, "ambiguous: ");
    CHECK_STATE(v, "C:\\Windows\\System32\\case.dll", FACT_UNREADABLE, "ambiguous: ");
    CHECK_STATE(v, "C:\\Windows\\both\\x", FACT_UNREADABLE, "ambiguous: ");
    CHECK_FOUND(v, "C:\\Windows\\System32\\once.dll", "once");
    volume_close(v);
    fixture_end();
}

TEST(links_in_zips)
{
    zip_begin();
    zip_put("C/Windows/System32/x", "x");
    zip_put("secret", "outside");
    zip_add("C/in", AE_IFLNK, "Windows/System32", 0);
    zip_add("C/junction", AE_IFLNK, "C:\\Windows", 0);
    zip_add("C/out", AE_IFLNK, "/etc/passwd", 0);
    zip_add("C/up", AE_IFLNK, "../secret", 0);
    zip_add("C/loop", AE_IFLNK, "loop", 0);
    zip_end();
    struct volume *v = open_zip(NULL);
    CHECK_FOUND(v, "C:\\in\\x", "x");
    CHECK_FOUND(v, "C:\\junction\\system32\\x", "x");
    CHECK_STATE(v, "C:\\out", FACT_UNREADABLE, "link: absolute");
    CHECK_STATE(v, "C:\\up", FACT_UNREADABLE, "link: leads out");
    CHECK_STATE(v, "C:\\loop", FACT_UNREADABLE, "link: more than 40");
    volume_close(v);
    fixture_end();
}

/* ---- limits and damage --------------------------------------------------------------------- */

TEST(bombs_stop_at_the_limits)
{
    static uint8_t zeroes[20 << 20];
    zip_begin();
    zip_put("Windows/System32/x", "x");
    zip_add("Windows/bomb", AE_IFREG, zeroes, sizeof zeroes);
    zip_add("Windows/mild", AE_IFREG, zeroes, 12 << 20);
    zip_end();
    struct volume *v = open_zip(NULL);
    CHECK_STATE(v, "C:\\Windows\\bomb", FACT_UNREADABLE, "limit: member inflates more than 1000");
    CHECK_FOUND(v, "C:\\Windows\\mild", "");
    volume_close(v);
    v = open_zip(&(struct archive_limits){.member_bytes = 1 << 20});
    CHECK_STATE(v, "C:\\Windows\\mild", FACT_UNREADABLE, "limit: member of 12582912 bytes");
    CHECK_FOUND(v, "C:\\Windows\\System32\\x", "x");
    volume_close(v);
    v = open_zip(&(struct archive_limits){.total_bytes = 13 << 20, .ratio = 100000});
    CHECK_FOUND(v, "C:\\Windows\\mild", "");
    CHECK_STATE(v, "C:\\Windows\\mild", FACT_UNREADABLE, "limit: more than 13631488 bytes");
    volume_close(v);
    check_refused(zip_path(), &(struct archive_limits){.members = 2}, ERR_LIMIT,
                  "limit: more than 2 members");
    fixture_end();
}

TEST(folder_bombs_stop_at_the_limit)
{
    zip_begin();
    for (int i = 0; i < 20; i++) {
        char name[256];
        int n = snprintf(name, sizeof name, "top%d", i);
        for (int k = 0; k < 50; k++)
            n += snprintf(name + n, sizeof name - (size_t)n, "/d%d", k);
        zip_put(name, "x");
    }
    zip_end();
    check_refused(zip_path(), &(struct archive_limits){.members = 500}, ERR_LIMIT,
                  "limit: more than 500 folders");
    fixture_end();
}

TEST(zips_in_zips_stay_closed)
{
    zip_begin();
    zip_put("C/Windows/System32/x", "x");
    zip_end();
    static uint8_t inner[4096];
    FILE *f = fopen(zip_path(), "rb");
    size_t len = f ? fread(inner, 1, sizeof inner, f) : 0;
    if (f)
        fclose(f);
    fixture_end();
    zip_begin();
    zip_add("collection.zip", AE_IFREG, inner, len);
    zip_end();
    check_refused(zip_path(), NULL, ERR_NOT_FOUND, "seen: collection.zip");
    fixture_end();
}

TEST(encrypted_members_say_so)
{
    zip_begin();
    zip_put("Windows/System32/x", "x");
    zip_end();
    patch_headers(LOCAL_HEADER, 6, 9);
    patch_headers(CENTRAL_HEADER, 8, 9);
    struct volume *v = open_zip(NULL);
    CHECK_STATE(v, "C:\\Windows\\System32\\x", FACT_UNREADABLE, "denied: member is encrypted");
    volume_close(v);
    fixture_end();
}

TEST(other_methods_say_so)
{
    zip_begin();
    zip_put("Windows/System32/x", "x");
    zip_end();
    patch_headers(LOCAL_HEADER, 8, 14);
    patch_headers(CENTRAL_HEADER, 10, 14);
    struct volume *v = open_zip(NULL);
    CHECK_STATE(v, "C:\\Windows\\System32\\x", FACT_UNREADABLE, "compression of the member");
    volume_close(v);
    fixture_end();
}

/* Cut at any place: an error that explains itself, never a smaller collection. */
TEST(truncated_zips_are_refused)
{
    zip_begin();
    zip_put("Windows/System32/x", "x");
    zip_put("Windows/System32/y", "y");
    zip_end();
    FILE *f = fopen(zip_path(), "rb");
    CHECK(f && fseek(f, 0, SEEK_END) == 0);
    long size = f ? ftell(f) : 0;
    if (f)
        fclose(f);
    CHECK(size > 100);
    for (long len = size - 1; len >= 0; len--) {
        CHECK(cut_file(zip_path(), (uint64_t)len));
        struct volume *v = NULL;
        struct err e = {0};
        CHECK(!volume_open_archive(zip_path(), COMPLETE_DETECT, NULL, &v, &e));
        CHECK(e.kind == ERR_FORMAT && e.text[0]);
    }
    fixture_end();
}

TEST(damaged_members_are_unreadable)
{
    zip_begin();
    zip_put("Windows/System32/x", "the text of x, long enough to be worth deflating: xxxxxxxxxxxx");
    zip_put("Windows/System32/y", "y");
    zip_end();
    patch_headers(CENTRAL_HEADER, 16, 0x1234);
    struct volume *v = open_zip(NULL);
    CHECK_STATE(v, "C:\\Windows\\System32\\x", FACT_UNREADABLE, "member is damaged: ZIP bad CRC");
    volume_close(v);
    fixture_end();
}

TEST(what_is_no_zip)
{
    fixture_begin();
    fixture_put("text.zip", "this is text, and not at all short");
    check_refused(fixture_path("text.zip"), NULL, ERR_FORMAT, "not a zip archive");
    fixture_put("empty.zip", "");
    check_refused(fixture_path("empty.zip"), NULL, ERR_FORMAT, "the file is empty");
    check_refused(fixture_path("none.zip"), NULL, ERR_NOT_FOUND, "o such file");
    check_refused(fixture_root, NULL, ERR_DENIED, "a folder, not an archive");
    fixture_end();
}

TEST(empty_zip_has_no_volume)
{
    zip_begin();
    zip_end();
    check_refused(zip_path(), NULL, ERR_NOT_FOUND, "nothing in the archive");
    fixture_end();
}

TEST_MAIN()
