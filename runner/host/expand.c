/* %variables% of the host that is looked at, never of the one that looks. */
#include "base/utf16.h"
#include "host/host_ops.h"
#include "host/wow64.h"

enum { DEPTH_MAX = 8, TEXT_MAX = 32767, PIECES_MAX = 256 };

#define CURRENT_VERSION "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion"
#define PROFILE_LIST "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
#define ENVIRONMENT "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"

/* Where a folder's place is written, and what Windows takes when it is not ("~" stands for the
 * system drive). */
struct folder {
    const char *name, *key, *value, *otherwise;
};

static const struct folder native[] = {
    {"ProgramFiles", CURRENT_VERSION, "ProgramFilesDir", "~\\Program Files"},
    {"ProgramW6432", CURRENT_VERSION, "ProgramFilesDir", "~\\Program Files"},
    {"CommonProgramFiles", CURRENT_VERSION, "CommonFilesDir", "~\\Program Files\\Common Files"},
    {"CommonProgramW6432", CURRENT_VERSION, "CommonFilesDir", "~\\Program Files\\Common Files"},
    {"ProgramFiles(x86)", CURRENT_VERSION, "ProgramFilesDir (x86)", "~\\Program Files (x86)"},
    {"CommonProgramFiles(x86)", CURRENT_VERSION, "CommonFilesDir (x86)",
     "~\\Program Files (x86)\\Common Files"},
    {"ProgramData", PROFILE_LIST, "ProgramData", "~\\ProgramData"},
    {"ALLUSERSPROFILE", PROFILE_LIST, "ProgramData", "~\\ProgramData"},
    {"PUBLIC", PROFILE_LIST, "Public", "~\\Users\\Public"},
};

static struct str drive_of(struct host *h)
{
    struct str root = identity_system_root(h);
    return (struct str){root.ptr, 2};
}

static const struct folder *folder_find(struct host *h, struct str name, enum reg_view view)
{
    bool wide = host_is_64bit(h);
    /* A 32-bit process sees its own folders under the plain names; an x86 Windows has one set. */
    if (wide && view == VIEW_32 && str_ieq(name, STR("ProgramFiles")))
        name = STR("ProgramFiles(x86)");
    else if (wide && view == VIEW_32 && str_ieq(name, STR("CommonProgramFiles")))
        name = STR("CommonProgramFiles(x86)");
    else if (!wide && str_ieq(name, STR("ProgramFiles(x86)")))
        name = STR("ProgramFiles");
    else if (!wide && str_ieq(name, STR("CommonProgramFiles(x86)")))
        name = STR("CommonProgramFiles");
    for (size_t i = 0; i < sizeof native / sizeof *native; i++)
        if (str_ieq(name, str_of(native[i].name)))
            return &native[i];
    return NULL;
}

/* XP and 2003 have no ProgramData: "All Users" is named, and its application data lie below. */
static struct str old_program_data(struct host *h, struct str name, struct arena *a)
{
    struct str folder = registry_text(h, PROFILE_LIST, "ProfilesDirectory", a);
    struct str all = registry_text(h, PROFILE_LIST, "AllUsersProfile", a);
    if (folder.len == 0)
        folder = STR("%SystemDrive%\\Documents and Settings");
    if (all.len == 0)
        all = STR("All Users");
    const char *below = str_ieq(name, STR("ProgramData")) ? "\\Application Data" : "";
    return str_fmt(a, STR_FMT "\\" STR_FMT "%s", STR_ARG(folder), STR_ARG(all), below);
}

static struct str otherwise(struct host *h, const struct folder *f, struct arena *a)
{
    struct str drive = drive_of(h);
    return str_fmt(a, STR_FMT "%s", STR_ARG(drive), f->otherwise + 1);
}

/* The text behind a name, itself perhaps with variables; {NULL,0} when there is none. */
static struct str variable(struct host *h, struct str name, enum reg_view view, struct arena *a)
{
    if (str_ieq(name, STR("SystemRoot")) || str_ieq(name, STR("windir")))
        return identity_system_root(h);
    if (str_ieq(name, STR("SystemDrive")))
        return drive_of(h);
    const struct folder *f = folder_find(h, name, view);
    if (f) {
        struct str text = registry_text(h, f->key, f->value, a);
        if (text.len)
            return text;
        unsigned nt = host_nt_version(h);
        if (nt != 0 && nt < 600 && str_of(f->key).len == sizeof PROFILE_LIST - 1)
            return old_program_data(h, name, a);
        return otherwise(h, f, a);
    }
    struct reg_value v;
    registry_value(h, STR(ENVIRONMENT), name, VIEW_NATIVE, a, &v);
    return v.state == FACT_FOUND ? v.text : (struct str){NULL, 0};
}

struct expansion {
    struct host *h;
    enum reg_view view;
    struct arena *a;
    struct sb out;
    unsigned pieces;
};

static bool expand(struct expansion *x, struct str text, unsigned depth, struct err *e)
{
    size_t at = 0;
    while (at < text.len) {
        const char *open = memchr(text.ptr + at, '%', text.len - at);
        size_t plain = open ? (size_t)(open - text.ptr) : text.len;
        sb_put(&x->out, text.ptr + at, plain - at);
        if (!open)
            break;
        const char *close = memchr(open + 1, '%', text.len - plain - 1);
        if (!close) { /* a percent sign alone stands for itself */
            sb_put(&x->out, open, text.len - plain);
            break;
        }
        struct str name = {open + 1, (size_t)(close - open) - 1};
        struct str value = variable(x->h, name, x->view, x->a);
        if (!value.ptr)
            return err_set(e, ERR_NOT_FOUND, 0, "unknown variable %%" STR_FMT "%%", STR_ARG(name));
        if (depth == DEPTH_MAX || ++x->pieces > PIECES_MAX)
            return err_set(e, ERR_LIMIT, 0, "variables nested too deeply");
        if (!expand(x, value, depth + 1, e))
            return false;
        at = (size_t)(close - text.ptr) + 1;
    }
    return true;
}

bool host_expand(struct host *h, struct str text, enum reg_view view, struct arena *a,
                 struct str *out, struct err *e)
{
    if (!text.ptr || !memchr(text.ptr, '%', text.len)) {
        *out = text;
        return true;
    }
    struct expansion x = {.h = h, .view = view, .a = a};
    sb_init(&x.out, TEXT_MAX);
    bool ok = expand(&x, text, 0, e);
    if (ok && x.out.bad)
        ok = err_set(e, ERR_LIMIT, 0, "text too long once its variables are replaced");
    struct str copy = str_dup(a, (struct str){x.out.ptr ? x.out.ptr : "", x.out.len});
    sb_done(&x.out);
    if (ok && !copy.ptr)
        ok = err_set(e, ERR_NOMEM, 0, "out of memory");
    if (ok)
        *out = copy;
    return ok;
}
