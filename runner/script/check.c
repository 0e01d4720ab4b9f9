/* Running a rule's check function, and what it may return. */
#include <stdarg.h>

#include "base/wtime.h"
#include "script/bind.h"
#include "script/fact.h"
#include "script/value.h"

enum { FINDINGS_KEPT = 256, TEXT_KEPT = 1024 };

struct finding {
    struct finding *next;
    struct str where, text;
};

struct findings {
    struct finding *first, **last;
    size_t kept, count;
};

struct outcome {
    enum verdict verdict;
    struct str message;
    struct value observed, expected;
};

struct check *check_of(lua_State *L)
{
    return sandbox_of(L)->context;
}

void check_stop(lua_State *L, enum verdict verdict, const char *fmt, ...)
{
    char text[TEXT_KEPT];
    struct check *c = check_of(L);
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    c->out->message = sandbox_str(L, str_of(text));
    c->out->verdict = verdict;
    c->stopped = true;
    sandbox_of(L)->decided = true;
    sandbox_unwind(L);
}

void check_needs(lua_State *L, unsigned need, const char *name)
{
    if (sandbox_of(L)->phase != PHASE_CHECK || !check_of(L)->running)
        sandbox_fail(L, "%s is only there while a check function runs", name);
    const struct rule *r = check_of(L)->rule;
    if ((r->needs & need) != need)
        sandbox_fail(L, "rule \"" STR_FMT "\" reads host.%s, but its needs do not list \"%s\"",
                     STR_ARG(r->id), name, name);
}

/* ---- the host object ----------------------------------------------------------------------- */

static int host_registry(lua_State *L)
{
    check_needs(L, NEED_REGISTRY, "registry");
    thing_new(L, THING_REGISTRY, NULL);
    return 1;
}

static int push_function(lua_State *L, unsigned need, const char *name, lua_CFunction fn)
{
    check_needs(L, need, name);
    lua_pushcfunction(L, fn);
    return 1;
}

static int host_product_function(lua_State *L)
{
    return push_function(L, NEED_PRODUCT, "product", bind_host_product);
}

static int host_service_function(lua_State *L)
{
    return push_function(L, NEED_SERVICE, "service", bind_host_service);
}

static int host_events_function(lua_State *L)
{
    return push_function(L, NEED_EVENTS, "events", bind_host_events);
}

static int host_file_function(lua_State *L)
{
    return push_function(L, NEED_FILE, "file", bind_host_file);
}

static int host_signature_function(lua_State *L)
{
    return push_function(L, NEED_SIGNATURE, "signature", bind_host_signature);
}

static int host_certificates_function(lua_State *L)
{
    return push_function(L, NEED_CERTIFICATES, "certificates", bind_host_certificates);
}

static int host_lists_function(lua_State *L)
{
    return push_function(L, NEED_LISTS, "lists", bind_host_lists);
}

static int host_is_64bit_field(lua_State *L)
{
    lua_pushboolean(L, host_is_64bit(check_of(L)->facts->host));
    return 1;
}

/* The version of Windows NT: "5.1", "6.1", "10.0". */
static int host_nt_version_field(lua_State *L)
{
    unsigned v = host_nt_version(check_of(L)->facts->host);
    if (v == 0)
        check_stop(L, VERDICT_UNKNOWN, "the version of Windows is not known");
    fact_push_version(L, (struct version){.part = {(uint16_t)(v / 100), (uint16_t)(v % 100)}});
    return 1;
}

static int host_inputs(lua_State *L)
{
    const struct policy *p = check_of(L)->rule->policy;
    lua_createtable(L, 0, (int)p->input_count);
    for (size_t i = 0; i < p->input_count; i++) {
        lua_pushlstring(L, p->inputs[i].name.ptr, p->inputs[i].name.len);
        value_push(L, &p->inputs[i].value);
        lua_rawset(L, -3);
    }
    bind_freeze(L, "host.inputs", NULL);
    return 1;
}

static int host_reference_time(lua_State *L)
{
    const struct reference_time *now = host_reference(check_of(L)->facts->host);
    if (!now->trusted || now->time == 0)
        check_stop(L, VERDICT_UNKNOWN, "the reference time is not known, give --at");
    lua_pushinteger(L, wtime_to_unix(now->time));
    return 1;
}

int fact_host_index(lua_State *L)
{
    return bind_class_index(L, bind_check, "Host");
}

static int method_value(lua_State *L)
{
    lua_pushcfunction(L, bind_registry_value);
    return 1;
}

static int method_values(lua_State *L)
{
    lua_pushcfunction(L, bind_registry_values);
    return 1;
}

static int method_keys(lua_State *L)
{
    lua_pushcfunction(L, bind_registry_keys);
    return 1;
}

int fact_registry_index(lua_State *L)
{
    return bind_class_index(L, bind_check, "Registry");
}

/* ---- outcomes ------------------------------------------------------------------------------ */

