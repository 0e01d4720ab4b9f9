/* Where Windows lets others' code into processes: as installed, and with a third party's DLLs. */
#include "host_spec.h"
#include "out.h"

/* ---- SOFTWARE ------------------------------------------------------------------------------ */

static void app_init(const struct host_spec *h, struct hive *hive, const char *view,
                     const char *dlls)
{
    char path[96];
    snprintf(path, sizeof path, "%sMicrosoft\\Windows NT\\CurrentVersion\\Windows", view);
    struct hive_key *k = hive_key(hive, NULL, path);
    hive_sz(hive, k, "AppInit_DLLs", dlls);
    if (!h->os->nt5)
        hive_dword(hive, k, "LoadAppInit_DLLs", h->twist == TWIST_HOOKED);
}

void host_software_hooks(const struct host_spec *h, struct hive *hive)
{
    bool hooked = h->twist == TWIST_HOOKED;
    app_init(h, hive, "",
             hooked                        ? "C:\\PROGRA~1\\Contoso\\cthook64.dll"
             : h->twist == TWIST_IDLE_HOOK ? "C:\\PROGRA~1\\Contoso\\idle.dll"
                                           : "");
    if (h->x64)
        app_init(h, hive, "Wow6432Node\\", hooked ? "C:\\PROGRA~2\\Contoso\\cthook.dll" : "");
    struct hive_key *options =
        hive_key(hive, NULL, "Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options");
    hive_dword(hive, hive_key(hive, options, "iexplore.exe"), "DisableExceptionChainValidation", 0);
    if (!hooked)
        return;
    struct hive_key *k = hive_key(hive, options, "VsTskMgr.exe");
    hive_dword(hive, k, "GlobalFlag", 0x100);
    hive_sz(hive, k, "VerifierDlls", "ctverify.dll");
}

/* ---- SYSTEM -------------------------------------------------------------------------------- */

/* WSAPROTOCOL_INFOW behind MAX_PATH bytes of path; see <winsock2.h>. */
enum {
    ITEM_SIZE = 888,
    AT_FLAGS1 = 260,
    AT_PROVIDER = AT_FLAGS1 + 20,
    AT_ENTRY_ID = AT_FLAGS1 + 36,
    AT_CHAIN = AT_FLAGS1 + 40,
    AT_FAMILY = AT_FLAGS1 + 76,
    AT_TYPE = AT_FLAGS1 + 88,
    AT_PROTOCOL = AT_FLAGS1 + 92,
    AT_NAME = AT_FLAGS1 + 116
};

struct protocol {
    const char *path, *name;
    uint32_t flags, chain_length, type, protocol; /* chain: 0 a layer, 1 a base provider */
};

static void put_protocol(struct hive *hive, struct hive_key *list, uint32_t number,
                         const struct protocol *p)
{
    uint8_t item[ITEM_SIZE] = {0};
    char name[16];
    snprintf((char *)item, AT_FLAGS1, "%s", p->path);
    store_u32(item + AT_FLAGS1, p->flags);
    memset(item + AT_PROVIDER, (int)(0xA0 + number), 16);
    store_u32(item + AT_ENTRY_ID, 1000 + number);
    store_u32(item + AT_CHAIN, p->chain_length);
    for (uint32_t i = 0; i < p->chain_length && i < 7; i++)
        store_u32(item + AT_CHAIN + 4 + 4 * i, 1000 + number - i);
    store_u32(item + AT_FAMILY, 2); /* AF_INET */
    store_u32(item + AT_TYPE, p->type);
    store_u32(item + AT_PROTOCOL, p->protocol);
    for (size_t i = 0; p->name[i]; i++)
        item[AT_NAME + 2 * i] = (uint8_t)p->name[i];
    snprintf(name, sizeof name, "%012u", number);
    hive_set(hive, hive_key(hive, list, name), "PackedCatalogItem", HIVE_BINARY,
             span_of(item, sizeof item));
}

