#include "check.h"
#include "host/archive_name.h"
#include "host/link.h"
#include "host/shortname.h"
#include "host/volume.h"

static void check_path(const char *path, const char *want)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    struct str out = {NULL, 0};
    struct err e = {0};
    if (!winpath_normalise(str_of(path), 'C', &a, &out, &e)) {
        fprintf(stderr, "%s: %s\n", path, e.text);
        test_failures++;
    } else {
        CHECK_STR(out, want);
    }
    arena_done(&a);
}

static void check_denied(const char *path, enum err_kind kind, const char *why)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    struct str out = {NULL, 0};
    struct err e = {0};
    if (winpath_normalise(str_of(path), 'C', &a, &out, &e) || e.kind != kind ||
        strncmp(e.text, why, strlen(why)) != 0) {
        fprintf(stderr, "%s: kind %d \"%s\", want %d \"%s\"\n", path, (int)e.kind, e.text,
                (int)kind, why);
        test_failures++;
    }
    arena_done(&a);
}

TEST(paths_of_hives)
{
    check_path("C:\\Windows\\System32\\x.dll", "Windows\\System32\\x.dll");
    check_path("c:/windows//system32/x.dll", "windows\\system32\\x.dll");
    check_path("\\??\\C:\\Windows\\x.sys", "Windows\\x.sys");
    check_path("\\\\?\\C:\\Windows\\x.sys", "Windows\\x.sys");
    check_path("\\DosDevices\\C:\\x.sys", "x.sys");
    check_path("\\SystemRoot\\x.sys", "SystemRoot\\x.sys");
    check_path("system32\\drivers\\x.sys", "system32\\drivers\\x.sys");
    check_path("C:", "");
    check_path("C:\\", "");
    check_path("", "");
    check_path("\\", "");
    check_path("C:\\a\\.\\b\\..\\c", "a\\c");
    check_path("C:\\a\\..", "");
    check_path("C:\\a\\..\\..a", "..a");
    check_path("C:\\dots...\\and spaces  \\x. . .", "dots\\and spaces\\x");
    check_path("\"C:\\Program Files\\x y.exe\" -service", "Program Files\\x y.exe");
    check_path("  \"C:\\unclosed", "unclosed");
    check_path("C:\\x.dll  ", "x.dll");
    check_path("C:\\console\\nullable\\com10\\auxiliary.dll",
               "console\\nullable\\com10\\auxiliary.dll");
    check_path("C:\\\xE6\x97\xA5\xE6\x9C\xAC\\x", "\xE6\x97\xA5\xE6\x9C\xAC\\x");
}

TEST(paths_that_are_never_opened)
{
    check_denied("\\\\server\\share\\x.dll", ERR_DENIED, "remote path");
    check_denied("//server/share/x.dll", ERR_DENIED, "remote path");
    check_denied("\\\\?\\UNC\\server\\share\\x", ERR_DENIED, "remote path");
    check_denied("\\??\\unc\\server\\share\\x", ERR_DENIED, "remote path");
    check_denied("\\\\.\\PhysicalDrive0", ERR_DENIED, "device path");
    check_denied("\\\\.\\C:\\x", ERR_DENIED, "device path");
    check_denied("\\\\?\\GLOBALROOT\\Device\\HarddiskVolume1\\x", ERR_DENIED, "device path");
    check_denied("\\??\\GlobalRoot\\Device\\x", ERR_DENIED, "device path");
    check_denied("\\\\?\\Volume{01234567}\\x", ERR_DENIED, "device path");
    check_denied("\\Device\\HarddiskVolume2\\Windows\\x", ERR_DENIED, "device path");
    check_denied("C:\\x.txt:stream", ERR_DENIED, "stream");
    check_denied("C:\\x::$DATA", ERR_DENIED, "stream");
    check_denied("C:x.dll", ERR_DENIED, "path relative to drive C:");
    check_denied("C:\\..\\x", ERR_DENIED, "\"..\" above the root");
    check_denied("..\\x", ERR_DENIED, "\"..\" above the root");
    check_denied("C:\\a\\..\\..\\x", ERR_DENIED, "\"..\" above the root");
    check_denied("C:\\a\\...\\x", ERR_DENIED, "name of dots");
    check_denied("C:\\a\\.. \\x", ERR_DENIED, "name of dots");
    check_denied("C:\\a\\NUL", ERR_DENIED, "device name");
    check_denied("C:\\a\\con.txt", ERR_DENIED, "device name");
    check_denied("C:\\a\\Com1 .log", ERR_DENIED, "device name");
    check_denied("D:\\x.dll", ERR_NOT_FOUND, "on drive D:");
    check_denied("\\??\\d:\\x.dll", ERR_NOT_FOUND, "on drive D:");
}

