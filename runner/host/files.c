/* Files of the host: variables, redirection, drive, version and digest. */
#include "base/utf16.h"
#include "host/host_ops.h"
#include "host/wow64.h"

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* True when the path names a drive other than Windows' own; its own letter is taken off, since the
 * volume knows nothing of letters. */
static bool other_drive(struct host *h, struct str *path)
{
    struct str p = *path;
    while (p.len && (p.ptr[0] == '"' || p.ptr[0] == ' '))
        p = (struct str){p.ptr + 1, p.len - 1};
    if (p.len > 4 && p.ptr[0] == '\\' && (p.ptr[1] == '?' || p.ptr[1] == '\\') && p.ptr[2] == '?' &&
        p.ptr[3] == '\\')
        p = (struct str){p.ptr + 4, p.len - 4};
    if (p.len < 2 || !is_letter(p.ptr[0]) || p.ptr[1] != ':')
        return false;
    struct str root = identity_system_root(h);
    if ((root.ptr[0] | 0x20) != (p.ptr[0] | 0x20))
        return true;
    *path = (struct str){p.ptr + 2, p.len - 2};
    return false;
}

void files_open(struct host *h, struct str winpath, struct arena *a, struct host_file *out)
{
    struct str path = winpath;
    memset(out, 0, sizeof *out);
    out->file.fd = -1;
    out->path = winpath;
    if (other_drive(h, &path)) {
        out->state = FACT_NOT_COLLECTED;
        out->reason = str_fmt(a,
                              STR_FMT " is on another drive than Windows, which this target "
                                      "does not hold",
                              STR_ARG(winpath));
        return;
    }
    h->ops->open_file(h, path, a, out);
    if (!out->path.len)
        out->path = winpath;
    if (out->state == FACT_NOT_COLLECTED && !out->reason.len)
        out->reason = str_fmt(a, STR_FMT " was not collected", STR_ARG(winpath));
}

void files_list(struct host *h, struct str windir, struct str glob, struct arena *a,
                struct host_listing *out)
{
    struct str path = windir;
    memset(out, 0, sizeof *out);
    if (other_drive(h, &path)) {
        out->state = FACT_NOT_COLLECTED;
        out->reason = str_fmt(a,
                              STR_FMT " is on another drive than Windows, which this target "
                                      "does not hold",
                              STR_ARG(windir));
        return;
    }
    h->ops->list(h, path, glob, a, out);
    if (out->state == FACT_NOT_COLLECTED && !out->reason.len)
        out->reason = str_fmt(a, STR_FMT " was not collected", STR_ARG(windir));
}

static void describe(struct span bytes, struct arena *a, struct file_fact *out)
{
    struct pe pe;
    struct err e = {0};
    if (!pe_open(bytes, &pe, &e))
        return;
    out->is_pe = true;
    out->machine = pe.machine;
    if (!pe_version(&pe, a, &out->version, &e)) {
        memset(&out->version, 0, sizeof out->version);
        out->evidence.note = str_fmt(a, "version resource is damaged: %s", e.text);
    }
}

/* What a policy test says of the file. */
static void describe_told(const struct told_file *told, struct file_fact *out)
{
    out->is_pe = told->is_pe;
    out->machine = told->machine;
    out->version = (struct pe_version){.has_version = told->has_version,
                                       .file = told->version,
                                       .product = told->product_version,
                                       .company = told->company,
                                       .product_name = told->product_name,
                                       .original_name = told->original_name};
}

void files_open_view(struct host *h, struct str winpath, enum reg_view view, struct arena *a,
                     struct host_file *out)
{
    struct str path;
    struct err e = {0};
    if (!host_expand(h, winpath, view, a, &path, &e)) {
        memset(out, 0, sizeof *out);
        out->file.fd = -1;
        out->path = winpath;
        out->state = FACT_UNREADABLE;
        out->reason = host_reason(a, winpath, &e);
        return;
    }
    if (view == VIEW_32 && host_is_64bit(h))
        path = wow64_file(path, identity_system_root(h), host_nt_version(h), a);
    files_open(h, path, a, out);
}

void files_fact(struct host *h, struct str winpath, enum reg_view view, struct arena *a,
                struct file_fact *out)
{
    struct host_file f;
    memset(out, 0, sizeof *out);
    files_open_view(h, winpath, view, a, &f);
    out->state = f.state;
    out->reason = f.reason;
    out->path = out->evidence.artefact = f.path;
    if (f.state == FACT_FOUND) {
        out->size = f.bytes.len;
        if (f.told)
            describe_told(f.told, out);
        else
            describe(f.bytes, a, out);
        (void)sha256_hex(f.bytes, out->evidence.sha256, NULL);
        if (!h->ops->intact(h, &f)) {
            out->state = FACT_UNREADABLE;
            out->reason =
                str_fmt(a, STR_FMT ": a part of the file could not be read", STR_ARG(f.path));
        }
        out->path = out->evidence.artefact = str_dup(a, f.path);
        host_close_file(h, &f);
    }
    if (out->state != FACT_FOUND && out->reason.len)
        out->evidence.note = out->reason;
}

void host_file(struct host *h, struct str winpath, enum reg_view view, struct arena *a,
               struct file_fact *out)
{
    files_fact(h, winpath, view, a, out);
    host_count(h, out->state);
}
