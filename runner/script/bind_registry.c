/* host.registry: values and keys, as facts. */
#include "script/bind.h"
#include "script/fact.h"

enum { NAMES_MAX = 65536 };

static const char *type_name(uint32_t type, char buf[16])
{
    static const char *const names[] = {"REG_NONE",
                                        "REG_SZ",
                                        "REG_EXPAND_SZ",
                                        "REG_BINARY",
                                        "REG_DWORD",
                                        "REG_DWORD_BIG_ENDIAN",
                                        "REG_LINK",
                                        "REG_MULTI_SZ",
                                        "REG_RESOURCE_LIST",
                                        "REG_FULL_RESOURCE_DESCRIPTOR",
                                        "REG_RESOURCE_REQUIREMENTS_LIST",
                                        "REG_QWORD"};
    if (type < sizeof names / sizeof *names)
        return names[type];
    snprintf(buf, 16, "%u", (unsigned)type);
    return buf;
}

static void push_number(lua_State *L, const struct fact *f)
{
    char buf[16];
    if (!f->value->has_number)
        check_stop(L, VERDICT_UNKNOWN, STR_FMT " is no number: %s of %zu bytes", STR_ARG(f->path),
                   type_name(f->value->type, buf), f->value->data.len);
    lua_pushinteger(L, (lua_Integer)f->value->number);
}

void bind_registry_push_data(lua_State *L, const struct fact *f)
{
    const struct reg_value *v = f->value;
    switch (v->type) {
    case 1:
    case 2:
    case 6:
        lua_pushlstring(L, v->text.ptr ? v->text.ptr : "", v->text.len);
        return;
    case 4:
    case 5:
    case 11:
        push_number(L, f);
        return;
    case 7:
        lua_createtable(L, 0, 0);
        for (size_t i = 0; i < v->string_count; i++) {
            lua_pushlstring(L, v->strings[i].ptr ? v->strings[i].ptr : "", v->strings[i].len);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        sandbox_charge(L, v->string_count);
        return;
    default:
        lua_pushlstring(L, v->data.ptr ? (const char *)v->data.ptr : "", v->data.len);
    }
}

int bind_registry_field_type(lua_State *L)
{
    char buf[16];
    lua_pushstring(L, type_name(fact_self(L, true)->value->type, buf));
    return 1;
}

int bind_registry_field_data(lua_State *L)
{
    bind_registry_push_data(L, fact_self(L, true));
    return 1;
}

int bind_registry_field_text(lua_State *L)
{
    char buf[16];
    const struct fact *f = fact_self(L, true);
    if (f->value->type != 1 && f->value->type != 2)
        check_stop(L, VERDICT_UNKNOWN, STR_FMT " is no text but %s", STR_ARG(f->path),
                   type_name(f->value->type, buf));
    bind_registry_push_data(L, f);
    return 1;
}

int bind_registry_field_number(lua_State *L)
{
    push_number(L, fact_self(L, true));
    return 1;
}

/* ---- methods ------------------------------------------------------------------------------- */

static void check_self(lua_State *L, const char *method)
{
    check_needs(L, NEED_REGISTRY, "registry");
    if (!thing_test(L, 1, THING_REGISTRY))
        sandbox_fail(L, "write host.registry:%s(...), with a colon", method);
}

static enum reg_view check_view(lua_State *L, int index)
{
    if (lua_isnoneornil(L, index))
        return VIEW_NATIVE;
    struct str s = sandbox_checkstr(L, index, "the view");
    if (str_eq(s, STR("native")))
        return VIEW_NATIVE;
    if (!str_eq(s, STR("32")))
        sandbox_fail(L, "the view is \"%.20s\", want native or 32", s.ptr);
    return VIEW_32;
}

static void push_value(lua_State *L, struct str key, struct str name, enum reg_view view)
{
    struct sandbox *s = sandbox_of(L);
    struct reg_value *v = SANDBOX_ARRAY(L, 1, struct reg_value);
    struct fact *f = SANDBOX_ARRAY(L, 1, struct fact);
    sandbox_charge(L, 50);
    sandbox_reserve(L);
    host_reg_value(check_of(L)->facts->host, key, name, view, s->mem, v);
    *f = (struct fact){.kind = FACT_REGISTRY, .state = v->state, .reason = v->reason, .name = name};
    f->value = v;
    f->path = str_fmt(s->mem, STR_FMT "\\" STR_FMT, STR_ARG(key),
                      STR_ARG(name.len ? name : STR("(default)")));
    fact_push(L, f, &v->evidence);
}

int bind_registry_value(lua_State *L)
{
    check_self(L, "value");
    struct str key = sandbox_checkstr(L, 2, "the key");
    struct str name = sandbox_checkstr(L, 3, "the value's name");
    enum reg_view view = check_view(L, 4);
    push_value(L, sandbox_str(L, key), sandbox_str(L, name), view);
    return 1;
}

/* What an iterator walks; in the arena. */
struct walk {
    struct str key;
    enum reg_view view;
    const struct str *names;
    size_t count, next;
};

static struct walk *open_walk(lua_State *L, const char *method, bool values)
{
    check_self(L, method);
    struct sandbox *s = sandbox_of(L);
    struct check *c = check_of(L);
    struct walk *w = SANDBOX_ARRAY(L, 1, struct walk);
    w->key = sandbox_str(L, sandbox_checkstr(L, 2, "the key"));
    w->view = check_view(L, 3);
    struct reg_key *k = SANDBOX_ARRAY(L, 1, struct reg_key);
    sandbox_charge(L, 50);
    sandbox_reserve(L);
    host_reg_key(c->facts->host, w->key, w->view, true, s->mem, k);
    if (k->evidence.artefact.len || k->evidence.where.len)
        evidence_add(&c->out->evidence, &k->evidence);
    c->looked_at++;
    sandbox_check_memory(L);
    if (k->state == FACT_UNREADABLE || k->state == FACT_NOT_COLLECTED)
        check_stop(L, VERDICT_UNKNOWN, STR_FMT " is %s%s" STR_FMT, STR_ARG(w->key),
                   k->state == FACT_UNREADABLE ? "unreadable" : "not collected",
                   k->reason.len ? ": " : "", STR_ARG(k->reason));
    if (k->state == FACT_FOUND) {
        w->names = values ? k->values : k->subkeys;
        w->count = values ? k->value_count : k->subkey_count;
    }
    if (w->count > NAMES_MAX)
        check_stop(L, VERDICT_UNKNOWN, STR_FMT " has %zu entries, at most %d are read",
                   STR_ARG(w->key), w->count, NAMES_MAX);
    return w;
}

static int next_value(lua_State *L)
{
    struct walk *w = lua_touserdata(L, lua_upvalueindex(1));
    if (w->next == w->count)
        return 0;
    push_value(L, w->key, w->names[w->next++], w->view);
    return 1;
}

static int next_key(lua_State *L)
{
    struct walk *w = lua_touserdata(L, lua_upvalueindex(1));
    if (w->next == w->count)
        return 0;
    struct str name = w->names[w->next++];
    lua_pushlstring(L, name.ptr ? name.ptr : "", name.len);
    return 1;
}

int bind_registry_values(lua_State *L)
{
    lua_pushlightuserdata(L, open_walk(L, "values", true));
    lua_pushcclosure(L, next_value, 1);
    return 1;
}

int bind_registry_keys(lua_State *L)
{
    lua_pushlightuserdata(L, open_walk(L, "keys", false));
    lua_pushcclosure(L, next_key, 1);
    return 1;
}
