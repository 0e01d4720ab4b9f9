/* What VirusScan Enterprise 8.8 and McAfee Agent leave in the registry.  Both are 32-bit programs:
 * on x64 their keys lie in the 32-bit view, the Windows Installer's in the native one. */
#include "base/wtime.h"
#include "host_spec.h"
#include "out.h"

#define VSE_CODE "{CE15D1B6-19B6-4D4D-8F43-CF5D2C3356FF}"
#define VSE_PACKED "6B1D51EC6B91D4D4F834FCD5C23365FF"

static struct hive_key *key32(const struct host_spec *h, struct hive *hive, const char *path)
{
    char full[512];
    snprintf(full, sizeof full, "%s%s", host_view32(h), path);
    return hive_key(hive, NULL, full);
}

static const char *installed(const struct host_versions *v)
{
    return v->vse_installed ? v->vse_installed : v->vse;
}

static void desktop_protection(const struct host_spec *h, const struct host_versions *v,
                               struct hive *hive)
{
    struct hive_key *k = key32(h, hive, "McAfee\\DesktopProtection");
    hive_sz(hive, k, "Product", "McAfee VirusScan Enterprise");
    hive_sz(hive, k, "szProductVer", v->vse);
    hive_sz_fmt(hive, k, "szInstallDir", "%s\\McAfee\\VirusScan Enterprise\\",
                host_program_files32(h));
    hive_sz(hive, k, "Licensed", "1");
    k = hive_key(hive, k, "Tasks\\{A14CD6FC-3BA8-4703-87BF-E3247CE382F5}");
    hive_sz(hive, k, "szTaskName", "AutoUpdate");
    hive_dword(hive, k, "bSchedEnabled", 1);
    hive_dword(hive, k, "bUpdateDAT", 1);
    k = key32(h, hive, "McAfee\\DesktopProtection\\Tasks\\{21221C11-A06D-4558-B833-98E8C7F6C4D2}");
    hive_sz(hive, k, "szTaskName", h->japanese ? "フル スキャン" : "Full Scan");
    hive_dword(hive, k, "dwMacroHeuristicsLevel", 1);
}

static void engine(const struct host_spec *h, struct hive *hive)
{
    struct hive_key *k = key32(h, hive, "McAfee\\AVEngine");
    hive_dword(hive, k, "AVDatVersion", 10654);
    hive_dword(hive, k, "AVDatVersionMinor", 0);
    hive_dword(hive, k, "EngineVersionMajor", 6200);
    hive_dword(hive, k, "EngineVersionMinor", 9167);
    hive_dword(hive, k, "EngineVersion32Major", 6200);
    hive_dword(hive, k, "EngineVersion32Minor", 9167);
    hive_sz(hive, k, "AVDatDate", "2023/03/19");
    hive_sz_fmt(hive, k, "DAT", "%s\\Common Files\\McAfee\\Engine\\", host_program_files32(h));
}

static void system_core(const struct host_spec *h, const struct host_versions *v, struct hive *hive)
{
    struct hive_key *k = hive_key(hive, NULL, "McAfee\\SystemCore");
    hive_sz(hive, k, "system_core_version", v->system_core);
    hive_sz(hive, k, "szInstallDir", "C:\\Program Files\\Common Files\\McAfee\\SystemCore\\");
    hive_sz_fmt(hive, k, "szInstallDir32", "%s\\Common Files\\McAfee\\SystemCore\\",
                host_program_files32(h));
    hive_dword(hive, hive_key(hive, k, "install_auth"), VSE_CODE, 1);
    struct hive_key *core = key32(h, hive, "McAfee\\SystemCore\\VSCore\\On Access Scanner");
    hive_dword(hive, hive_key(hive, core, "BehaviourBlocking"), "APEnabled", 1);
    hive_dword(hive, hive_key(hive, core, "BehaviourBlocking"), "BOPEnabled", h->x64 ? 0 : 1);
    hive_dword(hive, hive_key(hive, core, "McShield\\Configuration"), "bStartDisabled", 0);
}

static void vse_plugin(const struct host_spec *h, const struct host_versions *v, struct hive *hive)
{
    struct hive_key *k = key32(
        h, hive, "Network Associates\\ePolicy Orchestrator\\Application Plugins\\VIRUSCAN8800");
    hive_sz(hive, k, "Product Name", "VirusScan Enterprise");
    hive_sz(hive, k, "Version", v->vse);
    hive_sz(hive, k, "HotFixVersions", v->patch);
    hive_sz(hive, k, "DATVersion", "10654.0000");
    hive_sz(hive, k, "DatDate", "20230319000000");
    hive_sz(hive, k, "DatInstallDate", "20230320041500");
    hive_sz(hive, k, "EngineVersion", "6200.9167");
    hive_sz_fmt(hive, k, "Install Path", "%s\\McAfee\\VirusScan Enterprise\\",
                host_program_files32(h));
    hive_sz(hive, k, "Uninstall Command", "msiexec /x " VSE_CODE);
    hive_sz(hive, k, "Language", h->japanese ? "0411" : "0409");
}