static void protocols(const struct host_spec *h, struct hive *hive, struct hive_key *parameters,
                      const char *entries)
{
    static const struct protocol base[] = {
        {"%SystemRoot%\\system32\\mswsock.dll", "MSAFD Tcpip [TCP/IP]", 0x20066, 1, 1, 6},
        {"%SystemRoot%\\system32\\mswsock.dll", "MSAFD Tcpip [UDP/IP]", 0x20609, 1, 2, 17},
        {"%SystemRoot%\\system32\\mswsock.dll", "MSAFD Tcpip [RAW/IP]", 0x20609, 1, 3, 0},
        {"%SystemRoot%\\system32\\mswsock.dll", "MSAFD Tcpip [TCP/IPv6]", 0x20066, 1, 1, 6},
        {"%SystemRoot%\\system32\\mswsock.dll", "MSAFD Tcpip [UDP/IPv6]", 0x20609, 1, 2, 17},
        {"%SystemRoot%\\system32\\mswsock.dll", "MSAFD Tcpip [RAW/IPv6]", 0x20609, 1, 3, 0},
    };
    /* A layered provider and the chain that makes applications use it. */
    static const struct protocol layered[] = {
        {"%SystemRoot%\\system32\\ctlsp.dll", "Contoso Session Helper", 0x20066, 0, 1, 6},
        {"%SystemRoot%\\system32\\ctlsp.dll", "Contoso Session Helper over TCP", 0x20066, 2, 1, 6},
    };
    struct hive_key *list =
        hive_key(hive, hive_key(hive, parameters, "Protocol_Catalog9"), entries);
    uint32_t number = 0;
    for (size_t i = 0; i < sizeof base / sizeof *base; i++)
        put_protocol(hive, list, ++number, &base[i]);
    for (size_t i = 0; h->twist == TWIST_HOOKED && i < 2; i++)
        put_protocol(hive, list, ++number, &layered[i]);
}

static void name_spaces(const struct host_spec *h, struct hive *hive, struct hive_key *parameters,
                        const char *entries)
{
    static const struct {
        const char *path, *name;
        uint32_t space;
        bool since6;
    } provider[] = {
        {"%SystemRoot%\\System32\\mswsock.dll", "Tcpip", 12, false},
        {"%SystemRoot%\\System32\\winrnr.dll", "NTDS", 32, false},
        {"%SystemRoot%\\system32\\napinsp.dll", "E-mail Naming Shim Provider", 37, true},
        {"%SystemRoot%\\system32\\pnrpnsp.dll", "PNRP Cloud Namespace Provider", 39, true},
        {"%SystemRoot%\\system32\\NLAapi.dll", "Network Location Awareness", 15, true},
    };
    struct hive_key *list =
        hive_key(hive, hive_key(hive, parameters, "NameSpace_Catalog5"), entries);
    uint32_t number = 0;
    for (size_t i = 0; i < sizeof provider / sizeof *provider; i++) {
        char name[16];
        if (provider[i].since6 && h->os->nt5)
            continue;
        snprintf(name, sizeof name, "%012u", ++number);
        struct hive_key *k = hive_key(hive, list, name);
        hive_sz(hive, k, "LibraryPath", provider[i].path);
        hive_sz(hive, k, "DisplayString", provider[i].name);
        hive_dword(hive, k, "SupportedNameSpace", provider[i].space);
        hive_dword(hive, k, "Enabled", 1);
        hive_dword(hive, k, "Version", 0);
    }
}

void host_system_hooks(const struct host_spec *h, struct hive *hive, struct hive_key *set)
{
    struct hive_key *parameters = hive_key(hive, set, "Services\\WinSock2\\Parameters");
    for (int wow = 0; wow <= (int)h->x64; wow++) {
        protocols(h, hive, parameters, wow ? "Catalog_Entries64" : "Catalog_Entries");
        name_spaces(h, hive, parameters, wow ? "Catalog_Entries64" : "Catalog_Entries");
    }
    if (h->twist == TWIST_HOOKED)
        hive_expand_sz(hive, hive_key(hive, set, "Control\\Session Manager\\AppCertDlls"),
                       "Contoso", "%ProgramFiles%\\Contoso\\cthook64.dll");
}
