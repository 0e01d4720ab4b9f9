/* policy{} and rule{}: from tables to model structs. */
#include "script/bind_repair.h"
#include "script/load.h"
#include "script/value.h"

enum { RULES_MAX = 4096, INPUTS_MAX = 256, REMEDIES_MAX = 32, CAUSES_MAX = 64 };

static const struct {
    const char *name;
    unsigned bit;
} needs[] = {{"registry", NEED_REGISTRY},
             {"product", NEED_PRODUCT},
             {"service", NEED_SERVICE},
             {"events", NEED_EVENTS},
             {"file", NEED_FILE},
             {"signature", NEED_SIGNATURE},
             {"certificates", NEED_CERTIFICATES},
             {"lists", NEED_LISTS}};

/* ---- rule ---------------------------------------------------------------------------------- */

static void take_texts(lua_State *L, const struct value *fields, const char *name, struct str **out,
                       size_t *count)
{
    const struct value *v = value_get(fields, name);
    if (!v)
        return;
    *out = SANDBOX_ARRAY(L, v->list.count, struct str);
    *count = v->list.count;
    for (size_t i = 0; i < v->list.count; i++)
        (*out)[i] = v->list.items[i].text;
}

static unsigned need_bit(lua_State *L, struct str name)
{
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (str_eq(str_of(needs[i].name), name))
            return needs[i].bit;
    struct nearest n = nearest_of(name);
    char near[96];
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        nearest_try(&n, str_of(needs[i].name));
    sandbox_fail(L,
                 "rule: needs \"%.40s\", want registry, product, service, events, file, "
                 "signature, certificates or lists%s",
                 name.ptr, bind_suggestion(&n, near));
}

static void take_needs(lua_State *L, const struct value *fields, struct rule *r)
{
    const struct value *v = value_get(fields, "needs");
    if (!v && r->has_check)
        sandbox_fail(L, "rule: field \"needs\" is missing (%s)",
                     schema_field(&schema_rule, STR("needs"))->sentence);
    if (v && !r->has_check)
        sandbox_fail(L, "rule: field \"needs\" goes with check, a want needs none");
    for (size_t i = 0; v && i < v->list.count; i++)
        r->needs |= need_bit(L, v->list.items[i].text);
}

static void take_remedy(lua_State *L, int index, struct rule *r, struct repairs *out)
{
    const struct thing *t = thing_test(L, index, THING_REMEDY);
    const struct thing *want = thing_test(L, index, THING_WANT);
    const struct remedy *m = t ? t->ptr : NULL;
    if (!m && !want)
        sandbox_fail(L, "rule: field \"repair\" is %s, want %s", thing_words(L, index),
                     field_type_words(FIELD_REMEDIES));
    if (want)
        repair_enforce(L, want->ptr, out);
    else if (m->kind != REMEDY_ENFORCE)
        repair_add(L, out, m);
    else if (r->want)
        repair_enforce(L, r->want, out);
    else
        sandbox_fail(L, "rule: enforce() goes with want, and this rule has a check function");
}

static void take_repair(lua_State *L, struct rule *r)
{
    int type = lua_getfield(L, 1, "repair");
    int index = lua_gettop(L);
    size_t n = type == LUA_TTABLE ? (size_t)lua_rawlen(L, index) : 1, keys = 0;
    if (type == LUA_TNIL)
        return;
    if (type == LUA_TTABLE) {
        for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
            keys++;
        if (n == 0 || keys != n || n > REMEDIES_MAX)
            sandbox_fail(L, "rule: field \"repair\": want a plain list of 1 to %d remedies",
                         REMEDIES_MAX);
    }
    struct repairs *all = SANDBOX_ARRAY(L, 1, struct repairs);
    if (type != LUA_TTABLE)
        take_remedy(L, index, r, all);
    for (size_t i = 0; type == LUA_TTABLE && i < n; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        take_remedy(L, lua_gettop(L), r, all);
        lua_pop(L, 1);
    }
    r->remedies = all->items;
    r->remedy_count = all->count;
    lua_pop(L, 1);
}

/* Exactly one of `want` and `check`. */
static void take_body(lua_State *L, struct rule *r)
{
    int want = lua_getfield(L, 1, "want"), check = lua_getfield(L, 1, "check");
    if (want == LUA_TNIL && check == LUA_TNIL)
        sandbox_fail(L, "rule \"" STR_FMT "\" has neither want nor check", STR_ARG(r->id));
    if (want != LUA_TNIL && check != LUA_TNIL)
        sandbox_fail(L, "rule \"" STR_FMT "\" has both want and check, one is wanted",
                     STR_ARG(r->id));
    if (want != LUA_TNIL) {
        const struct thing *t = thing_test(L, -2, THING_WANT);
        if (!t)
            sandbox_fail(L, "rule: field \"want\" is %s, want a state such as registry.value(...)",
                         thing_words(L, -2));
        r->want = t->ptr;
    } else {
        if (check != LUA_TFUNCTION)
            sandbox_fail(L, "rule: field \"check\" is %s, want a function", thing_words(L, -1));
        r->has_check = true;
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, r);
    }
    lua_pop(L, 2);
}