static void put_version_parts(struct hive *hive, struct hive_key *k, const char *text)
{
    struct version v = {{0}};
    bool ok = version_parse(str_of(text), &v);
    BUG_ON(!ok);
    hive_dword(hive, k, "Version",
               (uint32_t)v.part[0] << 24 | (uint32_t)v.part[1] << 16 | v.part[2]);
    hive_dword(hive, k, "VersionMajor", v.part[0]);
    hive_dword(hive, k, "VersionMinor", v.part[1]);
}

static void package_properties(const struct host_spec *h, struct hive *hive, struct hive_key *k,
                               const char *name, const char *version)
{
    hive_sz(hive, k, "DisplayName", name);
    hive_sz(hive, k, "DisplayVersion", version);
    hive_sz(hive, k, "Publisher", "McAfee, Inc.");
    hive_sz(hive, k, "InstallDate", "20201001");
    hive_sz_fmt(hive, k, "InstallLocation", "%s\\McAfee\\", host_program_files32(h));
    hive_expand_sz(hive, k, "UninstallString", "MsiExec.exe /X" VSE_CODE);
    hive_dword(hive, k, "WindowsInstaller", 1);
    put_version_parts(hive, k, version);
}

static void vse_package(const struct host_spec *h, const struct host_versions *v, struct hive *hive)
{
    struct hive_key *k = key32(h, hive, "Microsoft\\Windows\\CurrentVersion\\Uninstall\\" VSE_CODE);
    package_properties(h, hive, k, "McAfee VirusScan Enterprise", installed(v));
    k = hive_key(hive, NULL,
                 "Microsoft\\Windows\\CurrentVersion\\Installer\\UserData\\S-1-5-18\\Products"
                 "\\" VSE_PACKED);
    package_properties(h, hive, hive_key(hive, k, "InstallProperties"),
                       "McAfee VirusScan Enterprise", installed(v));
    hive_key(hive, k, "Features");
    hive_key(hive, k, "Patches");
    k = hive_key(hive, NULL, "Classes\\Installer\\Products\\" VSE_PACKED);
    hive_sz(hive, k, "ProductName", "McAfee VirusScan Enterprise");
    hive_sz(hive, k, "PackageCode", "A7D0D32B3A10C514B8E0F4C0B0A1F1E2");
    hive_dword(hive, k, "Language", h->japanese ? 1041 : 1033);
}

static void agent_framework(const struct host_spec *h, const struct host_versions *v,
                            struct hive *hive)
{
    struct hive_key *k = key32(h, hive, "Network Associates\\TVD\\Shared Components\\Framework");
    hive_sz(hive, k, "Version", v->agent);
    hive_sz_fmt(hive, k, "Installed Path", "%s\\McAfee\\Common Framework", host_program_files32(h));
    hive_sz(hive, k, "Data Path",
            h->os->nt5 ? "C:\\Documents and Settings\\All Users\\Application Data\\McAfee\\Common "
                         "Framework"
                       : "C:\\ProgramData\\McAfee\\Common Framework");
    hive_sz(hive, k, "LastUpdateCheck", "20230320041500");
    k = key32(h, hive, "Network Associates\\ePolicy Orchestrator\\Agent");
    hive_sz_fmt(hive, k, "Installed Path", "%s\\McAfee\\Common Framework", host_program_files32(h));
    hive_sz(hive, k, "ePOServerList", "EPO01|192.0.2.10|443");
    hive_sz(hive, k, "LastPropsVersion", "20230320081500");
    k = key32(h, hive,
              "Network Associates\\ePolicy Orchestrator\\Application Plugins\\EPOAGENT3000");
    hive_sz(hive, k, "Product Name", "McAfee Agent");
    hive_sz(hive, k, "Version", v->agent);
    hive_sz(hive, k, "Language", "0000");
}

static void agent(const struct host_spec *h, const struct host_versions *v, struct hive *hive)
{
    agent_framework(h, v, hive);
    struct hive_key *k =
        key32(h, hive, "Microsoft\\Windows\\CurrentVersion\\Uninstall\\McAfee Agent");
    package_properties(h, hive, k, "McAfee Agent", v->agent);
    if (v->agent[0] < '5')
        return;
    static const char *const view[] = {"", "Wow6432Node\\"};
    for (int i = 0; i <= (int)h->x64; i++) { /* 5.x writes both views */
        char path[64];
        snprintf(path, sizeof path, "%sMcAfee\\Agent", view[i]);
        k = hive_key(hive, NULL, path);
        hive_sz(hive, k, "AgentVersion", v->agent);
        hive_sz(hive, k, "InstallPath", "C:\\Program Files\\McAfee\\Agent\\");
        hive_sz(hive, k, "DataPath", "C:\\ProgramData\\McAfee\\Agent\\");
        hive_key(hive, k, "Applications\\EPOAGENT3000");
        hive_key(hive, k, "Applications\\VIRUSCAN8800");
    }
}