static int make_findings(lua_State *L)
{
    check_needs(L, 0, "findings");
    struct findings *f = SANDBOX_ARRAY(L, 1, struct findings);
    f->last = &f->first;
    thing_new(L, THING_FINDINGS, f);
    return 1;
}

/* Text of an argument: a text, number, version or fact. */
static struct str spoken(lua_State *L, int index, const char *what)
{
    int type = lua_type(L, index);
    bool fact = thing_test(L, index, THING_FACT);
    if (type != LUA_TSTRING && type != LUA_TNUMBER && !fact && !thing_test(L, index, THING_VERSION))
        sandbox_fail(L, "%s is %s, want text", what, thing_words(L, index));
    if (fact) {
        const struct thing *t = thing_any(L, index);
        return ((const struct fact *)t->ptr)->path;
    }
    thing_tostring(L, index);
    struct str s;
    s.ptr = lua_tolstring(L, -1, &s.len);
    if (s.len > TEXT_KEPT)
        s.len = TEXT_KEPT;
    s = sandbox_str(L, s);
    lua_pop(L, 1);
    return s;
}

static int findings_add(lua_State *L)
{
    const struct thing *t = thing_test(L, 1, THING_FINDINGS);
    if (!t)
        sandbox_fail(L, "write bag:add(where, text), with a colon");
    struct findings *f = t->ptr;
    struct str where = spoken(L, 2, "add: where"), text = spoken(L, 3, "add: the text");
    f->count++;
    if (f->kept == FINDINGS_KEPT)
        return 0;
    struct finding *item = SANDBOX_ARRAY(L, 1, struct finding);
    *item = (struct finding){NULL, where, text};
    *f->last = item;
    f->last = &item->next;
    f->kept++;
    return 0;
}

static int method_add(lua_State *L)
{
    lua_pushcfunction(L, findings_add);
    return 1;
}

int fact_findings_index(lua_State *L)
{
    return bind_class_index(L, bind_check, "Findings");
}

static struct outcome *new_outcome(lua_State *L, enum verdict verdict, const char *what)
{
    check_needs(L, 0, what);
    struct outcome *o = SANDBOX_ARRAY(L, 1, struct outcome);
    o->verdict = verdict;
    if (verdict != VERDICT_PASS || !lua_isnoneornil(L, 1))
        o->message = spoken(L, 1, what);
    if (verdict == VERDICT_FAIL && !lua_isnoneornil(L, 2)) {
        struct value fields = value_fields(L, 2, &schema_fail_values);
        const struct value *observed = value_get(&fields, "observed");
        const struct value *expected = value_get(&fields, "expected");
        o->observed = observed ? *observed : value_null();
        o->expected = expected ? *expected : value_null();
    }
    thing_new(L, THING_OUTCOME, o);
    return o;
}

static int make_pass(lua_State *L)
{
    (void)new_outcome(L, VERDICT_PASS, "pass");
    return 1;
}

static int make_fail(lua_State *L)
{
    (void)new_outcome(L, VERDICT_FAIL, "fail");
    return 1;
}

static int make_unknown(lua_State *L)
{
    (void)new_outcome(L, VERDICT_UNKNOWN, "unknown");
    return 1;
}

static int make_not_applicable(lua_State *L)
{
    (void)new_outcome(L, VERDICT_NOT_APPLICABLE, "not_applicable");
    return 1;
}

static int make_version(lua_State *L)
{
    struct version v;
    struct str s = sandbox_checkstr(L, 1, "version: the text");
    if (!version_parse(s, &v))
        sandbox_fail(L, "version: \"%.40s\" is no version", s.ptr);
    fact_push_version(L, v);
    return 1;
}

/* ---- the verdict --------------------------------------------------------------------------- */

static void set_findings(lua_State *L, const struct findings *f, struct result *out)
{
    out->verdict = f->count ? VERDICT_FAIL : VERDICT_PASS;
    if (f->count == 0) {
        out->message = STR("nothing found");
        return;
    }
    struct arena *a = sandbox_of(L)->mem;
    out->message =
        str_fmt(a, STR_FMT ": " STR_FMT, STR_ARG(f->first->where), STR_ARG(f->first->text));
    if (f->count > 1)
        out->message = str_fmt(a, STR_FMT ", and %zu more", STR_ARG(out->message), f->count - 1);
    out->observed.text = str_fmt(a, "%zu finding%s", f->count, f->count == 1 ? "" : "s");
    out->expected.text = STR("no findings");
    struct value list = {.kind = VALUE_LIST};
    list.list.items = SANDBOX_ARRAY(L, f->kept, struct value);
    for (const struct finding *i = f->first; i; i = i->next) {
        struct value_member *m = SANDBOX_ARRAY(L, 2, struct value_member);
        m[0] = (struct value_member){STR("where"), value_text(i->where)};
        m[1] = (struct value_member){STR("text"), value_text(i->text)};
        struct value *v = &list.list.items[list.list.count++];
        v->kind = VALUE_MAP;
        v->map.members = m;
        v->map.count = 2;
    }
    out->observed.value = list;
}

