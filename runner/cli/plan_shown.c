/* Whether a plan file still shows the plan that its digest stands for: what people read in it is
 * what they consent to. */
#include "cli/plan_file.h"
#include "report/plan_report.h"

#include "model/value_json.h"

/* Told anew each time, or allowed to move; the digest leaves them out too. */
static bool left_out(struct str name)
{
    return str_eq(name, STR("message")) || str_eq(name, STR("path"));
}

static bool same_map(const struct value *file, const struct value *plan, bool all)
{
    if (file->kind != VALUE_MAP || plan->kind != VALUE_MAP || file->map.count != plan->map.count)
        return false;
    for (size_t i = 0; i < plan->map.count; i++) {
        const struct value_member *x = &file->map.members[i], *y = &plan->map.members[i];
        if (!str_eq(x->name, y->name) ||
            ((all || !left_out(y->name)) && !value_eq(&x->value, &y->value)))
            return false;
    }
    return true;
}

static bool same_list(const struct value *file, const struct value *plan, bool all)
{
    if (!file || !plan || file->kind != VALUE_LIST || plan->kind != VALUE_LIST ||
        file->list.count != plan->list.count)
        return false;
    for (size_t i = 0; i < plan->list.count; i++) {
        const struct value *x = &file->list.items[i], *y = &plan->list.items[i];
        if (y->kind == VALUE_MAP ? !same_map(x, y, all) : !value_eq(x, y))
            return false;
    }
    return true;
}

bool plan_shown(void *file, const struct plan *plan, struct arena *a, struct err *e)
{
    static const struct {
        const char *name;
        bool all;
    } parts[] = {{"policies", false},    {"authorities", true}, {"actions", true},
                 {"predictions", false}, {"manual", true},      {"trust_changes", true}};
    struct sb text;
    struct value again;
    const struct value *was = file;
    sb_init(&text, PLAN_FILE_SIZE);
    report_plan_json(plan, &text);
    bool ok = text.bad ? err_set(e, ERR_NOMEM, 0, "no memory for the plan")
                       : value_from_json_within(span_of(text.ptr, text.len), PLAN_FILE_SIZE, a,
                                                &again, e);
    sb_done(&text);
    for (size_t i = 0; ok && i < sizeof parts / sizeof *parts; i++)
        if (!same_list(value_get(was, parts[i].name), value_get(&again, parts[i].name),
                       parts[i].all))
            ok = err_set(e, ERR_DENIED, 0,
                         "the plan file was edited: its %s are not those of the plan that its "
                         "digest stands for",
                         parts[i].name);
    return ok;
}
