#include "base/wtime.h"
#include "engine/evaluate.h"

#include <math.h>

const struct value *want_arg(const struct evaluation *v, const struct want *w, const char *name)
{
    const struct value *arg = value_get(&w->args, name);
    return arg ? policy_value(v->rule->policy, arg) : NULL;
}

struct str want_text(const struct evaluation *v, const struct want *w, const char *name)
{
    const struct value *arg = want_arg(v, w, name);
    return arg && arg->kind == VALUE_TEXT ? arg->text : STR("");
}

uint64_t want_window(const struct evaluation *v, const struct want *w)
{
    enum { MOST_DAYS = 36500 };
    const struct value *days = want_arg(v, w, "window_days");
    if (!days || days->kind != VALUE_INT || days->integer < 1)
        return 1;
    return days->integer > MOST_DAYS ? MOST_DAYS : (uint64_t)days->integer;
}

bool want_concerns(const struct evaluation *v, const struct want *w, struct result *out)
{
    struct str id = want_text(v, w, "when_product");
    if (!id.len)
        return true;
    const struct product_def *def = product_find(v->catalogue, id);
    if (!def) {
        out->verdict = VERDICT_ERROR;
        out->message =
            str_fmt(v->mem, "line %d: no product \"" STR_FMT "\" is defined", w->line, STR_ARG(id));
        return false;
    }
    const struct product_fact *fact = product_read(v, def);
    if (fact->state == PRODUCT_INSTALLED || fact->state == PRODUCT_CONFLICT)
        return true;
    if (fact->state == PRODUCT_ABSENT) {
        out->verdict = VERDICT_NOT_APPLICABLE;
        out->message = str_fmt(v->mem, STR_FMT " is not installed", STR_ARG(def->name));
        out->observed.text = STR("not installed");
        return false;
    }
    out->verdict = VERDICT_UNKNOWN;
    out->observed.text = STR("not known");
    out->message = str_fmt(v->mem, "whether " STR_FMT " is installed is not known: " STR_FMT,
                           STR_ARG(def->name), STR_ARG(fact->reason));
    return false;
}

struct texts want_texts(const struct evaluation *v, const struct want *w, const char *name)
{
    const struct value *arg = want_arg(v, w, name);
    if (!arg || (arg->kind != VALUE_LIST && arg->kind != VALUE_TEXT))
        return (struct texts){NULL, 0};
    if (arg->kind == VALUE_TEXT)
        return (struct texts){arg, 1};
    return (struct texts){arg->list.items, arg->list.count};
}

bool want_flag(const struct evaluation *v, const struct want *w, const char *name)
{
    const struct value *arg = want_arg(v, w, name);
    return arg && arg->kind == VALUE_BOOL && arg->boolean;
}

const struct product_def *product_find(const struct catalogue *c, struct str id)
{
    for (size_t i = 0; i < c->product_count; i++)
        if (str_eq(c->products[i].id, id))
            return &c->products[i];
    return NULL;
}

const struct product_fact *product_read(const struct evaluation *v, const struct product_def *def)
{
    struct product_fact *fact = &v->products[def - v->catalogue->products];
    if (!fact->def) {
        host_product(v->host, def, v->mem, fact);
        fact->def = def;
    }
    return fact;
}

struct str product_build_name(const struct product_def *def, struct version build)
{
    const struct product_build *found = NULL;
    for (size_t i = 0; i < def->build_count; i++)
        if (version_cmp(def->builds[i].from, build) <= 0)
            found = &def->builds[i];
    if (!found || (!found->exact && version_cmp(found->from, build) != 0))
        return STR("");
    return found->name;
}

struct value map_of(struct arena *a, const struct value_member *members, size_t count)
{
    struct value map = value_map(a, count);
    if (map.map.count)
        memcpy(map.map.members, members, count * sizeof *members);
    return map;
}

struct str size_text(struct arena *a, double bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1024;
        unit++;
    }
    return str_fmt(a, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

struct str time_text(struct arena *a, uint64_t t)
{
    char text[WTIME_TEXT];
    return str_fmt(a, "%s", wtime_format(t - t % WTIME_SECOND, text));
}

struct value rounded(double n)
{
    return value_number(floor(n * 100 + 0.5) / 100);
}

struct str state_text(struct arena *a, enum fact_state state, struct str reason)
{
    static const char *const words[] = {"found", "absent", "unreadable", "not collected"};
    const char *word = (size_t)state < 4 ? words[state] : "unreadable";
    if (!reason.len)
        return str_of(word);
    return str_fmt(a, "%s (" STR_FMT ")", word, STR_ARG(reason));
}
