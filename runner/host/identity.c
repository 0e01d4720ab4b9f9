/* Who the host is: names, versions, architecture, zone, language. */
#include "base/utf16.h"
#include "host/host_ops.h"

#define NT_PLACE "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define CONTROL "HKLM\\SYSTEM\\CurrentControlSet\\Control\\"

enum { WINDOWS_11_BUILD = 22000 };

/* The folders of Windows itself; all calls below use physical places, because views and variables
 * depend on what is found out here. */

static bool is_drive(struct str s)
{
    return s.len >= 3 && ((s.ptr[0] | 0x20) >= 'a' && (s.ptr[0] | 0x20) <= 'z') &&
           s.ptr[1] == ':' && s.ptr[2] == '\\';
}

/* The registry tells the drive letter; the folder is the one that the volume has. */
struct str identity_system_root(struct host *h)
{
    if (h->system_root.ptr)
        return h->system_root;
    struct arena a;
    struct reg_value v;
    arena_init(&a, ARENA_DEFAULT_CAP);
    registry_at(h, STR(NT_PLACE), STR("SystemRoot"), &a, &v);
    char letter = v.state == FACT_FOUND && is_drive(v.text) ? v.text.ptr[0] : 'C';
    h->system_root = str_fmt(&h->mem, "%c:\\" STR_FMT, letter, STR_ARG(h->windows));
    arena_done(&a);
    return h->system_root.ptr ? h->system_root : STR("C:\\Windows");
}

