#include "host/wow64.h"

#include "base/utf16.h"

/* Keys below HKLM\SOFTWARE that are not simply redirected; children inherit, the longest entry
 * counts.  `newer` holds for Windows 7 and Server 2008 R2 on, `older` before. */
struct key_rule {
    const char *path;
    bool newer, older; /* shared by both views */
};

static const struct key_rule rules[] = {
    {"Classes", true, false},
    {"Classes\\CLSID", false, false},
    {"Classes\\DirectShow", false, false},
    {"Classes\\HCP", true, true},
    {"Classes\\Interface", false, false},
    {"Classes\\Media Type", false, false},
    {"Classes\\MediaFoundation", false, false},
    {"Clients", true, false},
    {"Microsoft\\COM3", true, false},
    {"Microsoft\\Cryptography\\Calais\\Current", true, true},
    {"Microsoft\\Cryptography\\Calais\\Readers", true, true},
    {"Microsoft\\Cryptography\\Services", true, true},
    {"Microsoft\\CTF\\SystemShared", true, true},
    {"Microsoft\\CTF\\TIP", true, true},
    {"Microsoft\\DFS", true, true},
    {"Microsoft\\Driver Signing", true, true},
    {"Microsoft\\EnterpriseCertificates", true, true},
    {"Microsoft\\EventSystem", true, false},
    {"Microsoft\\MSMQ", true, true},
    {"Microsoft\\Non-Driver Signing", true, true},
    {"Microsoft\\Notepad\\DefaultFonts", true, false},
    {"Microsoft\\OLE", true, false},
    {"Microsoft\\RAS", true, true},
    {"Microsoft\\RPC", true, false},
    {"Microsoft\\Shared Tools\\MSInfo", true, true},
    {"Microsoft\\SystemCertificates", true, true},
    {"Microsoft\\TermServLicensing", true, true},
    {"Microsoft\\TransactionServer", true, true},
    {"Microsoft\\Windows\\CurrentVersion\\App Paths", true, false},
    {"Microsoft\\Windows\\CurrentVersion\\Control Panel\\Cursors\\Schemes", true, true},
    {"Microsoft\\Windows\\CurrentVersion\\Explorer\\AutoplayHandlers", true, false},
    {"Microsoft\\Windows\\CurrentVersion\\Explorer\\DriveIcons", true, false},
    {"Microsoft\\Windows\\CurrentVersion\\Explorer\\KindMap", true, false},
    {"Microsoft\\Windows\\CurrentVersion\\Group Policy", true, true},
    {"Microsoft\\Windows\\CurrentVersion\\Policies", true, true},
    {"Microsoft\\Windows\\CurrentVersion\\PreviewHandlers", true, false},
    {"Microsoft\\Windows\\CurrentVersion\\Setup", true, true},
    {"Microsoft\\Windows\\CurrentVersion\\Telephony\\Locations", true, true},
    {"Microsoft\\Windows NT\\CurrentVersion\\Console", true, false},
    {"Microsoft\\Windows NT\\CurrentVersion\\FontDpi", true, true},
    {"Microsoft\\Windows NT\\CurrentVersion\\FontLink", true, false},
    {"Microsoft\\Windows NT\\CurrentVersion\\FontMapper", true, true},
    {"Microsoft\\Windows NT\\CurrentVersion\\Fonts", true, true},
    {"Microsoft\\Windows NT\\CurrentVersion\\FontSubstitutes", true, true},
    {"Microsoft\\Windows NT\\CurrentVersion\\Gre_Initialize", true, false},
    {"Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options", true, false},
    {"Microsoft\\Windows NT\\CurrentVersion\\Language Pack", true, false},
    {"Microsoft\\Windows NT\\CurrentVersion\\NetworkCards", true, true},
    {"Microsoft\\Windows NT\\CurrentVersion\\Perflib", true, true},
    {"Microsoft\\Windows NT\\CurrentVersion\\Ports", true, true},
    {"Microsoft\\Windows NT\\CurrentVersion\\Print", true, true},
    {"Microsoft\\Windows NT\\CurrentVersion\\ProfileList", true, true},
    {"Microsoft\\Windows NT\\CurrentVersion\\Time Zones", true, true},
    {"Policies", true, true},
    {"RegisteredApplications", true, true},
};

