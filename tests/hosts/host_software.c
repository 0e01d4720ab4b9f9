/* SOFTWARE: what Windows itself keeps there. */
#include "base/wtime.h"
#include "host_spec.h"
#include "out.h"

static uint32_t unix_time(uint64_t t)
{
    return (uint32_t)wtime_to_unix(t);
}

static void current_version(const struct host_spec *h, struct hive *hive)
{
    const struct host_os *os = h->os;
    struct hive_key *k = hive_key(hive, NULL, "Microsoft\\Windows NT\\CurrentVersion");
    hive_sz(hive, k, "ProductName", os->product);
    hive_sz(hive, k, "CurrentVersion", os->version);
    hive_sz(hive, k, "CurrentBuildNumber", os->build);
    hive_sz(hive, k, "CurrentBuild",
            os->nt5 ? "1.511.1 () (Obsolete data - do not use)" : os->build);
    hive_sz(hive, k, "BuildLab", os->build_lab);
    if (os->csd)
        hive_sz(hive, k, "CSDVersion", os->csd);
    if (os->edition) {
        hive_sz(hive, k, "EditionID", os->edition);
        hive_sz(hive, k, "InstallationType", os->type);
    }
    if (os->display_version) {
        hive_dword(hive, k, "CurrentMajorVersionNumber", 10);
        hive_dword(hive, k, "CurrentMinorVersionNumber", 0);
        hive_dword(hive, k, "UBR", os->ubr);
        hive_sz(hive, k, "ReleaseId", "2009");
        hive_sz(hive, k, "DisplayVersion", os->display_version);
    }
    hive_dword(hive, k, "InstallDate", unix_time(host_install_time()));
    hive_sz_fmt(hive, k, "SystemRoot", "C:\\%s", os->windows);
    hive_sz_fmt(hive, k, "PathName", "C:\\%s", os->windows);
    hive_sz(hive, k, "RegisteredOwner", h->japanese ? "管理部" : "Operations");
    hive_sz(hive, k, "RegisteredOrganization", h->japanese ? "サンプル株式会社" : "Sample Ltd");
    hive_sz(hive, k, "ProductId", "55041-001-0000007-86000");
}

static void folders(const struct host_spec *h, struct hive *hive)
{
    struct hive_key *k = hive_key(hive, NULL, "Microsoft\\Windows\\CurrentVersion");
    hive_sz(hive, k, "ProgramFilesDir", "C:\\Program Files");
    hive_sz(hive, k, "CommonFilesDir", "C:\\Program Files\\Common Files");
    hive_expand_sz(hive, k, "ProgramFilesPath", "%ProgramFiles%");
    hive_expand_sz(hive, k, "DevicePath", "%SystemRoot%\\inf");
    if (!h->x64)
        return;
    hive_sz(hive, k, "ProgramFilesDir (x86)", "C:\\Program Files (x86)");
    hive_sz(hive, k, "CommonFilesDir (x86)", "C:\\Program Files (x86)\\Common Files");
    hive_sz(hive, k, "ProgramW6432Dir", "C:\\Program Files");
    k = hive_key(hive, NULL, "Wow6432Node\\Microsoft\\Windows\\CurrentVersion");
    hive_sz(hive, k, "ProgramFilesDir", "C:\\Program Files (x86)");
    hive_sz(hive, k, "CommonFilesDir", "C:\\Program Files (x86)\\Common Files");
}

static void profiles(const struct host_spec *h, struct hive *hive)
{
    static const struct {
        const char *sid, *path, *path5;
    } service[] = {
        {"S-1-5-18", "%systemroot%\\system32\\config\\systemprofile",
         "%systemroot%\\system32\\config\\systemprofile"},
        {"S-1-5-19", "C:\\Windows\\ServiceProfiles\\LocalService",
         "%SystemDrive%\\Documents and Settings\\LocalService"},
        {"S-1-5-20", "C:\\Windows\\ServiceProfiles\\NetworkService",
         "%SystemDrive%\\Documents and Settings\\NetworkService"},
    };
    struct hive_key *list =
        hive_key(hive, NULL, "Microsoft\\Windows NT\\CurrentVersion\\ProfileList");
    hive_expand_sz(hive, list, "ProfilesDirectory",
                   h->os->nt5 ? "%SystemDrive%\\Documents and Settings" : "%SystemDrive%\\Users");
    for (size_t i = 0; i < sizeof service / sizeof *service; i++)
        hive_expand_sz(hive, hive_key(hive, list, service[i].sid), "ProfileImagePath",
                       h->os->nt5 ? service[i].path5 : service[i].path);
    char path[256];
    snprintf(path, sizeof path, "C:\\%s\\%s", h->os->users, h->user);
    struct hive_key *k = hive_key(hive, list, HOST_USER_SID);
    hive_expand_sz(hive, k, "ProfileImagePath", path);
    hive_dword(hive, k, "Flags", 0);
    hive_dword(hive, k, "State", 0);
}