void host_mcafee_software(const struct host_spec *h, const struct host_versions *v,
                          struct hive *hive)
{
    if (v->vse) {
        desktop_protection(h, v, hive);
        engine(h, hive);
        system_core(h, v, hive);
        vse_plugin(h, v, hive);
        vse_package(h, v, hive);
    }
    if (v->agent)
        agent(h, v, hive);
}

/* ---- services ------------------------------------------------------------------------------ */

enum { KERNEL_DRIVER = 1, FILE_SYSTEM_DRIVER = 2, OWN_PROCESS = 0x10, SHARED_PROCESS = 0x20 };

struct service {
    const char *name, *display, *image;
    uint32_t type, start;
};

static void put_service(struct hive *hive, struct hive_key *services, const struct service *s)
{
    struct hive_key *k = hive_key(hive, services, s->name);
    hive_dword(hive, k, "Type", s->type);
    hive_dword(hive, k, "Start", s->start);
    hive_dword(hive, k, "ErrorControl", 1);
    hive_expand_sz(hive, k, "ImagePath", s->image);
    hive_sz(hive, k, "DisplayName", s->display);
    if (s->type >= OWN_PROCESS)
        hive_sz(hive, k, "ObjectName", "LocalSystem");
}

static void vse_services(const struct host_spec *h, const struct host_versions *v,
                         struct hive *hive, struct hive_key *services)
{
    char manager[128], mfevtps[128];
    snprintf(manager, sizeof manager, "\"%s\\McAfee\\VirusScan Enterprise\\VsTskMgr.exe\"",
             host_program_files32(h));
    snprintf(mfevtps, sizeof mfevtps, "\"C:\\%s\\system32\\mfevtps.exe\"", h->os->windows);
    const struct service list[] = {
        {"McTaskManager", "McAfee Task Manager", manager, OWN_PROCESS, 2},
        {"McShield", "McAfee McShield",
         "\"C:\\Program Files\\Common Files\\McAfee\\SystemCore\\mcshield.exe\"", OWN_PROCESS, 2},
        {"mfevtp", "McAfee Validation Trust Protection Service", mfevtps, OWN_PROCESS,
         v->validation_start},
        {"mfehidk", "McAfee Inc. mfehidk", "system32\\drivers\\mfehidk.sys", KERNEL_DRIVER, 0},
        {"mfeapfk", "McAfee Inc. mfeapfk", "system32\\drivers\\mfeapfk.sys", KERNEL_DRIVER, 3},
        {"mfeavfk", "McAfee Inc. mfeavfk", "system32\\drivers\\mfeavfk.sys", KERNEL_DRIVER, 3},
        {"mferkdet", "McAfee Inc. mferkdet", "system32\\drivers\\mferkdet.sys", KERNEL_DRIVER, 3},
        {"mfewfpk", "McAfee Inc. mfewfpk", "system32\\drivers\\mfewfpk.sys", KERNEL_DRIVER, 0},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        put_service(hive, services, &list[i]);
    struct hive_key *k = hive_key(hive, services, "mfehidk");
    hive_sz(hive, k, "Group", "FSFilter Anti-Virus");
    k = hive_key(hive, k, "Instances\\mfehidk Instance");
    hive_sz(hive, k, "Altitude", "321300");
    hive_dword(hive, k, "Flags", 0);
    static const char *const needs[] = {"mfevtp"};
    hive_multi_sz(hive, hive_key(hive, services, "McShield"), "DependOnService", needs, 1);
    k = hive_key(hive, services, "EventLog\\System\\mfehidk");
    hive_expand_sz(hive, k, "EventMessageFile",
                   "C:\\Program Files\\Common Files\\McAfee\\SystemCore\\mfehidk_messages.dll");
    hive_dword(hive, k, "TypesSupported", 7);
}

static void agent_services(const struct host_spec *h, const struct host_versions *v,
                           struct hive *hive, struct hive_key *services)
{
    char framework[128];
    snprintf(framework, sizeof framework,
             "\"%s\\McAfee\\Common Framework\\FrameworkService.exe\" /ServiceStart",
             host_program_files32(h));
    bool five = v->agent[0] >= '5';
    const struct service list[] = {
        {"McAfeeFramework",
         five ? "McAfee Agent Backwards Compatibility Service" : "McAfee Framework Service",
         framework, OWN_PROCESS, 2},
        {"masvc", "McAfee Agent Service",
         "\"C:\\Program Files\\McAfee\\Agent\\masvc.exe\" /ServiceStart", OWN_PROCESS, 2},
        {"macmnsvc", "McAfee Agent Common Services",
         "\"C:\\Program Files\\McAfee\\Agent\\macmnsvc.exe\" /ServiceStart", OWN_PROCESS, 2},
    };
    for (size_t i = 0; i < (five ? 3 : 1); i++)
        put_service(hive, services, &list[i]);
}

void host_mcafee_services(const struct host_spec *h, const struct host_versions *v,
                          struct hive *hive, struct hive_key *services)
{
    if (v->vse)
        vse_services(h, v, hive, services);
    if (v->agent)
        agent_services(h, v, hive, services);
}
