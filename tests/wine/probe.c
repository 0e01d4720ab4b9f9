/* probe VERB ...: what another program sees of this Windows, through its API alone; no code is
 * shared with rectify.  Every run ends with the line "end", so that none that crashed reads as
 * empty.
 *
 *   certs STORE             SHA-1 of each certificate of the machine's store, and of its bytes
 *   addcert STORE FILE      puts the certificate there
 *   ctl KEY NAME            entries of the trust list that is a value, and its sequence number
 *   service NAME            start type, as the service manager says
 *   values KEY...           below HKLM\KEY each key, and key, name, type and bytes of each value;
 * links are values of their keys, not followed set KEY NAME NUMBER     a REG_DWORD link KEY TARGET
 * a registry link HKLM\KEY to a path of the kernel's, \Registry\Machine\... unlink KEY takes the
 * link away */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#include <wincrypt.h>

enum { NAME = 16384 };

typedef LONG(NTAPI *delete_key)(HANDLE);

static int failed(const char *what, unsigned long code)
{
    fprintf(stderr, "probe: %s: %lu\n", what, code);
    return 1;
}

static int failed_at(const wchar_t *key, unsigned long code)
{
    fprintf(stderr, "probe: %ls: %lu\n", key, code);
    return 1;
}

static void hex(const BYTE *bytes, DWORD len)
{
    for (DWORD i = 0; i < len; i++)
        printf("%02X", bytes[i]);
}

/* What is not ASCII as \xNNNN. */
static void text(const wchar_t *s)
{
    for (; *s; s++)
        if (*s >= ' ' && *s < 127)
            putchar((char)*s);
        else
            printf("\\x%04x", *s);
}

/* ---- certificates ---------------------------------------------------------------------------- */

static int certificates(const wchar_t *name)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0,
                                     CERT_SYSTEM_STORE_LOCAL_MACHINE |
                                         CERT_STORE_OPEN_EXISTING_FLAG | CERT_STORE_READONLY_FLAG,
                                     name);
    if (!store && GetLastError() != ERROR_FILE_NOT_FOUND)
        return failed("CertOpenStore", GetLastError());
    PCCERT_CONTEXT c = NULL;
    while (store && (c = CertEnumCertificatesInStore(store, c))) {
        BYTE said[20], counted[20];
        DWORD len = sizeof said, size = sizeof counted;
        if (!CertGetCertificateContextProperty(c, CERT_SHA1_HASH_PROP_ID, said, &len) ||
            !CryptHashCertificate(0, CALG_SHA1, 0, c->pbCertEncoded, c->cbCertEncoded, counted,
                                  &size))
            return failed("hash of a certificate", GetLastError());
        hex(said, len);
        putchar(' ');
        hex(counted, size);
        putchar('\n');
    }
    if (store)
        CertCloseStore(store, 0);
    return 0;
}

static int add_certificate(const wchar_t *name, const wchar_t *path)
{
    static BYTE der[65536];
    FILE *f = _wfopen(path, L"rb");
    DWORD len = f ? (DWORD)fread(der, 1, sizeof der, f) : 0;
    HCERTSTORE store =
        CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE, name);
    if (!store ||
        !CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der, len, CERT_STORE_ADD_ALWAYS,
                                          NULL) ||
        !CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, NULL) || !CertCloseStore(store, 0))
        return failed("adding a certificate", GetLastError());
    fclose(f);
    return 0;
}

/* ---- services -------------------------------------------------------------------------------- */

static int service(const wchar_t *name)
{
    static BYTE buffer[8192];
    DWORD need;
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    SC_HANDLE s = manager ? OpenServiceW(manager, name, SERVICE_QUERY_CONFIG) : NULL;
    if (!s ||
        !QueryServiceConfigW(s, (QUERY_SERVICE_CONFIGW *)(void *)buffer, sizeof buffer, &need))
        return failed("service", GetLastError());
    printf("%lu\n", ((QUERY_SERVICE_CONFIGW *)(void *)buffer)->dwStartType);
    return 0;
}

/* ---- registry -------------------------------------------------------------------------------- */

static LSTATUS open(const wchar_t *path, DWORD options, REGSAM rights, HKEY *out)
{
    return RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, options, rights | KEY_WOW64_64KEY, out);
}

static int values_of(HKEY key, const wchar_t *path)
{
    static wchar_t name[NAME];
    static BYTE data[1 << 20];
    for (DWORD i = 0;; i++) {
        DWORD units = NAME, len = sizeof data, type;
        LSTATUS code = RegEnumValueW(key, i, name, &units, NULL, &type, data, &len);
        /* Perflib's languages are performance data in a key's clothes. */
        if (code == ERROR_NO_MORE_ITEMS || code == ERROR_INVALID_HANDLE)
            return 0;
        if (code)
            return failed_at(path, (unsigned long)code);
        text(path);
        putchar('\t');
        text(name);
        printf("\t%lu\t", type);
        hex(data, len);
        putchar('\n');
    }
}

