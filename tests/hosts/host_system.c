/* SYSTEM: control sets, identity, time zone, language, services, event log settings. */
#include "host_spec.h"
#include "out.h"

struct plain_service {
    const char *name, *display, *display_ja, *image;
    uint32_t type, start;
};

static const struct plain_service windows_services[] = {
    {"Dhcp", "DHCP Client", "DHCP Client", "%SystemRoot%\\system32\\svchost.exe -k LocalService",
     0x20, 2},
    {"Dnscache", "DNS Client", "DNS Client",
     "%SystemRoot%\\system32\\svchost.exe -k NetworkService", 0x20, 2},
    {"EventLog", "Windows Event Log", "Windows イベント ログ",
     "%SystemRoot%\\System32\\svchost.exe -k LocalService", 0x20, 2},
    {"LanmanServer", "Server", "Server", "%SystemRoot%\\system32\\svchost.exe -k netsvcs", 0x20, 2},
    {"LanmanWorkstation", "Workstation", "Workstation",
     "%SystemRoot%\\System32\\svchost.exe -k NetworkService", 0x20, 2},
    {"PlugPlay", "Plug and Play", "Plug and Play",
     "%SystemRoot%\\system32\\svchost.exe -k DcomLaunch", 0x20, 2},
    {"RpcSs", "Remote Procedure Call (RPC)", "リモート プロシージャ コール (RPC)",
     "%SystemRoot%\\system32\\svchost.exe -k rpcss", 0x20, 2},
    {"Schedule", "Task Scheduler", "タスク スケジューラ",
     "%SystemRoot%\\system32\\svchost.exe -k netsvcs", 0x20, 2},
    {"Spooler", "Print Spooler", "印刷スプーラー", "%SystemRoot%\\System32\\spoolsv.exe", 0x110, 2},
    {"W32Time", "Windows Time", "Windows タイム",
     "%SystemRoot%\\system32\\svchost.exe -k LocalService", 0x20, 3},
    {"wuauserv", "Windows Update", "Windows の更新",
     "%systemroot%\\system32\\svchost.exe -k netsvcs", 0x20, 2},
    {"Ntfs", "Ntfs", "Ntfs", "system32\\drivers\\ntfs.sys", 2, 3},
    {"Tcpip", "TCP/IP Protocol Driver", "TCP/IP プロトコル ドライバー",
     "system32\\drivers\\tcpip.sys", 1, 0},
};

static void services(const struct host_spec *h, const struct host_versions *v, struct hive *hive,
                     struct hive_key *set)
{
    struct hive_key *list = hive_key(hive, set, "Services");
    for (size_t i = 0; i < sizeof windows_services / sizeof *windows_services; i++) {
        const struct plain_service *s = &windows_services[i];
        struct hive_key *k = hive_key(hive, list, s->name);
        hive_dword(hive, k, "Type", s->type);
        hive_dword(hive, k, "Start", s->start);
        hive_dword(hive, k, "ErrorControl", 1);
        hive_expand_sz(hive, k, "ImagePath", s->image);
        hive_sz(hive, k, "DisplayName", h->japanese ? s->display_ja : s->display);
    }
    host_mcafee_services(h, v, hive, list);
}

static void event_logs(const struct host_spec *h, struct hive *hive, struct hive_key *set)
{
    static const char *const channel[] = {"Application", "Security", "System"};
    static const char *const file5[] = {"AppEvent.Evt", "SecEvent.Evt", "SysEvent.Evt"};
    for (size_t i = 0; i < 3; i++) {
        char file[96];
        struct hive_key *k = hive_key(hive, set, "Services\\EventLog");
        k = hive_key(hive, k, channel[i]);
        if (h->os->nt5)
            snprintf(file, sizeof file, "%%SystemRoot%%\\system32\\config\\%s", file5[i]);
        else
            snprintf(file, sizeof file, "%%SystemRoot%%\\system32\\winevt\\Logs\\%s.evtx",
                     channel[i]);
        hive_expand_sz(hive, k, "File", file);
        hive_dword(hive, k, "MaxSize", i == 2 ? h->log_max : 0x01400000);
        hive_dword(hive, k, "Retention", 0);
        hive_sz(hive, k, "PrimaryModule", channel[i]);
        if (!h->os->nt5)
            hive_dword(hive, k, "AutoBackupLogFiles", 0);
    }
    struct hive_key *k = hive_key(hive, set, "Services\\EventLog\\System\\Service Control Manager");
    hive_expand_sz(hive, k, "EventMessageFile", "%SystemRoot%\\system32\\services.exe");
    hive_dword(hive, k, "TypesSupported", 7);
}

static void time_zone(const struct host_spec *h, struct hive *hive, struct hive_key *set)
{
    static const uint8_t none[16] = {0};
    static const uint8_t october[16] = {0, 0, 10, 0, 5, 0, 3}; /* last Sunday, 03:00 */
    static const uint8_t march[16] = {0, 0, 3, 0, 5, 0, 2};
    struct hive_key *k = hive_key(hive, set, "Control\\TimeZoneInformation");
    bool ja = h->japanese;
    hive_dword(hive, k, "Bias", (uint32_t)(ja ? -540 : -60));
    hive_dword(hive, k, "ActiveTimeBias", (uint32_t)(ja ? -540 : -60));
    hive_dword(hive, k, "StandardBias", 0);
    hive_dword(hive, k, "DaylightBias", ja ? 0 : (uint32_t)-60);
    hive_set(hive, k, "StandardStart", HIVE_BINARY, span_of(ja ? none : october, 16));
    hive_set(hive, k, "DaylightStart", HIVE_BINARY, span_of(ja ? none : march, 16));
    if (ja) {
        hive_sz(hive, k, "StandardName", "東京 (標準時)");
        hive_sz(hive, k, "DaylightName", "東京 (夏時間)");
        hive_sz(hive, k, "TimeZoneKeyName", "Tokyo Standard Time");
    } else if (h->os->nt5) {
        hive_sz(hive, k, "StandardName", "W. Europe Standard Time");
        hive_sz(hive, k, "DaylightName", "W. Europe Daylight Time");
    } else {
        hive_sz(hive, k, "StandardName", "@tzres.dll,-322");
        hive_sz(hive, k, "DaylightName", "@tzres.dll,-321");
        hive_sz(hive, k, "TimeZoneKeyName", "W. Europe Standard Time");
        hive_dword(hive, k, "DynamicDaylightTimeDisabled", 0);
    }
}