static unsigned decimal(struct str s, size_t *at)
{
    unsigned n = 0;
    for (; *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9' && n < 1000000; (*at)++)
        n = n * 10 + (unsigned)(s.ptr[*at] - '0');
    return n;
}

/* "6.1" is 601 */
static unsigned version_number(struct str text)
{
    size_t at = 0;
    unsigned major = decimal(text, &at);
    if (major == 0 || major > 99 || at >= text.len || text.ptr[at] != '.')
        return 0;
    at++;
    unsigned minor = decimal(text, &at);
    return minor > 99 ? 0 : major * 100 + minor;
}

/* The kernel's own header and version, for hosts whose hives do not tell. */
static bool kernel(struct host *h, struct arena *a, struct pe *pe, struct pe_version *version)
{
    struct host_file f = {.file.fd = -1};
    struct err e = {0};
    h->ops->open_file(h, STR("\\SystemRoot\\System32\\ntoskrnl.exe"), a, &f);
    if (f.state != FACT_FOUND)
        return false;
    bool ok = pe_open(f.bytes, pe, &e);
    if (ok && version && !pe_version(pe, a, version, &e))
        memset(version, 0, sizeof *version);
    ok = ok && h->ops->intact(h, &f);
    h->ops->close_file(h, &f);
    return ok;
}

unsigned host_nt_version(struct host *h)
{
    if (h->nt_version_asked)
        return h->nt_version;
    struct arena a;
    struct reg_value major, minor;
    struct pe pe;
    struct pe_version version;
    h->nt_version_asked = true;
    h->nt_version = 0;
    arena_init(&a, ARENA_DEFAULT_CAP);
    /* Windows 10 and later keep CurrentVersion at 6.3 and tell the truth in two numbers. */
    registry_at(h, STR(NT_PLACE), STR("CurrentMajorVersionNumber"), &a, &major);
    registry_at(h, STR(NT_PLACE), STR("CurrentMinorVersionNumber"), &a, &minor);
    if (major.has_number && major.number >= 10 && major.number < 100) {
        h->nt_version = (unsigned)major.number * 100;
        if (minor.has_number && minor.number < 100)
            h->nt_version += (unsigned)minor.number;
    } else {
        registry_at(h, STR(NT_PLACE), STR("CurrentVersion"), &a, &major);
        if (major.state == FACT_FOUND)
            h->nt_version = version_number(major.text);
    }
    if (h->nt_version == 0 && kernel(h, &a, &pe, &version) && version.has_version &&
        version.product.part[0] >= 4 && version.product.part[0] < 100 &&
        version.product.part[1] < 100)
        h->nt_version = version.product.part[0] * 100u + version.product.part[1];
    arena_done(&a);
    return h->nt_version;
}

/* --- architecture --- */

struct arch {
    const char *value, *name;
    uint16_t machine;
    bool wide;
};

static const struct arch archs[] = {{"x86", "x86", PE_MACHINE_I386, false},
                                    {"AMD64", "x64", PE_MACHINE_AMD64, true},
                                    {"ARM64", "arm64", PE_MACHINE_ARM64, true},
                                    {"IA64", "ia64", PE_MACHINE_IA64, true},
                                    {"ARM", "arm", PE_MACHINE_ARM, false}};

enum { ARCHS = sizeof archs / sizeof *archs };

static const struct arch *arch_of_registry(struct host *h, struct arena *a)
{
    struct str text =
        registry_text(h, CONTROL "Session Manager\\Environment", "PROCESSOR_ARCHITECTURE", a);
    for (size_t i = 0; i < ARCHS; i++)
        if (str_ieq(text, str_of(archs[i].value)))
            return &archs[i];
    return NULL;
}

static const struct arch *arch_of_kernel(struct host *h, struct arena *a)
{
    struct pe pe;
    if (!kernel(h, a, &pe, NULL))
        return NULL;
    for (size_t i = 0; i < ARCHS; i++)
        if (pe.machine == archs[i].machine)
            return &archs[i];
    return NULL;
}

/* Only a 64-bit Windows has the folder and the key of its 32-bit subsystem. */
static bool has_wow64(struct host *h, struct arena *a)
{
    struct reg_key key = {0};
    if (h->ops->directory(h, STR("\\SystemRoot\\SysWOW64")) == FACT_FOUND)
        return true;
    h->ops->key(h, STR("HKLM\\SOFTWARE\\Wow6432Node"), false, a, &key);
    return key.state == FACT_FOUND;
}

bool host_is_64bit(struct host *h)
{
    if (h->bits != BITS_UNASKED)
        return h->bits == BITS_64;
    struct arena a;
    arena_init(&a, ARENA_DEFAULT_CAP);
    const struct arch *arch = arch_of_registry(h, &a);
    if (!arch)
        arch = arch_of_kernel(h, &a);
    bool wide = arch ? arch->wide : has_wow64(h, &a);
    h->bits = wide ? BITS_64 : BITS_32;
    arena_done(&a);
    return wide;
}

static void tell_arch(struct host *h, struct arena *a)
{
    const struct arch *registry = arch_of_registry(h, a), *file = arch_of_kernel(h, a);
    const struct arch *arch = registry ? registry : file;
    if (arch)
        h->info.os_arch = str_of(arch->name);
    else if (host_is_64bit(h))
        h->info.os_arch = STR("64-bit");
    if (registry && file && registry != file)
        host_note(h, str_fmt(a, "the registry says %s, but the kernel is %s", registry->name,
                             file->name));
    else if (registry && !registry->wide && has_wow64(h, a))
        host_note(
            h, str_fmt(a, "the registry says %s, but there is a 32-bit subsystem", registry->name));
}

/* --- names --- */

static struct str keep(struct host *h, struct str text)
{
    return text.len ? str_dup(&h->mem, text) : (struct str){NULL, 0};
}

static void tell_product(struct host *h, struct arena *a)
{
    struct str name = registry_text(h, NT_PLACE, "ProductName", a);
    struct str build = registry_text(h, NT_PLACE, "CurrentBuildNumber", a);
    struct str pack = registry_text(h, NT_PLACE, "CSDVersion", a);
    struct reg_value ubr;
    size_t at = 0;
    if (build.len == 0) /* Windows 2000 and before have only this one */
        build = registry_text(h, NT_PLACE, "CurrentBuild", a);
    unsigned number = decimal(build, &at);
    registry_at(h, STR(NT_PLACE), STR("UBR"), a, &ubr);
    if (build.len && ubr.state == FACT_FOUND && ubr.has_number)
        build = str_fmt(a, STR_FMT ".%u", STR_ARG(build), (unsigned)ubr.number);
    /* Windows 11 still calls itself "Windows 10 ..." in this value. */
    const struct str ten = STR("Windows 10");
    if (number >= WINDOWS_11_BUILD && name.len >= ten.len &&
        str_ieq((struct str){name.ptr, ten.len}, ten))
        name = str_fmt(a, "Windows 11" STR_FMT, (int)(name.len - ten.len), name.ptr + ten.len);
    h->info.os_product = keep(h, name);
    h->info.os_build = keep(h, build);
    h->info.os_service_pack = keep(h, pack);
    unsigned nt = host_nt_version(h);
    if (nt)
        h->info.os_version = str_fmt(&h->mem, "%u.%u", nt / 100, nt % 100);
}

static void tell_computer(struct host *h, struct arena *a)
{
    struct str name = registry_text(h, CONTROL "ComputerName\\ComputerName", "ComputerName", a);
    if (name.len == 0)
        name = registry_text(h, CONTROL "ComputerName\\ActiveComputerName", "ComputerName", a);
    if (name.len == 0)
        name = registry_text(h, "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters",
                             "Hostname", a);
    h->info.computer_name = keep(h, name);
}

static void tell_zone(struct host *h, struct arena *a)
{
    struct str name = registry_text(h, CONTROL "TimeZoneInformation", "TimeZoneKeyName", a);
    if (name.len == 0)
        name = registry_text(h, CONTROL "TimeZoneInformation", "StandardName", a);
    if (name.len && name.ptr[0] == '@') /* a message of a DLL, no name */
        name.len = 0;
    h->info.time_zone = keep(h, name);
}

struct language {
    const char *id, *tag;
};

/* [MS-LCID], languages that Windows itself is sold in. */
static const struct language languages[] = {
    {"0401", "ar-SA"}, {"0402", "bg-BG"}, {"0404", "zh-TW"}, {"0405", "cs-CZ"}, {"0406", "da-DK"},
    {"0407", "de-DE"}, {"0408", "el-GR"}, {"0409", "en-US"}, {"040A", "es-ES"}, {"040B", "fi-FI"},
    {"040C", "fr-FR"}, {"040D", "he-IL"}, {"040E", "hu-HU"}, {"0410", "it-IT"}, {"0411", "ja-JP"},
    {"0412", "ko-KR"}, {"0413", "nl-NL"}, {"0414", "nb-NO"}, {"0415", "pl-PL"}, {"0416", "pt-BR"},
    {"0418", "ro-RO"}, {"0419", "ru-RU"}, {"041A", "hr-HR"}, {"041B", "sk-SK"}, {"041D", "sv-SE"},
    {"041E", "th-TH"}, {"041F", "tr-TR"}, {"0422", "uk-UA"}, {"0424", "sl-SI"}, {"0425", "et-EE"},
    {"0426", "lv-LV"}, {"0427", "lt-LT"}, {"0804", "zh-CN"}, {"0809", "en-GB"}, {"0816", "pt-PT"},
    {"0C04", "zh-HK"}, {"0C0A", "es-ES"}, {"0C0C", "fr-CA"}};

static void tell_language(struct host *h, struct arena *a)
{
    struct reg_value preferred;
    registry_value(h, STR(CONTROL "MUI\\Settings"), STR("PreferredUILanguages"), VIEW_NATIVE, a,
                   &preferred);
    struct str text = registry_text(h, CONTROL "Nls\\Language", "InstallLanguage", a);
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        if (str_ieq(text, str_of(languages[i].id)))
            text = str_of(languages[i].tag);
    if (preferred.state == FACT_FOUND && preferred.string_count > 0)
        text = preferred.strings[0];
    h->info.os_language = keep(h, text);
}

const struct target_info *host_info(struct host *h)
{
    if (h->identity_asked)
        return &h->info;
    struct arena a;
    h->identity_asked = true;
    arena_init(&a, ARENA_DEFAULT_CAP);
    tell_computer(h, &a);
    tell_product(h, &a);
    tell_arch(h, &a);
    tell_zone(h, &a);
    tell_language(h, &a);
    arena_done(&a);
    return &h->info;
}
