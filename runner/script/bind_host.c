/* host.product, host.service, host.file, host.events. */
#include "base/wtime.h"
#include "script/bind.h"
#include "script/fact.h"
#include "script/value.h"

/* Called with a dot: the argument is not the host itself. */
static struct str name_argument(lua_State *L, unsigned need, const char *function)
{
    check_needs(L, need, function);
    if (thing_test(L, 1, THING_HOST))
        sandbox_fail(L, "write host.%s(...), with a dot", function);
    if (lua_type(L, 1) != LUA_TSTRING)
        sandbox_fail(L, "host.%s: %s where a name is wanted", function, thing_words(L, 1));
    sandbox_charge(L, 50);
    sandbox_reserve(L);
    return sandbox_str(L, sandbox_checkstr(L, 1, "the name"));
}

int bind_host_product(lua_State *L)
{
    struct str id = name_argument(L, NEED_PRODUCT, "product");
    const struct script_facts *facts = check_of(L)->facts;
    const struct product_def *def = NULL;
    struct nearest n = nearest_of(id);
    char near[96];
    for (size_t i = 0; i < facts->product_count; i++) {
        nearest_try(&n, facts->products[i].id);
        if (str_eq(facts->products[i].id, id))
            def = &facts->products[i];
    }
    if (!def)
        sandbox_fail(L, "there is no product \"%.60s\"%s", id.ptr, bind_suggestion(&n, near));
    struct product_fact *p = SANDBOX_ARRAY(L, 1, struct product_fact);
    struct fact *f = SANDBOX_ARRAY(L, 1, struct fact);
    host_product(facts->host, def, sandbox_of(L)->mem, p);
    *f = (struct fact){.kind = FACT_PRODUCT, .reason = p->reason, .path = def->name, .product = p};
    f->state = p->state == PRODUCT_ABSENT    ? FACT_ABSENT
               : p->state == PRODUCT_UNKNOWN ? FACT_UNREADABLE
                                             : FACT_FOUND;
    f->conflict = p->state == PRODUCT_CONFLICT;
    for (size_t i = 0; i < p->reading_count; i++)
        evidence_add(&check_of(L)->out->evidence, &p->readings[i].evidence);
    fact_push(L, f, NULL);
    return 1;
}

int bind_host_service(lua_State *L)
{
    struct str name = name_argument(L, NEED_SERVICE, "service");
    struct sandbox *s = sandbox_of(L);
    struct service_fact *svc = SANDBOX_ARRAY(L, 1, struct service_fact);
    struct fact *f = SANDBOX_ARRAY(L, 1, struct fact);
    host_service(check_of(L)->facts->host, name, s->mem, svc);
    *f = (struct fact){.kind = FACT_SERVICE, .state = svc->state, .reason = svc->reason};
    f->name = name;
    f->path = str_fmt(s->mem, "service " STR_FMT, STR_ARG(name));
    f->service = svc;
    fact_push(L, f, &svc->evidence);
    return 1;
}

int bind_host_file(lua_State *L)
{
    struct str path = name_argument(L, NEED_FILE, "file");
    enum reg_view view = VIEW_NATIVE;
    if (!lua_isnoneornil(L, 2)) {
        struct str text = sandbox_checkstr(L, 2, "host.file: the view");
        if (str_eq(text, STR("32")))
            view = VIEW_32;
        else if (!str_eq(text, STR("native")))
            sandbox_fail(L, "host.file: the view is \"%.20s\", want native or 32", text.ptr);
    }
    struct file_fact *file = SANDBOX_ARRAY(L, 1, struct file_fact);
    struct fact *f = SANDBOX_ARRAY(L, 1, struct fact);
    host_file(check_of(L)->facts->host, path, view, sandbox_of(L)->mem, file);
    *f = (struct fact){.kind = FACT_FILE, .state = file->state, .reason = file->reason};
    f->path = path;
    f->file = file;
    fact_push(L, f, &file->evidence);
    return 1;
}

/* ---- events -------------------------------------------------------------------------------- */

static void take_ids(lua_State *L, const struct value *fields, struct event_query *q)
{
    const struct value *v = value_get(fields, "ids");
    if (!v)
        return;
    uint32_t *ids = SANDBOX_ARRAY(L, v->list.count, uint32_t);
    for (size_t i = 0; i < v->list.count; i++) {
        int64_t id = v->list.items[i].integer;
        if (id < 0 || id > UINT32_MAX)
            sandbox_fail(L, "host.events: %lld is no event id", (long long)id);
        ids[i] = (uint32_t)id;
    }
    q->ids = ids;
    q->id_count = v->list.count;
}

static void take_providers(lua_State *L, const struct value *fields, struct event_query *q)
{
    const struct value *v = value_get(fields, "providers");
    if (!v)
        return;
    q->providers = SANDBOX_ARRAY(L, v->list.count, struct str);
    q->provider_count = v->list.count;
    for (size_t i = 0; i < v->list.count; i++)
        q->providers[i] = v->list.items[i].text;
}

static uint64_t time_field(const struct value *fields, const char *name)
{
    const struct value *v = value_get(fields, name);
    return v ? wtime_from_unix(v->integer) : 0;
}

/* False when the window hangs on a reference time that is not known. */
static bool take_window(lua_State *L, const struct value *fields, struct event_query *q)
{
    const struct value *days = value_get(fields, "window_days");
    const struct reference_time *now = host_reference(check_of(L)->facts->host);
    q->since = time_field(fields, "since");
    q->until = time_field(fields, "until_");
    if (!days)
        return true;
    if (q->since || q->until)
        sandbox_fail(L, "host.events: window_days beside since or until_");
    uint64_t window = (uint64_t)days->integer * WTIME_DAY;
    q->until = now->time;
    q->since = now->time > window ? now->time - window : 1;
    return now->trusted && now->time != 0;
}

static void note_coverage(struct check *c, const struct event_answer *a)
{
    struct coverage *kept = &c->out->coverage;
    if (!kept->known || (kept->complete && !a->coverage.complete))
        *kept = a->coverage;
    if (!a->coverage.complete && c->uncovered.len == 0)
        c->uncovered = a->coverage.reason.len ? a->coverage.reason : STR("coverage is not known");
}

int bind_host_events(lua_State *L)
{
    check_needs(L, NEED_EVENTS, "events");
    if (thing_test(L, 1, THING_HOST))
        sandbox_fail(L, "write host.events{...}, with a dot");
    struct value fields = value_fields(L, 1, &schema_events_query);
    struct sandbox *s = sandbox_of(L);
    struct check *c = check_of(L);
    struct event_query q = {.channel = value_text_of(&fields, "channel")};
    q.by_image = value_get(&fields, "group_by") != NULL;
    take_ids(L, &fields, &q);
    take_providers(L, &fields, &q);
    bool known = take_window(L, &fields, &q);
    struct event_answer *a = SANDBOX_ARRAY(L, 1, struct event_answer);
    struct fact *f = SANDBOX_ARRAY(L, 1, struct fact);
    sandbox_charge(L, 1000);
    sandbox_reserve(L);
    if (known) {
        host_events(c->facts->host, &q, s->mem, a);
        if (a->state == FACT_FOUND)
            note_coverage(c, a);
    } else {
        a->state = FACT_UNREADABLE;
        a->reason = STR("the reference time is not known, give --at");
    }
    *f = (struct fact){.kind = FACT_EVENTS, .state = a->state, .reason = a->reason, .events = a};
    f->path = str_fmt(s->mem, STR_FMT " log", STR_ARG(q.channel));
    fact_push(L, f, &a->evidence);
    return 1;
}
