/* Program files: Windows' own (the two that make a volume a full one among them) and McAfee's. */
#include "base/wtime.h"
#include "host_sign.h"
#include "out.h"
#include "pe_writer.h"

struct file {
    const char *path, *name, *description;
    enum pe_kind kind;
    bool native; /* 64-bit on x64 */
    const char *version;
};

struct place {
    const struct host_spec *host;
    const char *dir;
    struct host_catalogs *catalogs;
};

static bool put_file(const struct place *p, const struct file *f, const struct pe_spec *common,
                     struct err *e)
{
    const struct host_spec *h = p->host;
    char path[512];
    struct sb image;
    struct pe_spec spec = *common;
    spec.x64 = h->x64 && f->native;
    spec.kind = f->kind;
    spec.description = f->description;
    spec.original_name = f->name;
    spec.language = 0x0409;
    if (f->version) {
        bool ok = version_parse(str_of(f->version), &spec.file);
        BUG_ON(!ok);
        spec.product = spec.file;
    }
    snprintf(path, sizeof path, "%s/%s", f->path, f->name);
    sb_init(&image, (size_t)1 << 24);
    pe_image(&spec, &image);
    host_sign(h, p->catalogs, path, f->name, spec.company, &image);
    bool ok = host_write(p->dir, path, sb_span(&image), e);
    sb_done(&image);
    return ok;
}

/* ---- Windows ------------------------------------------------------------------------------- */

static const struct file windows_files[] = {
    {"S", "ntoskrnl.exe", "NT Kernel & System", PE_SYS, true, NULL},
    {"S", "ntdll.dll", "NT Layer DLL", PE_DLL, true, NULL},
    {"S", "kernel32.dll", "Windows NT BASE API Client DLL", PE_DLL, true, NULL},
    {"S", "user32.dll", "Multi-User Windows USER API Client DLL", PE_DLL, true, NULL},
    {"S", "advapi32.dll", "Advanced Windows 32 Base API", PE_DLL, true, NULL},
    {"S", "crypt32.dll", "Crypto API32", PE_DLL, true, NULL},
    {"S", "wintrust.dll", "Microsoft Trust Verification APIs", PE_DLL, true, NULL},
    {"S", "mswsock.dll", "Microsoft Windows Sockets 2.0 Service Provider", PE_DLL, true, NULL},
    {"S", "winrnr.dll", "LDAP RnR Provider DLL", PE_DLL, true, NULL},
    {"6", "napinsp.dll", "E-mail Naming Shim Provider", PE_DLL, true, NULL},
    {"6", "pnrpnsp.dll", "PNRP Name Space Provider", PE_DLL, true, NULL},
    {"6", "nlaapi.dll", "Network Location Awareness 2", PE_DLL, true, NULL},
    {"S", "ole32.dll", "Microsoft OLE for Windows", PE_DLL, true, NULL},
    {"S", "services.exe", "Services and Controller app", PE_EXE, true, NULL},
    {"S", "svchost.exe", "Host Process for Windows Services", PE_EXE, true, NULL},
    {"S", "lsass.exe", "Local Security Authority Process", PE_EXE, true, NULL},
    {"S", "winlogon.exe", "Windows Logon Application", PE_EXE, true, NULL},
    {"D", "ntfs.sys", "NT File System Driver", PE_SYS, true, NULL},
    {"D", "tcpip.sys", "TCP/IP Driver", PE_SYS, true, NULL},
    {"W", "ntdll.dll", "NT Layer DLL", PE_DLL, false, NULL},
    {"W", "kernel32.dll", "Windows NT BASE API Client DLL", PE_DLL, false, NULL},
    {"W", "user32.dll", "Multi-User Windows USER API Client DLL", PE_DLL, false, NULL},
    {"W", "advapi32.dll", "Advanced Windows 32 Base API", PE_DLL, false, NULL},
    {"W", "crypt32.dll", "Crypto API32", PE_DLL, false, NULL},
    {"W", "wintrust.dll", "Microsoft Trust Verification APIs", PE_DLL, false, NULL},
    {"W", "mswsock.dll", "Microsoft Windows Sockets 2.0 Service Provider", PE_DLL, false, NULL},
    {"W", "winrnr.dll", "LDAP RnR Provider DLL", PE_DLL, false, NULL},
    {"W", "napinsp.dll", "E-mail Naming Shim Provider", PE_DLL, false, NULL},
    {"W", "pnrpnsp.dll", "PNRP Name Space Provider", PE_DLL, false, NULL},
    {"W", "nlaapi.dll", "Network Location Awareness 2", PE_DLL, false, NULL},
    {"R", "explorer.exe", "Windows Explorer", PE_EXE, true, NULL},
};

