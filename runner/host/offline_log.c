/* Where a channel's log lies on a volume: where the registry says, else where Windows keeps it.
 * What lies at the usual place of a log that was moved out of the target is old; it is opened, and
 * `elsewhere` keeps its windows from counting as covered. */
#include "base/utf16.h"
#include "host/offline.h"

enum { WINDOWS_VISTA = 600 };

/* Path from policy, then from the service's key; empty when neither names one. */
static struct str configured_path(struct host *h, struct str channel, struct arena *a)
{
    static const char *const keys[] = {"HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\EventLog\\",
                                       "HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\"};
    for (size_t i = 0; i < 2; i++) {
        struct reg_value v;
        struct str path;
        struct err e = {0};
        struct str key = str_fmt(a, "%s" STR_FMT, keys[i], STR_ARG(channel));
        registry_value(h, key, STR("File"), VIEW_NATIVE, a, &v);
        if (v.state == FACT_FOUND && v.text.len &&
            host_expand(h, v.text, VIEW_NATIVE, a, &path, &e))
            return path;
    }
    return (struct str){NULL, 0};
}

/* "Microsoft-Windows-CAPI2/Operational" is the file Microsoft-Windows-CAPI2%4Operational.evtx. */
static struct str evtx_path(struct host *h, struct str channel, struct arena *a)
{
    struct sb name;
    sb_init(&name, 4096);
    for (size_t i = 0; i < channel.len; i++) {
        if (channel.ptr[i] == '/')
            sb_puts(&name, "%4");
        else
            sb_putc(&name, channel.ptr[i]);
    }
    struct str path = str_fmt(a, "\\" STR_FMT "\\System32\\winevt\\Logs\\%s.evtx",
                              STR_ARG(h->windows), name.ptr ? name.ptr : "");
    sb_done(&name);
    return path;
}

static struct str evt_path(struct host *h, struct str channel, struct arena *a)
{
    static const char *const names[][2] = {
        {"System", "SysEvent"}, {"Application", "AppEvent"}, {"Security", "SecEvent"}};
    struct str name = channel;
    for (size_t i = 0; i < 3; i++)
        if (str_ieq(channel, str_of(names[i][0])))
            name = str_of(names[i][1]);
    return str_fmt(a, "\\" STR_FMT "\\System32\\config\\" STR_FMT ".Evt", STR_ARG(h->windows),
                   STR_ARG(name));
}

static bool is_name(struct str channel)
{
    for (size_t i = 0; i < channel.len; i++)
        if (channel.ptr[i] == '\\' || channel.ptr[i] == ':' || (unsigned char)channel.ptr[i] < ' ')
            return false;
    return channel.len > 0 && channel.len < 512;
}

void offline_open_log(struct host *h, struct str channel, struct arena *a, struct log_source *out)
{
    memset(out, 0, sizeof *out);
    out->file.file.fd = -1;
    out->state = FACT_UNREADABLE;
    if (!is_name(channel)) {
        out->reason = STR("not the name of an event log");
        return;
    }
    struct str place[3];
    size_t places = 0;
    struct str configured = configured_path(h, channel, a);
    unsigned nt = host_nt_version(h);
    if (configured.len)
        place[places++] = configured;
    place[places++] = evtx_path(h, channel, a);
    if (nt < WINDOWS_VISTA) /* or not known */
        place[places++] = evt_path(h, channel, a);
    for (size_t i = 0; i < places; i++) {
        struct host_file f;
        files_open(h, place[i], a, &f);
        bool there = f.state == FACT_FOUND || f.state == FACT_UNREADABLE;
        if (i == 0 || there) {
            out->file = f;
            out->state = f.state;
            out->reason = f.reason;
        }
        if (i > 0 && there && configured.len)
            out->elsewhere = configured;
        /* A log that is there but cannot be read is not replaced by another one. */
        if (there)
            break;
    }
}