/* Links that Windows 7 and later keep for paths with Wow6432Node written out. */
static const char *const linked_classes[] = {"AppId", "PROTOCOLS", "Typelib"};

enum { WINDOWS_VISTA = 600, WINDOWS_7 = 601 };

bool wow64_below(struct str path, struct str prefix, struct str *rest)
{
    if (path.len < prefix.len || (path.len > prefix.len && path.ptr[prefix.len] != '\\') ||
        !str_ieq((struct str){path.ptr, prefix.len}, prefix))
        return false;
    *rest = (struct str){path.ptr + prefix.len, path.len - prefix.len};
    if (rest->len > 0) {
        rest->ptr++;
        rest->len--;
    }
    return true;
}

static bool shared(struct str rest, unsigned nt)
{
    bool answer = false;
    size_t longest = 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct str below, path = str_of(rules[i].path);
        if (path.len > longest && wow64_below(rest, path, &below)) {
            longest = path.len;
            answer = nt == 0 || nt >= WINDOWS_7 ? rules[i].newer : rules[i].older;
        }
    }
    return answer;
}

static struct str joined(struct arena *a, const char *front, struct str rest)
{
    return rest.len ? str_fmt(a, "%s\\" STR_FMT, front, STR_ARG(rest)) : str_of(front);
}

/* A path with Wow6432Node written out; Classes' copy lives below Classes. */
static struct str written_out(struct str below, struct str rest, unsigned nt, struct arena *a)
{
    struct str class;
    if (!wow64_below(below, STR("Classes"), &class))
        return rest;
    for (size_t i = 0; i < sizeof linked_classes / sizeof *linked_classes; i++) {
        struct str ignored;
        if ((nt == 0 || nt >= WINDOWS_7) && wow64_below(class, str_of(linked_classes[i]), &ignored))
            return below;
    }
    return joined(a, "Classes\\Wow6432Node", class);
}

struct str wow64_key(struct str rest, enum reg_view view, unsigned nt, struct arena *a)
{
    struct str below;
    if (wow64_below(rest, STR("Wow6432Node"), &below))
        return written_out(below, rest, nt, a);
    if (view != VIEW_32 || shared(rest, nt) ||
        wow64_below(rest, STR("Classes\\Wow6432Node"), &below))
        return rest;
    if (wow64_below(rest, STR("Classes"), &below))
        return joined(a, "Classes\\Wow6432Node", below);
    return joined(a, "Wow6432Node", rest);
}

/* Below System32: not redirected. */
static bool exempt(struct str rest, unsigned nt)
{
    static const char *const always[] = {"catroot", "catroot2", "drivers\\etc", "logfiles",
                                         "spool"};
    struct str below;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (wow64_below(rest, str_of(always[i]), &below))
            return true;
    return (nt == 0 || nt >= WINDOWS_7) && wow64_below(rest, STR("driverstore"), &below);
}

static struct str under(struct arena *a, struct str root, const char *folder, struct str rest)
{
    return rest.len ? str_fmt(a, STR_FMT "\\%s\\" STR_FMT, STR_ARG(root), folder, STR_ARG(rest))
                    : str_fmt(a, STR_FMT "\\%s", STR_ARG(root), folder);
}

struct str wow64_file(struct str path, struct str root, unsigned nt, struct arena *a)
{
    struct str in, rest;
    if (!wow64_below(path, root, &in) && !wow64_below(path, STR("\\SystemRoot"), &in))
        return path;
    if (wow64_below(in, STR("System32"), &rest))
        return exempt(rest, nt) ? path : under(a, root, "SysWOW64", rest);
    if (wow64_below(in, STR("lastgood\\system32"), &rest))
        return under(a, root, "lastgood\\SysWOW64", rest);
    if (str_ieq(in, STR("regedit.exe")))
        return under(a, root, "SysWOW64", in);
    if ((nt == 0 || nt >= WINDOWS_VISTA) && wow64_below(in, STR("Sysnative"), &rest))
        return under(a, root, "System32", rest);
    return path;
}