static bool put_windows(const struct place *p, struct err *e)
{
    const struct host_spec *h = p->host;
    char text[64], number[VERSION_TEXT], msi_number[16];
    char root[32], system[64], drivers[80], wow[64];
    struct pe_spec common = {.file = h->os->kernel,
                             .product = h->os->kernel,
                             .company = "Microsoft Corporation",
                             .product_name = "Microsoft® Windows® Operating System",
                             .copyright = "© Microsoft Corporation. All rights reserved.",
                             .file_version = text,
                             .timestamp = 0x5C3A1B20,
                             .code_size = 9000};
    snprintf(text, sizeof text, "%s (%s)", version_format(h->os->kernel, number),
             h->os->build_lab + strlen(h->os->build) + 1);
    snprintf(root, sizeof root, "%s", h->os->windows);
    snprintf(system, sizeof system, "%s/%s", h->os->windows, h->os->system32);
    snprintf(drivers, sizeof drivers, "%s/drivers", system);
    snprintf(wow, sizeof wow, "%s/SysWOW64", h->os->windows);
    for (size_t i = 0; i < sizeof windows_files / sizeof *windows_files; i++) {
        struct file f = windows_files[i];
        char where = f.path[0];
        if ((where == 'W' && !h->x64) || (where == '6' && h->os->nt5))
            continue;
        f.path = where == 'S' || where == '6' ? system
                 : where == 'D'               ? drivers
                 : where == 'W'               ? wow
                                              : root;
        if (!put_file(p, &f, &common, e))
            return false;
    }
    /* NT 5 with Windows Installer 4.5: the build that KB71083 is about. */
    snprintf(msi_number, sizeof msi_number, "%s", h->os->nt5 ? "4.5.6001.22159" : "5.0.7601.24354");
    common.product_name = "Windows Installer - Unicode";
    common.file_version = NULL;
    const struct file msi = {system, "msi.dll", "Windows Installer", PE_DLL, true, msi_number};
    return put_file(p, &msi, &common, e);
}

/* ---- McAfee -------------------------------------------------------------------------------- */

static bool put_all(const struct place *p, const struct file *list, size_t count,
                    const struct pe_spec *common, struct err *e)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].version && !put_file(p, &list[i], common, e))
            return false;
    return true;
}

static bool put_vse(const struct place *p, const struct pe_spec *common, struct err *e)
{
    const struct host_spec *h = p->host;
    const struct host_versions *v = &h->now;
    const char *vse = v->vse_installed ? v->vse_installed : v->vse;
    char folder[96], core[96], core32[96], system[64], drivers[80];
    snprintf(folder, sizeof folder, "%s/McAfee/VirusScan Enterprise", host_program_files32(h) + 3);
    snprintf(core, sizeof core, "Program Files/Common Files/McAfee/SystemCore");
    snprintf(core32, sizeof core32, "%s/Common Files/McAfee/SystemCore",
             host_program_files32(h) + 3);
    snprintf(system, sizeof system, "%s/%s", h->os->windows, h->os->system32);
    snprintf(drivers, sizeof drivers, "%s/drivers", system);
    const struct file list[] = {
        {folder, "shstat.exe", "VirusScan tray icon", PE_EXE, false, vse},
        {folder, "VsTskMgr.exe", "VirusScan Task Manager Service", PE_EXE, false, vse},
        {folder, "scan32.exe", "VirusScan On-Demand Scan", PE_EXE, false, vse},
        {folder, "mcconsol.exe", "VirusScan Console", PE_EXE, false, vse},
        {folder, "coptcpl.dll", "VirusScan Console Options", PE_DLL, false,
         v->coptcpl ? v->coptcpl : vse},
        {folder, "mfeann.exe", "McAfee VirusScan Announcer", PE_EXE, false, v->system_core},
        {core, "mcshield.exe", "On-Access Scanner service", PE_EXE, true, v->system_core},
        {core, "mfehidk_messages.dll", "Event messages", PE_DLL, true, v->system_core},
        {core32, "mfeapconfig.dll", "Access Protection configuration", PE_DLL, false,
         v->system_core},
        {system, "mfevtps.exe", "McAfee Process Validation Service", PE_EXE, true, v->system_core},
        {drivers, "mfehidk.sys", "McAfee Link Driver", PE_SYS, true, v->system_core},
        {drivers, "mfeapfk.sys", "Access Protection Driver", PE_SYS, true, v->system_core},
        {drivers, "mfeavfk.sys", "Anti-Virus File System Filter Driver", PE_SYS, true,
         v->system_core},
        {drivers, "mferkdet.sys", "McAfee Inc. mferkdet", PE_SYS, true, v->system_core},
        {drivers, "mfewfpk.sys", "Anti-Virus Mini-Firewall Driver", PE_SYS, true, v->system_core},
    };
    /* What Microsoft lets others ship carries its own signature. */
    struct pe_spec runtime = *common;
    runtime.company = "Microsoft Corporation";
    runtime.product_name = "Microsoft® Visual Studio® 2008";
    runtime.copyright = "© Microsoft Corporation. All rights reserved.";
    const struct file msvcr = {folder, "msvcr90.dll", "Microsoft® C Runtime Library",
                               PE_DLL, false,         "9.0.30729.4148"};
    return put_all(p, list, sizeof list / sizeof *list, common, e) &&
           put_file(p, &msvcr, &runtime, e);
}

