/* registry.delete_value and what enforce() makes of registry.absent; the key stays. */
#include "actions/kinds.h"

bool action_registry_delete_value(const struct action_request *q, struct action_list *out)
{
    const struct reg_image absent = {0};
    struct change c;
    bool same;
    struct str key = request_text(q, "key"), name = request_text(q, "name");
    enum reg_view view = str_eq(request_text(q, "view"), STR("32")) ? VIEW_32 : VIEW_NATIVE;
    if (!change_make(q, key, name, view, &absent, &c, &same, out) || same)
        return !q->a->full;
    struct str title = str_fmt(q->a, "delete the value " STR_FMT " " STR_FMT, STR_ARG(c.key),
                               STR_ARG(name.len ? name : STR("(default)")));
    return action_add(q, out, ACTION_REGISTRY_DELETE_VALUE, &c, title) != NULL;
}