static struct str plain_text(struct arena *a, const struct value *v)
{
    switch (v->kind) {
    case VALUE_TEXT:
        return v->text;
    case VALUE_INT:
        return str_fmt(a, "%lld", (long long)v->integer);
    case VALUE_NUMBER:
        return str_fmt(a, "%.14g", v->number);
    case VALUE_BOOL:
        return v->boolean ? STR("true") : STR("false");
    default:
        return (struct str){"", 0};
    }
}

static void set_outcome(lua_State *L, const struct outcome *o, struct result *out)
{
    struct arena *a = sandbox_of(L)->mem;
    out->verdict = o->verdict;
    out->message = o->message;
    out->observed = (struct observation){plain_text(a, &o->observed), o->observed};
    out->expected = (struct observation){plain_text(a, &o->expected), o->expected};
}

/* A pass, or "does not apply", needs every fact that was asked for, and all of the window. */
static void doubt(lua_State *L, struct check *c, struct sandbox_place at)
{
    struct result *out = c->out;
    if (out->verdict != VERDICT_PASS && out->verdict != VERDICT_NOT_APPLICABLE)
        return;
    const struct fact *unread = fact_unread(c);
    if (unread)
        check_stop(L, unread->conflict ? VERDICT_CONFLICT : VERDICT_UNKNOWN, STR_FMT,
                   STR_ARG(fact_unread_text(unread, out->evidence.mem)));
    if (out->verdict == VERDICT_PASS && c->looked_at == 0)
        sandbox_fail_at(L, at, "rule \"" STR_FMT "\": the check passes without having read a fact",
                        STR_ARG(c->rule->id));
    if (c->uncovered.len && out->verdict == VERDICT_PASS)
        check_stop(L, VERDICT_UNKNOWN, "the log does not cover the whole window: " STR_FMT,
                   STR_ARG(c->uncovered));
}

static void conclude(lua_State *L, struct check *c)
{
    struct sandbox_place at = {0, c->rule->line};
    const struct thing *bag = thing_test(L, -1, THING_FINDINGS);
    const struct thing *outcome = thing_test(L, -1, THING_OUTCOME);
    if (!bag && !outcome)
        sandbox_fail_at(L, at,
                        "rule \"" STR_FMT "\": the check returned %s, want findings(), pass, fail, "
                        "unknown or not_applicable",
                        STR_ARG(c->rule->id), thing_words(L, -1));
    if (bag)
        set_findings(L, bag->ptr, c->out);
    else
        set_outcome(L, outcome->ptr, c->out);
    doubt(L, c, at);
    sandbox_check_memory(L);
}

static const struct rule *own_rule(lua_State *L, const struct check *c)
{
    const struct policy *p = c->load.policy;
    const struct rule *r = c->rule;
    if (!p || r->index >= p->rule_count || !str_eq(p->rules[r->index].id, r->id) ||
        !p->rules[r->index].has_check)
        sandbox_fail(L, "rule \"" STR_FMT "\" has no check function any more", STR_ARG(r->id));
    return &p->rules[r->index];
}

void check_push(lua_State *L)
{
    load_push_check(L, own_rule(L, check_of(L)));
}

int check_run(lua_State *L)
{
    struct check *c = check_of(L);
    check_push(L);
    thing_new(L, THING_HOST, NULL);
    sandbox_of(L)->mem = c->out->evidence.mem; /* what is read from now on outlives the state */
    c->running = sandbox_of(L)->covering = true;
    lua_call(L, 1, 1);
    c->running = sandbox_of(L)->covering = false;
    conclude(L, c);
    return 0;
}

enum { IN_POLICY = PHASE_POLICY | PHASE_CHECK };

const struct binding bind_check[] = {
    {"", "fail", make_fail, IN_POLICY},
    {"", "findings", make_findings, IN_POLICY},
    {"", "not_applicable", make_not_applicable, IN_POLICY},
    {"", "pass", make_pass, IN_POLICY},
    {"", "unknown", make_unknown, IN_POLICY},
    {"", "version", make_version, IN_POLICY},
    {"Findings", "add", method_add, 0},
    {"Host", "certificates", host_certificates_function, 0},
    {"Host", "events", host_events_function, 0},
    {"Host", "file", host_file_function, 0},
    {"Host", "inputs", host_inputs, 0},
    {"Host", "is_64bit", host_is_64bit_field, 0},
    {"Host", "lists", host_lists_function, 0},
    {"Host", "nt_version", host_nt_version_field, 0},
    {"Host", "product", host_product_function, 0},
    {"Host", "reference_time", host_reference_time, 0},
    {"Host", "registry", host_registry, 0},
    {"Host", "service", host_service_function, 0},
    {"Host", "signature", host_signature_function, 0},
    {"Registry", "keys", method_keys, 0},
    {"Registry", "value", method_value, 0},
    {"Registry", "values", method_values, 0},
    {NULL, NULL, NULL, 0},
};