static void language(const struct host_spec *h, struct hive *hive, struct hive_key *set)
{
    const char *id = h->japanese ? "0411" : "0409", *name = h->japanese ? "ja-JP" : "en-US";
    struct hive_key *k = hive_key(hive, set, "Control\\Nls\\Language");
    hive_sz(hive, k, "Default", id);
    hive_sz(hive, k, "InstallLanguage", id);
    k = hive_key(hive, set, "Control\\Nls\\CodePage");
    hive_sz(hive, k, "ACP", h->japanese ? "932" : "1252");
    if (h->os->nt5)
        return;
    k = hive_key(hive, hive_key(hive, set, "Control\\MUI\\UILanguages"), name);
    hive_dword(hive, k, "LCID", h->japanese ? 0x411 : 0x409);
    hive_dword(hive, k, "Type", 0x91);
}

static void environment(const struct host_spec *h, struct hive *hive, struct hive_key *set)
{
    struct hive_key *k = hive_key(hive, set, "Control\\Session Manager\\Environment");
    hive_sz(hive, k, "PROCESSOR_ARCHITECTURE", h->x64 ? "AMD64" : "x86");
    hive_sz(hive, k, "NUMBER_OF_PROCESSORS", "4");
    hive_sz(hive, k, "OS", "Windows_NT");
    hive_expand_sz(hive, k, "windir", "%SystemRoot%");
    hive_expand_sz(hive, k, "Path",
                   "%SystemRoot%\\system32;%SystemRoot%;%SystemRoot%\\System32\\Wbem");
    hive_expand_sz(hive, k, "TEMP", "%SystemRoot%\\TEMP");
    k = hive_key(hive, set, "Control\\Session Manager\\KnownDLLs");
    hive_sz(hive, k, "kernel32", "kernel32.dll");
    hive_sz(hive, k, "advapi32", "advapi32.dll");
    k = hive_key(hive, set, "Control\\ProductOptions");
    hive_sz(hive, k, "ProductType", h->os->product_type);
    static const char *const suite[] = {"Terminal Server"};
    hive_multi_sz(hive, k, "ProductSuite", suite, 1);
    k = hive_key(hive, set, "Control\\Windows");
    hive_expand_sz(hive, k, "Directory", "%SystemRoot%");
    hive_expand_sz(hive, k, "SystemDirectory", "%SystemRoot%\\system32");
    hive_dword(hive, k, "CSDVersion", h->os->csd ? (uint32_t)(h->os->csd[13] - '0') << 8 : 0);
}

static void control_set(const struct host_spec *h, const struct host_versions *v, struct hive *hive,
                        const char *name)
{
    struct hive_key *set = hive_key(hive, NULL, name);
    hive_sz(hive, hive_key(hive, set, "Control\\ComputerName\\ComputerName"), "ComputerName",
            h->computer);
    struct hive_key *k = hive_key(hive, set, "Services\\Tcpip\\Parameters");
    hive_sz(hive, k, "Hostname", h->computer);
    hive_sz(hive, k, "NV Hostname", h->computer);
    hive_sz(hive, k, "Domain", "corp.example");
    k = hive_key(hive, set, "Control\\Lsa");
    k->class_name = STR("MsGinaV2");
    static const char *const packages[] = {"msv1_0"};
    hive_multi_sz(hive, k, "Authentication Packages", packages, 1);
    time_zone(h, hive, set);
    language(h, hive, set);
    environment(h, hive, set);
    services(h, v, hive, set);
    event_logs(h, hive, set);
    host_system_hooks(h, hive, set);
}

void host_system(const struct host_spec *h, const struct host_versions *v, struct hive *hive)
{
    /* The control set that is not current differs where it matters: who reads it is wrong. */
    struct host_versions last_good = *v;
    struct host_spec other = *h;
    last_good.validation_start = 4;
    other.log_max = 65536;
    control_set(h, v, hive, "ControlSet001");
    control_set(&other, &last_good, hive, "ControlSet002");
    struct hive_key *k = hive_key(hive, NULL, "Select");
    hive_dword(hive, k, "Current", 1);
    hive_dword(hive, k, "Default", 1);
    hive_dword(hive, k, "Failed", 0);
    hive_dword(hive, k, "LastKnownGood", 2);
    k = hive_key(hive, NULL, "Setup");
    hive_dword(hive, k, "SystemSetupInProgress", 0);
    hive_sz(hive, k, "CmdLine", "");
    k = hive_key(hive, NULL, "MountedDevices");
    hive_set(hive, k, "\\DosDevices\\C:", HIVE_BINARY,
             span_of("\x21\x43\x65\x87\x00\x00\x10\x00\x00\x00\x00", 12));
}
