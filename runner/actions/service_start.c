/* service.start: the Start value of a service that exists. */
#include "actions/kinds.h"

static bool mode_number(struct str mode, uint32_t *out)
{
    static const char *const modes[] = {"boot", "system", "automatic", "manual", "disabled"};
    for (uint32_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (str_eq(mode, str_of(modes[i]))) {
            *out = i;
            return true;
        }
    return false;
}

bool action_service_start(const struct action_request *q, struct action_list *out)
{
    struct str name = request_text(q, "name"), mode = request_text(q, "mode");
    struct str key =
        str_fmt(q->a, "HKLM\\SYSTEM\\CurrentControlSet\\Services\\" STR_FMT, STR_ARG(name));
    uint32_t number = 0;
    struct change c;
    bool same;
    if (!mode_number(mode, &number) || !name.len || memchr(name.ptr, '\\', name.len)) {
        action_refuse(out, str_fmt(q->a,
                                   "the policy names no service and start type: \"" STR_FMT
                                   "\", \"" STR_FMT "\"",
                                   STR_ARG(name), STR_ARG(mode)));
        return !q->a->full;
    }
    struct reg_image after = image_dword(q->a, number);
    if (!change_make(q, key, STR("Start"), VIEW_NATIVE, &after, &c, &same, out) || same)
        return !q->a->full;
    if (!c.before.present) {
        action_refuse(out, str_fmt(q->a,
                                   "the service " STR_FMT " is not installed, or has no "
                                   "start type that could be changed",
                                   STR_ARG(name)));
        return !q->a->full;
    }
    struct str title = str_fmt(q->a, "set the start type of the service " STR_FMT " to " STR_FMT,
                               STR_ARG(name), STR_ARG(mode));
    struct action *x = action_add(q, out, ACTION_SERVICE_START, &c, title);
    if (x)
        x->note = STR("counts from the next start of Windows; nothing is started or stopped now");
    return x != NULL;
}
