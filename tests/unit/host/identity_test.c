/* Names, versions, architecture; variables and the two views that depend on them. */
#include "check.h"

#include "base/wtime.h"
#include "host/host_memory.h"
#include "host/wow64.h"

#define NT "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define CONTROL "HKLM\\SYSTEM\\CurrentControlSet\\Control\\"
#define ENVIRONMENT CONTROL "Session Manager\\Environment"

static struct host *fresh(struct arena *mem)
{
    struct host *h = NULL;
    struct err e = {0};
    CHECK(host_memory(NULL, &h, &e));
    arena_init(mem, ARENA_DEFAULT_CAP);
    return h;
}

static void done(struct host *h, struct arena *mem)
{
    arena_done(mem);
    host_close(h);
}

TEST(windows_7)
{
    struct arena mem;
    struct host *h = fresh(&mem);
    memory_set_sz(h, NT, "ProductName", "Windows 7 Professional");
    memory_set_sz(h, NT, "CurrentVersion", "6.1");
    memory_set_sz(h, NT, "CurrentBuildNumber", "7601");
    memory_set_sz(h, NT, "CSDVersion", "Service Pack 1");
    memory_set_sz(h, ENVIRONMENT, "PROCESSOR_ARCHITECTURE", "AMD64");
    memory_set_sz(h, CONTROL "ComputerName\\ComputerName", "ComputerName", "LAB-01");
    memory_set_sz(h, CONTROL "TimeZoneInformation", "TimeZoneKeyName", "Tokyo Standard Time");
    memory_set_sz(h, CONTROL "Nls\\Language", "InstallLanguage", "0411");
    const struct target_info *info = host_info(h);
    CHECK_STR(info->computer_name, "LAB-01");
    CHECK_STR(info->os_product, "Windows 7 Professional");
    CHECK_STR(info->os_version, "6.1");
    CHECK_STR(info->os_build, "7601");
    CHECK_STR(info->os_service_pack, "Service Pack 1");
    CHECK_STR(info->os_arch, "x64");
    CHECK_STR(info->os_language, "ja-JP");
    CHECK_STR(info->time_zone, "Tokyo Standard Time");
    CHECK_U64(host_nt_version(h), 601);
    CHECK(host_is_64bit(h));
    done(h, &mem);
}

TEST(windows_11_calls_itself_10)
{
    struct arena mem;
    struct host *h = fresh(&mem);
    memory_set_sz(h, NT, "ProductName", "Windows 10 Pro");
    memory_set_sz(h, NT, "CurrentVersion", "6.3");
    memory_set_dword(h, NT, "CurrentMajorVersionNumber", 10);
    memory_set_dword(h, NT, "CurrentMinorVersionNumber", 0);
    memory_set_sz(h, NT, "CurrentBuildNumber", "22631");
    memory_set_dword(h, NT, "UBR", 2861);
    CHECK_STR(host_info(h)->os_product, "Windows 11 Pro");
    CHECK_STR(host_info(h)->os_version, "10.0");
    CHECK_STR(host_info(h)->os_build, "22631.2861");
    CHECK_U64(host_nt_version(h), 1000);
    done(h, &mem);
}

TEST(nothing_is_known)
{
    struct arena mem;
    struct host *h = fresh(&mem);
    CHECK_STR(host_info(h)->os_product, "");
    CHECK_U64(host_nt_version(h), 0);
    CHECK(!host_is_64bit(h));
    memory_set_sz(h, "HKLM\\SOFTWARE\\Wow6432Node\\X", "a", "b");
    CHECK(host_is_64bit(h)); /* only a 64-bit Windows has the key */
    done(h, &mem);
}

static void expands(struct host *h, const char *text, enum reg_view view, const char *want)
{
    struct arena a;
    struct str out = {NULL, 0};
    struct err e = {0};
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK(host_expand(h, str_of(text), view, &a, &out, &e) == (want != NULL));
    if (want)
        CHECK_STR(out, want);
    arena_done(&a);
}

