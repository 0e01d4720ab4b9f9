/* Text and paths as Windows' W functions want them. */
#include "base/wide_win.h"

#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#include "check.h"
#include "system.h"

static void check_text(const char *utf8, const wchar_t *want)
{
    wchar_t *wide = wide_text(utf8);
    CHECK(wide && wcscmp(wide, want) == 0);
    free(wide);
}

static void check_both_ways(const char *utf8, const wchar_t *want)
{
    char *back = wide_utf8(want);
    check_text(utf8, want);
    CHECK(back && strcmp(back, utf8) == 0);
    free(back);
}

TEST(text_there_and_back)
{
    check_both_ways("", L"");
    check_both_ways("C:\\x", L"C:\\x");
    check_both_ways("\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80", L"\u00e9\u65e5\xD83D\xDE00");
    check_both_ways("a\xED\xA0\x80z", L"a\xD800z"); /* Windows' names may have half of a pair */
    check_text("bad\xFF", L"bad\xFFFD");
}

static void check_path(const char *path, const wchar_t *want)
{
    wchar_t *wide = wide_path(path);
    if (!wide || _wcsicmp(wide, want) != 0) {
        fprintf(stderr, "%s: %ls, want %ls\n", path, wide ? wide : L"nothing", want);
        test_failures++;
    }
    free(wide);
}

TEST(paths_are_whole)
{
    check_path("C:\\a\\b.txt", L"\\\\?\\C:\\a\\b.txt");
    check_path("C:/a/../b.txt", L"\\\\?\\C:\\b.txt");
    check_path("\\\\server\\share\\x", L"\\\\?\\UNC\\server\\share\\x");
    check_path("\\\\?\\C:\\a\\..\\b", L"\\\\?\\C:\\a\\..\\b");
    wchar_t here[MAX_PATH], want[MAX_PATH + 16];
    CHECK(GetCurrentDirectoryW(MAX_PATH, here) > 0);
    swprintf(want, MAX_PATH + 16, L"\\\\?\\%ls\\x y", here);
    check_path("x y", want);
}

/* Beyond the 260 characters of old. */
TEST(long_paths_open)
{
    char folder[] = "/tmp/rectify-wide-XXXXXX", path[2048];
    CHECK(temp_folder(folder));
    size_t len = (size_t)snprintf(path, sizeof path, "%s", folder);
    for (int i = 0; i < 8; i++) {
        len += (size_t)snprintf(path + len, sizeof path - len, "/%060d", i);
        CHECK(make_folder(path));
    }
    CHECK(len > 480);
    snprintf(path + len, sizeof path - len, "/f");
    wchar_t *wide = wide_path(path);
    HANDLE h = CreateFileW(wide, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    CHECK(h != INVALID_HANDLE_VALUE);
    CloseHandle(h);
    free(wide);
    CHECK(remove_all(folder));
}

TEST(failures_have_kinds)
{
    static const struct {
        unsigned long code;
        enum err_kind kind;
        const char *says;
    } rows[] = {{ERROR_FILE_NOT_FOUND, ERR_NOT_FOUND, "no such file"},
                {ERROR_PATH_NOT_FOUND, ERR_NOT_FOUND, "no such file"},
                {ERROR_ACCESS_DENIED, ERR_DENIED, "access denied"},
                {ERROR_SHARING_VIOLATION, ERR_DENIED, "in use"},
                {ERROR_DISK_FULL, ERR_IO, "disk is full"},
                {ERROR_FILE_CORRUPT, ERR_IO, "1392"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e = {0};
        CHECK(!wide_fail(&e, rows[i].code, "x") && e.kind == rows[i].kind);
        CHECK(strncmp(e.text, "x: ", 3) == 0 && strstr(e.text, rows[i].says));
    }
}

TEST_MAIN()