/* The condition under which a policy or a rule concerns a host. */
static struct want *take_applies(lua_State *L, const char *of)
{
    int type = lua_getfield(L, 1, "applies");
    const struct thing *t = thing_test(L, -1, THING_WANT);
    if (type != LUA_TNIL && !t)
        sandbox_fail(L,
                     "%s: field \"applies\" is %s, want a state such as windows.version(at_least "
                     "\"6.1\")",
                     of, thing_words(L, -1));
    lua_pop(L, 1);
    return t ? t->ptr : NULL;
}

static int make_rule(lua_State *L)
{
    struct value fields = value_fields(L, 1, &schema_rule);
    struct rule *r = SANDBOX_ARRAY(L, 1, struct rule);
    r->id = value_text_of(&fields, "id");
    r->title = value_text_of(&fields, "title");
    r->rationale = value_text_of(&fields, "rationale");
    (void)severity_parse(value_text_of(&fields, "severity"), &r->severity);
    take_texts(L, &fields, "references", &r->references, &r->reference_count);
    r->applies = take_applies(L, "rule");
    take_body(L, r);
    take_needs(L, &fields, r);
    take_repair(L, r);
    struct thing *t = thing_new(L, THING_RULE, r);
    r->line = t->at.line;
    return 1;
}

/* ---- inputs of a policy -------------------------------------------------------------------- */

static bool input_name_ok(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') ||
              (i > 0 && ((c >= '0' && c <= '9') || c == '_' || c == '-'))))
            return false;
    }
    return s.len > 0 && s.len <= 64;
}

static int input_order(const void *a, const void *b)
{
    const struct input *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

static void take_inputs(lua_State *L, struct policy *p)
{
    int type = lua_getfield(L, 1, "inputs"), index = lua_gettop(L);
    if (type == LUA_TNIL)
        return;
    if (type != LUA_TTABLE)
        sandbox_fail(L, "policy: field \"inputs\" is %s, want %s", thing_words(L, index),
                     field_type_words(FIELD_INPUTS));
    size_t n = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
        n++;
    if (n > INPUTS_MAX)
        sandbox_fail(L, "policy: more than %d inputs", INPUTS_MAX);
    p->inputs = SANDBOX_ARRAY(L, n, struct input);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            sandbox_fail(L, "policy: inputs: an element without a name");
        struct str name;
        name.ptr = lua_tolstring(L, -2, &name.len);
        if (!input_name_ok(name))
            sandbox_fail(L, "policy: input \"%.40s\": want a name of a-z, 0-9, _ and -", name.ptr);
        const struct thing *t = thing_test(L, -1, THING_INPUT_DEF);
        if (!t)
            sandbox_fail(L, "policy: input \"" STR_FMT "\" is %s, want input.text{...} or the like",
                         STR_ARG(name), thing_words(L, -1));
        p->inputs[p->input_count] = *(const struct input *)t->ptr;
        p->inputs[p->input_count++].name = sandbox_str(L, name);
    }
    qsort(p->inputs, p->input_count, sizeof *p->inputs, input_order);
    lua_pop(L, 1);
}

static bool input_fits(enum field_type field, enum input_type input)
{
    switch (field) {
    case FIELD_INT:
        return input == INPUT_INT;
    case FIELD_NUMBER:
        return input == INPUT_NUMBER || input == INPUT_INT;
    case FIELD_BOOL:
        return input == INPUT_BOOL;
    case FIELD_VERSION:
        return input == INPUT_VERSION;
    case FIELD_TEXTS:
        return input == INPUT_LIST;
    case FIELD_ANY:
        return input != INPUT_BOOL && input != INPUT_LIST && input != INPUT_NUMBER;
    default:
        return input == INPUT_TEXT || input == INPUT_VERSION;
    }
}