TEST(variables)
{
    struct arena mem;
    struct host *h = fresh(&mem);
    memory_set_sz(h, ENVIRONMENT, "PROCESSOR_ARCHITECTURE", "AMD64");
    memory_set_sz(h, NT, "SystemRoot", "D:\\Windows");
    memory_set_sz(h, "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion", "ProgramFilesDir",
                  "%SystemDrive%\\Programme");
    memory_set_sz(h, ENVIRONMENT, "LOOP", "%LOOP%");
    expands(h, "%windir%\\x", VIEW_NATIVE, "D:\\Windows\\x");
    expands(h, "%PROGRAMFILES%\\x", VIEW_NATIVE, "D:\\Programme\\x");
    expands(h, "%ProgramFiles%\\x", VIEW_32, "D:\\Program Files (x86)\\x");
    expands(h, "%ProgramData%", VIEW_NATIVE, "D:\\ProgramData");
    expands(h, "100% sure", VIEW_NATIVE, "100% sure");
    expands(h, "%nobody%", VIEW_NATIVE, NULL);
    expands(h, "%LOOP%", VIEW_NATIVE, NULL);
    done(h, &mem);
}

static void key(struct arena *a, const char *rest, enum reg_view view, unsigned nt,
                const char *want)
{
    CHECK_STR(wow64_key(str_of(rest), view, nt, a), want);
}

TEST(views_of_keys)
{
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    key(&a, "McAfee\\X", VIEW_32, 601, "Wow6432Node\\McAfee\\X");
    key(&a, "McAfee\\X", VIEW_NATIVE, 601, "McAfee\\X");
    key(&a, "wow6432node\\McAfee", VIEW_32, 601, "wow6432node\\McAfee");
    key(&a, "microsoft\\SystemCertificates\\ROOT", VIEW_32, 601,
        "microsoft\\SystemCertificates\\ROOT");
    key(&a, "Microsoft\\SystemCertificatesX", VIEW_32, 601,
        "Wow6432Node\\Microsoft\\SystemCertificatesX");
    key(&a, "Policies\\Microsoft", VIEW_32, 502, "Policies\\Microsoft");
    key(&a, "Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\a", VIEW_32, 601,
        "Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\a");
    key(&a, "Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\a", VIEW_32, 600,
        "Wow6432Node\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\a");
    key(&a, "Classes\\.txt", VIEW_32, 601, "Classes\\.txt");
    key(&a, "Classes\\CLSID\\{1}", VIEW_32, 601, "Classes\\Wow6432Node\\CLSID\\{1}");
    key(&a, "Wow6432Node\\Classes\\CLSID", VIEW_NATIVE, 601, "Classes\\Wow6432Node\\CLSID");
    key(&a, "Wow6432Node\\Classes\\AppID\\x", VIEW_NATIVE, 601, "Classes\\AppID\\x");
    arena_done(&a);
}

TEST(views_of_files)
{
    struct arena a;
    struct str root = STR("C:\\Windows");
    arena_init(&a, ARENA_DEFAULT_CAP);
    CHECK_STR(wow64_file(STR("c:\\windows\\system32\\x.dll"), root, 601, &a),
              "C:\\Windows\\SysWOW64\\x.dll");
    CHECK_STR(wow64_file(STR("C:\\Windows\\System32\\catroot\\x.cat"), root, 601, &a),
              "C:\\Windows\\System32\\catroot\\x.cat");
    CHECK_STR(wow64_file(STR("C:\\Windows\\Sysnative\\x.dll"), root, 601, &a),
              "C:\\Windows\\System32\\x.dll");
    CHECK_STR(wow64_file(STR("C:\\Windows\\System32x\\x.dll"), root, 601, &a),
              "C:\\Windows\\System32x\\x.dll");
    arena_done(&a);
}

/* No candidate: the wall clock; --at goes before all. */
TEST(reference_times)
{
    struct host *h = NULL;
    struct err e = {0};
    struct host_options options = {.now = WTIME_UNIX_EPOCH, .at = 0};
    CHECK(host_memory(&options, &h, &e));
    CHECK_U64(host_reference(h)->time, WTIME_UNIX_EPOCH);
    host_close(h);
    options.at = WTIME_UNIX_EPOCH - WTIME_DAY;
    CHECK(host_memory(&options, &h, &e));
    CHECK_U64(host_reference(h)->time, options.at);
    CHECK_STR(host_reference(h)->why, "--at");
    CHECK(host_reference(h)->trusted);
    host_close(h);
}

TEST_MAIN()
