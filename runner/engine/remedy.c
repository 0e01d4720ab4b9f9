/* Remedies as sentences: what a person who reads the report would do. */
#include "base/digest.h"
#include "engine/evaluate.h"
#include "formats/cms.h"

static const struct value *argument(const struct evaluation *v, const struct remedy *m,
                                    const char *name)
{
    const struct value *arg = value_get(&m->args, name);
    return arg ? policy_value(v->rule->policy, arg) : NULL;
}

static struct str text_of(const struct evaluation *v, const struct remedy *m, const char *name)
{
    const struct value *arg = argument(v, m, name);
    return arg && arg->kind == VALUE_TEXT ? arg->text : STR("");
}

static struct str upgrade_text(const struct evaluation *v, const struct remedy *m)
{
    const struct product_def *def = product_find(v->catalogue, m->product);
    const struct value *to = policy_value(v->rule->policy, &m->to);
    struct str name = def ? def->name : m->product, text = to ? to->text : STR("");
    struct version build;
    struct str patch = STR("");
    if (def && version_parse(text, &build))
        patch = product_build_name(def, build);
    if (m->kind == REMEDY_UPGRADE_STAGE)
        return str_fmt(v->mem, "Stage " STR_FMT ", which brings " STR_FMT " to " STR_FMT ".",
                       STR_ARG(text_of(v, m, "package")), STR_ARG(name), STR_ARG(text));
    if (patch.len)
        return str_fmt(v->mem, "Upgrade " STR_FMT " to " STR_FMT " (" STR_FMT ") or later.",
                       STR_ARG(name), STR_ARG(text), STR_ARG(patch));
    return str_fmt(v->mem, "Upgrade " STR_FMT " to " STR_FMT " or later.", STR_ARG(name),
                   STR_ARG(text));
}

static struct str registry_text_of(const struct evaluation *v, const struct remedy *m)
{
    struct str key = text_of(v, m, "key"), name = text_of(v, m, "name");
    const char *view = str_eq(text_of(v, m, "view"), STR("32")) ? " (32-bit view)" : "";
    if (!name.len)
        name = STR("(default)");
    if (m->kind == REMEDY_REGISTRY_DELETE)
        return str_fmt(v->mem, "Delete the value " STR_FMT " " STR_FMT "%s.", STR_ARG(key),
                       STR_ARG(name), view);
    return str_fmt(v->mem, "Set " STR_FMT " " STR_FMT " to " STR_FMT "%s.", STR_ARG(key),
                   STR_ARG(name), STR_ARG(predicate_text(v, &m->value)), view);
}

static struct str added_text(const struct evaluation *v, const struct remedy *m)
{
    X509 *x = cert_parse(m->der, NULL);
    struct str name = x ? cert_common_name(x, v->mem) : STR("");
    X509_free(x);
    return str_fmt(v->mem, "Add the certificate %s" STR_FMT "%sto the store " STR_FMT ".",
                   name.len ? "\"" : "", STR_ARG(name), name.len ? "\" " : "",
                   STR_ARG(text_of(v, m, "store")));
}

static struct str removed_text(const struct evaluation *v, const struct remedy *m)
{
    const struct value *list = argument(v, m, "sha1");
    struct str store = text_of(v, m, "store"), names = STR("");
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.count; i++)
        names = str_fmt(v->mem, STR_FMT "%s" STR_FMT, STR_ARG(names), i ? ", " : "",
                        STR_ARG(list->list.items[i].text));
    return str_fmt(v->mem, "Remove the certificate " STR_FMT " from %s" STR_FMT ".", STR_ARG(names),
                   store.len ? "the store " : "every store but Disallowed", STR_ARG(store));
}

static struct str size_text_of(const struct evaluation *v, const struct remedy *m)
{
    const struct value *bytes = argument(v, m, "bytes"), *days = argument(v, m, "window_days");
    struct str channel = text_of(v, m, "channel");
    if (bytes && bytes->kind == VALUE_INT)
        return str_fmt(v->mem, "Raise the maximum size of the " STR_FMT " log to " STR_FMT ".",
                       STR_ARG(channel), STR_ARG(size_text(v->mem, (double)bytes->integer)));
    return str_fmt(v->mem,
                   "Raise the maximum size of the " STR_FMT " log so that it holds %lld "
                   "days.",
                   STR_ARG(channel),
                   days && days->kind == VALUE_INT ? (long long)days->integer : 0LL);
}

struct str remedy_text(const struct evaluation *v, const struct remedy *m)
{
    switch (m->kind) {
    case REMEDY_MANUAL:
        return m->text;
    case REMEDY_UPGRADE:
    case REMEDY_UPGRADE_STAGE:
        return upgrade_text(v, m);
    case REMEDY_REGISTRY_SET:
    case REMEDY_REGISTRY_DELETE:
        return registry_text_of(v, m);
    case REMEDY_CERTIFICATE_ADD:
        return added_text(v, m);
    case REMEDY_CERTIFICATE_REMOVE:
        return removed_text(v, m);
    case REMEDY_ROOTS_REFRESH:
        return STR("Bring this host's lists of trusted and disallowed roots, and the roots it "
                   "needs, up to date.");
    case REMEDY_EVENTLOG_SIZE:
        return size_text_of(v, m);
    case REMEDY_SERVICE_START:
        return str_fmt(v->mem, "Set the start type of the service " STR_FMT " to " STR_FMT ".",
                       STR_ARG(text_of(v, m, "name")), STR_ARG(text_of(v, m, "mode")));
    case REMEDY_ENFORCE:
    case REMEDY_KINDS:
        break;
    }
    return STR("");
}