/* A window must stay positive, also when --set gives it. */
static void bound_count(lua_State *L, struct input *in, const struct input_use *use)
{
    if (in->minimum.kind != VALUE_INT || in->minimum.integer < 1)
        in->minimum = value_int(1);
    if (in->maximum.kind != VALUE_INT || in->maximum.integer > LOAD_DAYS_MAX)
        in->maximum = value_int(LOAD_DAYS_MAX);
    if (in->value.integer < in->minimum.integer || in->value.integer > in->maximum.integer)
        sandbox_fail_at(L, use->at, "input \"" STR_FMT "\" is %lld, want 1 to %d here",
                        STR_ARG(in->name), (long long)in->value.integer, LOAD_DAYS_MAX);
}

static _Noreturn void no_such_input(lua_State *L, const struct policy *p,
                                    const struct input_use *use)
{
    struct nearest n = nearest_of(use->name);
    char near[96];
    for (size_t i = 0; i < p->input_count; i++)
        nearest_try(&n, p->inputs[i].name);
    sandbox_fail_at(L, use->at, "the policy has no input \"%.60s\"%s", use->name.ptr,
                    bind_suggestion(&n, near));
}

static void check_uses(lua_State *L, struct policy *p)
{
    for (const struct input_use *use = load_of(L)->uses; use; use = use->next) {
        struct input *in = NULL;
        for (size_t i = 0; i < p->input_count; i++)
            if (str_eq(p->inputs[i].name, use->name))
                in = &p->inputs[i];
        if (!in)
            no_such_input(L, p, use);
        if (!input_fits(use->type, in->type))
            sandbox_fail_at(L, use->at, "input \"" STR_FMT "\" is %s, want %s here",
                            STR_ARG(in->name), input_type_name(in->type),
                            field_type_words(use->type));
        if (use->flags & FIELD_COUNT)
            bound_count(L, in, use);
    }
}

/* ---- policy -------------------------------------------------------------------------------- */

/* The id is the end of the path, folders joined by dots. */
static bool id_agrees(struct str id, struct str path)
{
    if (path.len < 5 || memcmp(path.ptr + path.len - 4, ".lua", 4) != 0)
        return false;
    path.len -= 4;
    if (path.len < id.len)
        return false;
    const char *end = path.ptr + path.len - id.len;
    for (size_t i = 0; i < id.len; i++) {
        char c = end[i] == '/' || end[i] == '\\' ? '.' : end[i];
        if (c != id.ptr[i] || (end[i] == '.'))
            return false;
    }
    return end == path.ptr || end[-1] == '/' || end[-1] == '\\';
}

/* `lines`: a table, the line of each rule by its id. */
static void add_rule(lua_State *L, struct policy *p, const struct thing *t, int lines)
{
    struct rule *r = &p->rules[p->rule_count];
    *r = *(const struct rule *)t->ptr;
    r->policy = p;
    r->index = p->rule_count++;
    lua_pushlstring(L, r->id.ptr, r->id.len);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, lines) != LUA_TNIL)
        sandbox_fail_at(L, t->at, "rule \"" STR_FMT "\" is there twice, first in line %d",
                        STR_ARG(r->id), (int)lua_tointeger(L, -1));
    lua_pop(L, 1);
    lua_pushinteger(L, r->line);
    lua_rawset(L, lines);
    char *qualified = SANDBOX_ARRAY(L, p->id.len + r->id.len + 2, char);
    snprintf(qualified, p->id.len + r->id.len + 2, STR_FMT "." STR_FMT, STR_ARG(p->id),
             STR_ARG(r->id));
    r->qualified = str_of(qualified);
    if (r->has_check) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, t->ptr);
        lua_rawsetp(L, LUA_REGISTRYINDEX, r);
    }
}

