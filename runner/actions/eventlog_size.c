/* eventlog.size: MaxSize of a log, to whole 64 KiB, never to less than it is. */
#include "actions/kinds.h"

/* "MaxSize ... must be a multiple of 64K" (Eventlog Key, Windows documentation). */
enum { STEP = 64 * 1024 };
#define MOST (UINT32_MAX - (STEP - 1))

static struct str size_of(struct arena *a, uint64_t bytes)
{
    return str_fmt(a, "%.1f MiB", (double)bytes / (1 << 20));
}

static uint64_t wanted_bytes(const struct action_request *q)
{
    const struct value *bytes = request_arg(q, "bytes");
    uint64_t n = bytes && bytes->kind == VALUE_INT && bytes->integer > 0 ? (uint64_t)bytes->integer
                                                                         : q->log_bytes;
    return n > MOST ? n : (n + STEP - 1) / STEP * STEP;
}

/* A size that group policy sets rules, and comes back when it is changed here. */
static bool ruled_by_policy(const struct action_request *q, struct str channel,
                            struct action_list *out)
{
    struct reg_value v;
    struct str key = str_fmt(
        q->a, "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\EventLog\\" STR_FMT, STR_ARG(channel));
    host_reg_value(q->host, key, STR("MaxSize"), VIEW_NATIVE, q->a, &v);
    if (v.state == FACT_ABSENT)
        return false;
    action_refuse(out, v.state == FACT_FOUND
                           ? str_fmt(q->a,
                                     "group policy sets the size (" STR_FMT "\\MaxSize): "
                                     "change it there",
                                     STR_ARG(key))
                           : str_fmt(q->a, STR_FMT "\\MaxSize cannot be read: " STR_FMT,
                                     STR_ARG(key), STR_ARG(v.reason)));
    return true;
}

bool action_eventlog_size(const struct action_request *q, struct action_list *out)
{
    struct str channel = request_text(q, "channel");
    struct str key = str_fmt(q->a, "HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\" STR_FMT,
                             STR_ARG(channel));
    uint64_t bytes = wanted_bytes(q);
    struct change c;
    bool same;
    if (ruled_by_policy(q, channel, out))
        return !q->a->full;
    if (bytes == 0 || bytes > MOST) {
        action_refuse(out, bytes ? str_fmt(q->a,
                                           "the " STR_FMT " log would need " STR_FMT
                                           ", more than Windows can be told",
                                           STR_ARG(channel), STR_ARG(size_of(q->a, bytes)))
                                 : str_fmt(q->a, "how fast the " STR_FMT " log grows is not known",
                                           STR_ARG(channel)));
        return !q->a->full;
    }
    struct reg_image after = image_dword(q->a, (uint32_t)bytes);
    if (!change_make(q, key, STR("MaxSize"), VIEW_NATIVE, &after, &c, &same, out) || same)
        return !q->a->full;
    uint64_t now = c.before.present && c.before.type == REGF_DWORD && c.before.data.len == 4
                       ? load_u32(c.before.data.ptr)
                       : 0;
    if (now >= bytes) {
        action_refuse(out, str_fmt(q->a, "the " STR_FMT " log may hold " STR_FMT " already",
                                   STR_ARG(channel), STR_ARG(size_of(q->a, now))));
        return !q->a->full;
    }
    struct str title = str_fmt(q->a, "raise the maximum size of the " STR_FMT " log to " STR_FMT,
                               STR_ARG(channel), STR_ARG(size_of(q->a, bytes)));
    struct action *x = action_add(q, out, ACTION_EVENTLOG_SIZE, &c, title);
    if (x)
        x->note = STR("counts from the next start of the event log service");
    return x != NULL;
}