static int tree(const wchar_t *path, int depth)
{
    HKEY key;
    LSTATUS code = open(path, REG_OPTION_OPEN_LINK, KEY_READ, &key);
    if (code == ERROR_FILE_NOT_FOUND && !depth)
        return 0;
    if (code || depth > 32)
        return failed_at(path, (unsigned long)code);
    text(path);
    putchar('\n');
    int bad = values_of(key, path);
    for (DWORD i = 0; !bad; i++) {
        wchar_t name[260], below[2048];
        DWORD units = 260;
        code = RegEnumKeyExW(key, i, name, &units, NULL, NULL, NULL, NULL);
        if (code == ERROR_NO_MORE_ITEMS || code == ERROR_INVALID_HANDLE)
            break;
        _snwprintf(below, 2048, L"%ls\\%ls", path, name);
        bad = code ? failed_at(path, (unsigned long)code) : tree(below, depth + 1);
    }
    RegCloseKey(key);
    return bad;
}

static int set(const wchar_t *path, const wchar_t *name, const wchar_t *number)
{
    HKEY key;
    DWORD n = (DWORD)wcstoul(number, NULL, 10);
    LSTATUS code = RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0,
                                   KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, &key, NULL);
    if (!code)
        code = RegSetValueExW(key, name, 0, REG_DWORD, (BYTE *)&n, sizeof n);
    return code ? failed("set", (unsigned long)code) : 0;
}

static int trust_list(const wchar_t *path, const wchar_t *name)
{
    static BYTE data[1 << 20];
    DWORD len = sizeof data;
    HKEY key;
    LSTATUS code = open(path, 0, KEY_READ, &key);
    if (!code)
        code = RegQueryValueExW(key, name, NULL, NULL, data, &len);
    if (code)
        return failed_at(path, (unsigned long)code);
    PCCTL_CONTEXT list = CertCreateCTLContext(X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, data, len);
    if (!list)
        return failed("CertCreateCTLContext", GetLastError());
    printf("%lu entries, sequence ", list->pCtlInfo->cCTLEntry);
    for (DWORD i = list->pCtlInfo->SequenceNumber.cbData; i-- > 0;)
        printf("%02X", list->pCtlInfo->SequenceNumber.pbData[i]);
    putchar('\n');
    return 0;
}

static int make_link(const wchar_t *path, const wchar_t *target)
{
    HKEY key;
    LSTATUS code =
        RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, REG_OPTION_CREATE_LINK,
                        KEY_SET_VALUE | KEY_CREATE_LINK | KEY_WOW64_64KEY, NULL, &key, NULL);
    if (!code)
        code = RegSetValueExW(key, L"SymbolicLinkValue", 0, REG_LINK, (const BYTE *)target,
                              (DWORD)(wcslen(target) * sizeof *target));
    return code ? failed("link", (unsigned long)code) : 0;
}

static int unlink_key(const wchar_t *path)
{
    HKEY key;
    delete_key run =
        (delete_key)(void (*)(void))GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "NtDeleteKey");
    LSTATUS code = open(path, REG_OPTION_OPEN_LINK, DELETE, &key);
    return code || run(key) ? failed("unlink", (unsigned long)code) : 0;
}

int wmain(int argc, wchar_t **argv);

int wmain(int argc, wchar_t **argv)
{
    const wchar_t *verb = argc > 1 ? argv[1] : L"";
    int bad = 1;
    if (!wcscmp(verb, L"certs") && argc == 3)
        bad = certificates(argv[2]);
    else if (!wcscmp(verb, L"addcert") && argc == 4)
        bad = add_certificate(argv[2], argv[3]);
    else if (!wcscmp(verb, L"service") && argc == 3)
        bad = service(argv[2]);
    else if (!wcscmp(verb, L"values") && argc > 2)
        for (int i = 2; i < argc; i++) {
            bad = tree(argv[i], 0);
            if (bad)
                break;
        }
    else if (!wcscmp(verb, L"ctl") && argc == 4)
        bad = trust_list(argv[2], argv[3]);
    else if (!wcscmp(verb, L"set") && argc == 5)
        bad = set(argv[2], argv[3], argv[4]);
    else if (!wcscmp(verb, L"link") && argc == 4)
        bad = make_link(argv[2], argv[3]);
    else if (!wcscmp(verb, L"unlink") && argc == 3)
        bad = unlink_key(argv[2]);
    if (!bad)
        puts("end");
    return bad;
}