static void take_rules(lua_State *L, struct policy *p)
{
    size_t n = (size_t)lua_rawlen(L, 1);
    if (n == 0)
        sandbox_fail(L, "policy \"" STR_FMT "\" has no rule", STR_ARG(p->id));
    if (n > RULES_MAX)
        sandbox_fail(L, "policy \"" STR_FMT "\" has more than %d rules", STR_ARG(p->id), RULES_MAX);
    p->rules = SANDBOX_ARRAY(L, n, struct rule);
    lua_createtable(L, 0, (int)n);
    int lines = lua_gettop(L);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        const struct thing *t = thing_test(L, -1, THING_RULE);
        if (!t)
            sandbox_fail(L, "policy: list element %zu is %s, want rule{...}", i + 1,
                         thing_words(L, -1));
        add_rule(L, p, t, lines);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* ---- diagnosis ----------------------------------------------------------------------------- */

struct diagnoses {
    struct str symptom, article;
    struct cause *causes;
    size_t count;
};

static int make_cause(lua_State *L)
{
    struct value fields = value_fields(L, 1, &schema_cause);
    struct cause *c = SANDBOX_ARRAY(L, 1, struct cause);
    c->title = value_text_of(&fields, "title");
    c->article = value_text_of(&fields, "article");
    take_texts(L, &fields, "rules", &c->rules, &c->rule_count);
    take_texts(L, &fields, "hints", &c->hints, &c->hint_count);
    struct thing *t = thing_new(L, THING_CAUSE, c);
    c->line = t->at.line;
    return 1;
}

static int make_diagnosis(lua_State *L)
{
    struct value fields = value_fields(L, 1, &schema_diagnosis);
    struct diagnoses *d = SANDBOX_ARRAY(L, 1, struct diagnoses);
    d->symptom = value_text_of(&fields, "symptom");
    d->article = value_text_of(&fields, "article");
    size_t n = (size_t)lua_rawlen(L, 1);
    if (n == 0 || n > CAUSES_MAX)
        sandbox_fail(L, "diagnosis: want 1 to %d causes", CAUSES_MAX);
    d->causes = SANDBOX_ARRAY(L, n, struct cause);
    for (; d->count < n; d->count++) {
        lua_rawgeti(L, 1, (lua_Integer)d->count + 1);
        const struct thing *t = thing_test(L, -1, THING_CAUSE);
        if (!t)
            sandbox_fail(L, "diagnosis: list element %zu is %s, want cause{...}", d->count + 1,
                         thing_words(L, -1));
        d->causes[d->count] = *(const struct cause *)t->ptr;
        lua_pop(L, 1);
    }
    thing_new(L, THING_DIAGNOSIS, d);
    return 1;
}

static bool has_rule(const struct policy *p, struct str id)
{
    for (size_t i = 0; i < p->rule_count; i++)
        if (str_eq(p->rules[i].id, id))
            return true;
    return false;
}

static void check_rule_ids(lua_State *L, const struct policy *p, struct sandbox_place at,
                           const struct str *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (has_rule(p, ids[i]))
            continue;
        struct nearest n = nearest_of(ids[i]);
        char near[96];
        for (size_t k = 0; k < p->rule_count; k++)
            nearest_try(&n, p->rules[k].id);
        sandbox_fail_at(L, at, "diagnosis: the policy has no rule \"%.60s\"%s", ids[i].ptr,
                        bind_suggestion(&n, near));
    }
}

static void take_diagnosis(lua_State *L, struct policy *p)
{
    int type = lua_getfield(L, 1, "diagnosis");
    const struct thing *t = thing_test(L, -1, THING_DIAGNOSIS);
    if (type != LUA_TNIL && !t)
        sandbox_fail(L, "policy: field \"diagnosis\" is %s, want %s", thing_words(L, -1),
                     field_type_words(FIELD_DIAGNOSIS));
    lua_pop(L, 1);
    if (!t)
        return;
    const struct diagnoses *d = t->ptr;
    p->symptom = d->symptom;
    p->symptom_article = d->article;
    p->causes = d->causes;
    p->cause_count = d->count;
    check_rule_ids(L, p, t->at, &d->symptom, 1);
    for (size_t i = 0; i < d->count; i++) {
        struct sandbox_place at = t->at;
        at.line = d->causes[i].line;
        check_rule_ids(L, p, at, d->causes[i].rules, d->causes[i].rule_count);
        check_rule_ids(L, p, at, d->causes[i].hints, d->causes[i].hint_count);
    }
}

static int make_policy(lua_State *L)
{
    struct loading *load = load_of(L);
    struct value fields = value_fields(L, 1, &schema_policy);
    struct policy *p = SANDBOX_ARRAY(L, 1, struct policy);
    p->id = value_text_of(&fields, "id");
    p->title = value_text_of(&fields, "title");
    /* Packs are found by their ids; a file that an admin names may be called anything. */
    if (load->source->builtin && !id_agrees(p->id, load->source->path))
        sandbox_fail(L, "policy id \"" STR_FMT "\" does not agree with the file's path",
                     STR_ARG(p->id));
    take_texts(L, &fields, "references", &p->references, &p->reference_count);
    p->applies = take_applies(L, "policy");
    take_inputs(L, p);
    take_rules(L, p);
    take_diagnosis(L, p);
    check_uses(L, p);
    thing_new(L, THING_POLICY, p);
    return 1;
}

enum { IN_POLICY = PHASE_POLICY | PHASE_CHECK };

const struct binding bind_policy[] = {
    {"", "cause", make_cause, IN_POLICY},
    {"", "diagnosis", make_diagnosis, IN_POLICY},
    {"", "policy", make_policy, IN_POLICY},
    {"", "rule", make_rule, IN_POLICY},
    {NULL, NULL, NULL, 0},
};
