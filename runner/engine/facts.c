/* What `rectify facts` shows: all defined products, the services that products and rules name, and
 * the logs that rules read beside the classic three. */
#include "base/utf16.h"
#include "engine/run.h"

struct names {
    struct str *items;
    size_t count, cap;
    struct arena *mem;
};

static void add_name(struct names *n, struct str name)
{
    enum { MOST = 512 };
    for (size_t i = 0; i < n->count; i++)
        if (str_ieq(n->items[i], name))
            return;
    if (!n->items)
        n->items = ARENA_ARRAY(n->mem, MOST, struct str);
    if (n->items && name.len && n->count < MOST)
        n->items[n->count++] = name;
}

static void names_of_want(const struct want *w, const struct policy *p, struct names *services,
                          struct names *channels)
{
    bool service =
        w->kind == WANT_SERVICE || w->kind == WANT_SERVICE_START || w->kind == WANT_SERVICE_ABSENT;
    bool log = w->kind == WANT_EVENTS_NONE || w->kind == WANT_EVENTS_COUNT ||
               w->kind == WANT_LOG_CAPACITY || w->kind == WANT_LOG_SIZE;
    const struct value *arg =
        service || log ? value_get(&w->args, service ? "name" : "channel") : NULL;
    const struct value *name = arg ? policy_value(p, arg) : NULL;
    if (name && name->kind == VALUE_TEXT)
        add_name(service ? services : channels, name->text);
    for (size_t i = 0; i < w->child_count; i++)
        names_of_want(w->children[i], p, services, channels);
}

static void collect(const struct catalogue *c, struct names *services, struct names *channels)
{
    add_name(channels, STR("System"));
    add_name(channels, STR("Application"));
    add_name(channels, STR("Security"));
    for (size_t i = 0; i < c->product_count; i++)
        for (size_t k = 0; k < c->products[i].source_count; k++)
            if (c->products[i].sources[k].kind == SOURCE_SERVICE)
                add_name(services, c->products[i].sources[k].service);
    for (size_t i = 0; i < c->policy_count; i++)
        for (size_t k = 0; k < c->policies[i]->rule_count; k++) {
            const struct rule *r = &c->policies[i]->rules[k];
            if (r->want)
                names_of_want(r->want, r->policy, services, channels);
        }
}

bool engine_facts(const struct catalogue *c, struct host *host, struct arena *a,
                  struct facts_report *out, struct err *e)
{
    struct names services = {.mem = a}, channels = {.mem = a};
    if (!run_begin(host, a, &out->run, e))
        return false;
    collect(c, &services, &channels);
    out->products = ARENA_ARRAY(a, c->product_count, struct product_fact);
    out->services = ARENA_ARRAY(a, services.count, struct service_fact);
    out->logs = ARENA_ARRAY(a, channels.count, struct log_fact);
    if (a->full)
        return err_set(e, ERR_NOMEM, 0, "no memory for the facts");
    for (size_t i = 0; i < c->product_count; i++)
        host_product(host, &c->products[i], a, &out->products[out->product_count++]);
    for (size_t i = 0; i < services.count; i++)
        host_service(host, services.items[i], a, &out->services[out->service_count++]);
    for (size_t i = 0; i < channels.count; i++)
        host_log(host, channels.items[i], a, &out->logs[out->log_count++]);
    out->run.target = *host_info(host);
    out->run.unread_facts = host_unread(host);
    return !a->full || err_set(e, ERR_NOMEM, 0, "no memory for the facts");
}
