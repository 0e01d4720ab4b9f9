/* What makes a wanted state true, where it says enough. */
#include "script/bind_repair.h"
#include "script/load.h"
#include "script/value.h"

struct enforcing {
    lua_State *L;
    const struct want *where; /* the condition of the nearest when() */
    struct repairs *out;
};

void repair_add(lua_State *L, struct repairs *out, const struct remedy *m)
{
    if (out->count == REPAIR_REMEDIES)
        sandbox_fail(L, "rule: more than %d remedies", REPAIR_REMEDIES);
    out->items[out->count++] = *m;
}

static struct remedy *add(const struct enforcing *x, enum remedy_kind kind, const struct want *w)
{
    struct remedy m = {.kind = kind, .where = x->where, .line = w->line};
    m.args = (struct value){.kind = VALUE_MAP};
    repair_add(x->L, x->out, &m);
    return &x->out->items[x->out->count - 1];
}

/* Copies of those arguments of `w` that are there. */
static void take(const struct enforcing *x, struct remedy *m, const struct want *w,
                 const char *const *names)
{
    enum { MOST = 4 };
    m->args.map.members = SANDBOX_ARRAY(x->L, MOST, struct value_member);
    for (size_t i = 0; names[i]; i++) {
        const struct value *v = value_get(&w->args, names[i]);
        if (v)
            m->args.map.members[m->args.map.count++] = (struct value_member){str_of(names[i]), *v};
    }
}

_Noreturn static void cannot(const struct enforcing *x, const struct want *w, const char *what,
                             const char *instead)
{
    sandbox_fail(x->L, "the %s in line %d does not say how it is made true: %s", what, w->line,
                 instead);
}

/* ---- registry, services, logs ---------------------------------------------------------------- */

/* A value of both views is two changes. */
static void in_views(const struct enforcing *x, const struct want *w, enum remedy_kind kind,
                     const struct predicate *value)
{
    static const char *const names[] = {"key", "name", "view", NULL};
    const struct value *view = value_get(&w->args, "view");
    bool both = view && str_eq(view->text, STR("both"));
    for (int i = 0; i < (both ? 2 : 1); i++) {
        struct remedy *m = add(x, kind, w);
        take(x, m, w, names);
        if (value)
            m->value = *value;
        for (size_t k = 0; both && k < m->args.map.count; k++)
            if (str_eq(m->args.map.members[k].name, STR("view")))
                m->args.map.members[k].value = value_text(i ? STR("32") : STR("native"));
    }
}

static void registry_value(const struct enforcing *x, const struct want *w)
{
    if (w->set_to)
        in_views(x, w, REMEDY_REGISTRY_SET, w->set_to);
    else if (w->predicate.kind == PRED_ABSENT)
        in_views(x, w, REMEDY_REGISTRY_DELETE, NULL);
    else if (w->predicate.kind == PRED_EQUALS && w->predicate.typed)
        in_views(x, w, REMEDY_REGISTRY_SET, &w->predicate);
    else
        cannot(x, w, "registry.value",
               "want a typed value such as dword(5), or the option set_to = dword(5)");
}

static void registry_absent(const struct enforcing *x, const struct want *w)
{
    if (!value_get(&w->args, "name"))
        cannot(x, w, "registry.absent", "whole keys are not deleted, name a value");
    in_views(x, w, REMEDY_REGISTRY_DELETE, NULL);
}

static void service(const struct enforcing *x, const struct want *w, const struct value *mode,
                    const char *what)
{
    if (!mode || mode->kind != VALUE_TEXT)
        cannot(x, w, what,
               "name one start type (service.enabled: set_to = \"automatic\" or the like)");
    struct remedy *m = add(x, REMEDY_SERVICE_START, w);
    m->args.map.members = SANDBOX_ARRAY(x->L, 2, struct value_member);
    m->args.map.count = 2;
    m->args.map.members[0] = (struct value_member){STR("name"), *value_get(&w->args, "name")};
    m->args.map.members[1] = (struct value_member){STR("mode"), *mode};
}

static void log_size(const struct enforcing *x, const struct want *w)
{
    static const char *const names[] = {"channel", "bytes", "window_days", NULL};
    take(x, add(x, REMEDY_EVENTLOG_SIZE, w), w, names);
}

/* ---- certificates ---------------------------------------------------------------------------- */

static void certificate_absent(const struct enforcing *x, const struct want *w)
{
    static const char *const names[] = {"store", "sha1", NULL};
    if (!value_get(&w->args, "sha1") || value_get(&w->args, "sha256") ||
        value_get(&w->args, "subject"))
        cannot(x, w, "certificate.absent", "certificates are removed by thumbprint (sha1) only");
    const struct value *store = value_get(&w->args, "store");
    if (store)
        repair_check_store(x->L, store->text, "certificate.absent");
    take(x, add(x, REMEDY_CERTIFICATE_REMOVE, w), w, names);
}

/* ---- trees ----------------------------------------------------------------------------------- */

static void enforce_want(struct enforcing *x, const struct want *w);

static void enforce_when(struct enforcing *x, const struct want *w)
{
    if (x->where)
        cannot(x, w, "when", "it stands within another one");
    x->where = w->children[0];
    enforce_want(x, w->children[1]);
    x->where = NULL;
}

/* Trees of wants are at most WANT_DEPTH deep. */
static void enforce_want(struct enforcing *x, const struct want *w)
{
    switch (w->kind) {
    case WANT_ALL:
        for (size_t i = 0; i < w->child_count; i++)
            enforce_want(x, w->children[i]);
        return;
    case WANT_WHEN:
        enforce_when(x, w);
        return;
    case WANT_REGISTRY_VALUE:
        registry_value(x, w);
        return;
    case WANT_REGISTRY_ABSENT:
        registry_absent(x, w);
        return;
    case WANT_SERVICE:
        service(x, w, value_get(&w->args, "set_to"), "service.enabled");
        return;
    case WANT_SERVICE_START:
        service(x, w, w->predicate.kind == PRED_EQUALS ? &w->predicate.a : NULL, "service.start");
        return;
    case WANT_LOG_CAPACITY:
    case WANT_LOG_SIZE:
        log_size(x, w);
        return;
    case WANT_CERTIFICATE_ABSENT:
        certificate_absent(x, w);
        return;
    case WANT_CERTIFICATE_PRESENT:
    case WANT_CTL_FRESH:
    case WANT_CTL_PRESENT:
        (void)add(x, REMEDY_ROOTS_REFRESH, w);
        return;
    default:
        cannot(x, w, "wanted state",
               "enforce() knows registry, service, event log, certificate and list states joined "
               "by all{...}; name a repair such as manual \"...\"");
    }
}

void repair_enforce(lua_State *L, const struct want *w, struct repairs *out)
{
    struct enforcing x = {.L = L, .out = out};
    enforce_want(&x, w);
}