TEST(paths_with_a_limit)
{
    static char text[40000];
    memset(text, 'a', sizeof text);
    struct arena a;
    arena_init(&a, 1 << 20);
    struct str out;
    struct err e = {0};
    CHECK(!winpath_normalise((struct str){text, sizeof text}, 'C', &a, &out, &e));
    CHECK(e.kind == ERR_LIMIT);
    e = (struct err){0};
    CHECK(!winpath_normalise((struct str){"a\0b", 3}, 'C', &a, &out, &e));
    CHECK(e.kind == ERR_DENIED);
    arena_done(&a);
}

TEST(short_names)
{
    CHECK(shortname_is(STR("PROGRA~1")) && shortname_is(STR("a~1.dll")));
    CHECK(shortname_is(STR("MC1A2B~4.EXE")) && shortname_is(STR("X~12345.Y")));
    CHECK(!shortname_is(STR("Program Files")) && !shortname_is(STR("~1")));
    CHECK(!shortname_is(STR("abc~")) && !shortname_is(STR("abcdefgh~1")));
    CHECK(!shortname_is(STR("a~1.html")) && !shortname_is(STR("a~b.c")) && !shortname_is(STR("")));
    CHECK(shortname_fits(STR("PROGRA~1"), STR("Program Files")));
    CHECK(shortname_fits(STR("PROGRA~2"), STR("Program Files (x86)")));
    CHECK(shortname_fits(STR("MYLONG~1.HTM"), STR("my.long.name.html")));
    CHECK(shortname_fits(STR("A_B~1"), STR("a+b =")));
    CHECK(shortname_fits(STR("MC1A2B~1"), STR("McAfee Framework")));
    CHECK(!shortname_fits(STR("MCAFEE~1"), STR("McAfee")));
    CHECK(!shortname_fits(STR("PROGRA~1"), STR("Projects 2019")));
    CHECK(!shortname_fits(STR("README~1.TXT"), STR("readme first.doc")));
}

TEST(link_targets)
{
    static const struct {
        const char *target;
        bool ok, rooted;
        const char *rest;
    } rows[] = {
        {"Users", true, false, "Users"},
        {"../x", true, false, "../x"},
        {"..\\x", true, false, "..\\x"},
        {"C:\\Users", true, true, "\\Users"},
        {"c:/Users", true, true, "/Users"},
        {"C:", true, true, ""},
        {"\\??\\C:\\Users", true, true, "\\Users"},
        {"\\\\?\\C:\\Users", true, true, "\\Users"},
        {"\\Users", true, true, "\\Users"},
        {"", false, false, ""},
        {"/", false, false, ""},
        {"/mnt/c/Users", false, false, ""},
        {"C:Users", false, false, ""},
        {"D:\\Users", false, false, ""},
        {"\\??\\UNC\\s\\x", false, false, ""},
        {"\\??\\Volume{0}\\", false, false, ""},
        {"\\\\s\\x", false, false, ""},
        {"x:stream", false, false, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool rooted = false;
        struct str rest = {"", 0};
        struct err e = {0};
        CHECK(link_parse(str_of(rows[i].target), 'C', &rooted, &rest, &e) == rows[i].ok);
        CHECK(rows[i].ok ? rooted == rows[i].rooted : e.kind == ERR_DENIED);
        CHECK_STR(rest, rows[i].rest);
    }
}

static void check_name(const char *raw, const char *want)
{
    struct sb out;
    sb_init(&out, 1 << 16);
    bool ok = archive_name(str_of(raw), &out);
    if (ok != (want != NULL)) {
        fprintf(stderr, "member \"%s\" is %s\n", raw, ok ? "taken" : "refused");
        test_failures++;
    } else if (ok) {
        CHECK_STR(((struct str){out.ptr, out.len}), want);
    }
    sb_done(&out);
}

TEST(member_names)
{
    check_name("C/Windows/x", "C/Windows/x");
    check_name("C\\Windows\\x", "C/Windows/x");
    check_name("./C//Windows/./x/", "C/Windows/x");
    check_name("C:/Windows/x", "C:/Windows/x");
    check_name("C:\\Windows\\x", "C:/Windows/x");
    check_name("uploads/ntfs/\\\\.\\C:/x", "uploads/ntfs/C:/x");
    check_name("\xE6\x97\xA5", "\xE6\x97\xA5");
    check_name("caf\x82", "caf\xC3\xA9");
    check_name("..a/...", "..a/...");
    check_name("", NULL);
    check_name("/", NULL);
    check_name("/etc/passwd", NULL);
    check_name("\\x", NULL);
    check_name("C:x", NULL);
    check_name("a/../b", NULL);
    check_name("..", NULL);
    check_name("a\\..\\b", NULL);
    check_name(".", NULL);
    static char deep[2 * 65 + 1];
    for (size_t i = 0; i < 65; i++)
        memcpy(deep + 2 * i, "d/", 2);
    check_name(deep, NULL);
    check_name(deep + 2, "d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/"
                         "d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d");
    static char longest[4098];
    memset(longest, 'x', 4097);
    check_name(longest, NULL);
}

TEST_MAIN()