/* A registry has thousands of keys that nobody asks for; lists past 507 of them go through ri. */
static void classes(const struct host_spec *h, struct hive *hive)
{
    static const char *const extension[] = {".bat", ".com", ".dll", ".exe", ".htm", ".ini", ".jpg",
                                            ".log", ".msi", ".pdf", ".png", ".reg", ".txt", ".zip"};
    struct hive_key *root = hive_key(hive, NULL, "Classes");
    for (size_t i = 0; i < sizeof extension / sizeof *extension; i++)
        hive_sz_fmt(hive, hive_key(hive, root, extension[i]), "", "%sfile", extension[i] + 1);
    struct hive_key *clsid = hive_key(hive, root, "CLSID");
    uint32_t seed = 0x5EED0001;
    for (int i = 0; i < (h->os->nt5 ? 420 : 1100); i++) {
        char name[64];
        uint32_t part[4];
        for (int j = 0; j < 4; j++)
            part[j] = seed = seed * 1664525u + 1013904223u;
        snprintf(name, sizeof name, "{%08X-%04X-%04X-%04X-%04X%08X}", part[0], part[1] >> 16,
                 part[1] & 0xFFFF, part[2] >> 16, part[2] & 0xFFFF, part[3]);
        struct hive_key *k = hive_new_key(hive, clsid, str_of(name));
        hive_sz_fmt(hive, k, "", "Sample Object %d", i);
        k = hive_key(hive, k, "InprocServer32");
        hive_expand_sz(hive, k, "", "%SystemRoot%\\system32\\ole32.dll");
        hive_sz(hive, k, "ThreadingModel", i % 3 ? "Both" : "Apartment");
    }
}

static void uninstall(const struct host_spec *h, struct hive *hive)
{
    static const struct {
        const char *key, *name, *version, *publisher;
        bool wow;
    } product[] = {
        {"7-Zip", "7-Zip 19.00", "19.00", "Igor Pavlov", false},
        {"{AC76BA86-7AD7-1033-7B44-AC0F074E4100}", "Adobe Acrobat Reader DC", "19.010.20099",
         "Adobe Systems Incorporated", true},
        {"{9A25302D-30C0-39D9-BD6F-21E6EC160475}",
         "Microsoft Visual C++ 2008 Redistributable - x86 9.0.30729.17", "9.0.30729",
         "Microsoft Corporation", true},
        {"Mozilla Firefox 78.15.0 ESR", "Mozilla Firefox 78.15.0 ESR", "78.15.0", "Mozilla", true},
    };
    for (size_t i = 0; i < sizeof product / sizeof *product; i++) {
        char path[256];
        snprintf(path, sizeof path, "%sMicrosoft\\Windows\\CurrentVersion\\Uninstall\\%s",
                 product[i].wow ? host_view32(h) : "", product[i].key);
        struct hive_key *k = hive_key(hive, NULL, path);
        hive_sz(hive, k, "DisplayName", product[i].name);
        hive_sz(hive, k, "DisplayVersion", product[i].version);
        hive_sz(hive, k, "Publisher", product[i].publisher);
        hive_dword(hive, k, "EstimatedSize", 4096 + 1024 * (uint32_t)i);
    }
}

/* Setup's log is a good place for data too long for one cell. */
static void long_value(struct hive *hive)
{
    struct sb b;
    struct hive_key *k = hive_key(hive, NULL, "Microsoft\\Windows\\CurrentVersion\\Setup\\State");
    hive_sz(hive, k, "ImageState", "IMAGE_STATE_COMPLETE");
    sb_init(&b, 1 << 20);
    for (uint32_t i = 0; i < 10000; i++)
        out_u32(&b, i * 2654435761u);
    hive_set(hive, k, "Catalogue", HIVE_BINARY, sb_span(&b));
    sb_done(&b);
}

void host_software(const struct host_spec *h, const struct host_versions *v, struct hive *hive)
{
    classes(h, hive);
    current_version(h, hive);
    folders(h, hive);
    profiles(h, hive);
    uninstall(h, hive);
    host_stores(h, hive);
    host_software_hooks(h, hive);
    long_value(hive);
    host_mcafee_software(h, v, hive);
}