static bool put_agent(const struct place *p, const struct pe_spec *common, struct err *e)
{
    const struct host_spec *h = p->host;
    const char *agent = h->now.agent, *five = agent[0] >= '5' ? agent : NULL;
    char folder[96];
    snprintf(folder, sizeof folder, "%s/McAfee/Common Framework", host_program_files32(h) + 3);
    const struct file list[] = {
        {folder, "FrameworkService.exe", "Framework Service", PE_EXE, false, agent},
        {folder, "naPrdMgr.exe", "Product Manager", PE_EXE, false, agent},
        {folder, "UdaterUI.exe", "Common User Interface", PE_EXE, false, agent},
        {"Program Files/McAfee/Agent", "masvc.exe", "McAfee Agent Service", PE_EXE, true, five},
        {"Program Files/McAfee/Agent", "macmnsvc.exe", "McAfee Agent Common Services", PE_EXE, true,
         five},
    };
    if (!put_all(p, list, sizeof list / sizeof *list, common, e))
        return false;
    /* Crypto-C ME comes from another vendor, which is why its signature matters. */
    struct pe_spec rsa = *common;
    rsa.company = "RSA, The Security Division of EMC";
    rsa.product_name = "RSA BSAFE Crypto-C ME";
    rsa.copyright = NULL;
    const struct file crypto[] = {
        {folder, "cryptocme2.dll", "RSA BSAFE Crypto-C ME", PE_DLL, false, "2.1.0.3"},
        {folder, "ccme_base.dll", "RSA BSAFE Crypto-C ME base", PE_DLL, false, "3.0.0.1"},
    };
    return put_all(p, crypto, 2, &rsa, e);
}

/* ---- others -------------------------------------------------------------------------------- */

static bool put_extras(const struct place *p, struct err *e)
{
    size_t count;
    const struct host_extra *x = host_extras(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(x[i].host, p->host->name) != 0)
            continue;
        const struct pe_spec common = {.company = x[i].company,
                                       .product_name = "Session Helper",
                                       .timestamp = 0x53672100,
                                       .code_size = 5000};
        const struct file f = {x[i].folder,      x[i].name,
                               "Session Helper", x[i].driver ? PE_SYS : PE_DLL,
                               x[i].x64,         "3.1.0.27"};
        if (!put_file(p, &f, &common, e))
            return false;
    }
    return true;
}

static bool put_inf(const struct place *p, struct err *e)
{
    static const char text[] = "[Version]\r\nSignature = \"$WINDOWS NT$\"\r\n"
                               "Provider = \"Contoso Ltd\"\r\nCatalogFile = ctfilter.cat\r\n";
    struct span bytes = span_of(text, sizeof text - 1);
    if (strcmp(p->host->name, "catalogs") != 0)
        return true;
    host_sign_flat(p->catalogs, "ctfilter.inf", bytes);
    return host_write(p->dir, "Windows/inf/ctfilter.inf", bytes, e);
}

bool host_files(const struct host_spec *h, const char *dir, struct err *e)
{
    const struct pe_spec common = {.company = "McAfee, Inc.",
                                   .product_name = "VirusScan Enterprise",
                                   .copyright = "Copyright © 1995-2015 McAfee, Inc.",
                                   .timestamp = 0x4E8D2F00,
                                   .code_size = 7000};
    struct host_catalogs catalogs = {0};
    const struct place p = {h, dir, &catalogs};
    struct pe_spec agent = common;
    agent.product_name = "McAfee Agent";
    return put_windows(&p, e) && (!h->now.vse || put_vse(&p, &common, e)) &&
           (!h->now.agent || put_agent(&p, &agent, e)) && put_extras(&p, e) && put_inf(&p, e) &&
           host_write_catalogs(h, &catalogs, dir, e);
}
