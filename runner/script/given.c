/* What a case says of its host: the table `given`, states, names, times. */
#include "script/given.h"

#include <stdarg.h>

#include "base/utf16.h"
#include "base/wtime.h"
#include "formats/regf.h"
#include "script/bind.h"
#include "script/value.h"

enum { NAMES_MAX = 4096, VALUES_MAX = 65536 };

static const struct field given_fields[] = {
    {"at", FIELD_TEXT, 0, NULL, "the reference time, as --at"},
    {"now", FIELD_TEXT, 0, NULL, "the wall clock"},
    {"os", FIELD_TEXT, FIELD_EMPTY, NULL, "version and architecture, as \"6.1 x64\""},
    {"registry", FIELD_INPUTS, 0, NULL, "keys with their values, as they lie in the hives"},
    {"services", FIELD_INPUTS, 0, NULL, "services and drivers"},
    {"products", FIELD_INPUTS, 0, NULL, "products with their versions"},
    {"files", FIELD_INPUTS, 0, NULL, "files with their text or description"},
    {"events", FIELD_INPUTS, 0, NULL, "event logs with their records"},
    {"certificates", FIELD_INPUTS, 0, NULL, "certificate stores of the machine"},
    {"lists", FIELD_INPUTS, 0, NULL, "Microsoft's trust lists"},
    {"modules", FIELD_INPUTS, 0, NULL, "processes with the files that they have loaded"},
};
const struct schema schema_given = {"given", given_fields,
                                    sizeof given_fields / sizeof *given_fields, NULL};

/* ---- names, in order --------------------------------------------------------------------------
 */

static int name_order(const void *x, const void *y)
{
    return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

struct given_names given_names(lua_State *L, int index, const char *what)
{
    struct given_names names = {NULL, 0};
    index = lua_absindex(L, index);
    if (lua_type(L, index) != LUA_TTABLE)
        sandbox_fail(L, "%s: %s where a table {...} is wanted", what, thing_words(L, index));
    size_t n = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
        n++;
    if (n > NAMES_MAX)
        sandbox_fail(L, "%s: more than %d names", what, NAMES_MAX);
    sandbox_charge(L, n);
    names.items = SANDBOX_ARRAY(L, n, struct str);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            sandbox_fail(L, "%s: an element without a name", what);
        struct str name;
        name.ptr = lua_tolstring(L, -2, &name.len);
        names.items[names.count++] = sandbox_str(L, name);
    }
    if (names.count > 1)
        qsort(names.items, names.count, sizeof *names.items, name_order);
    return names;
}

void given_push(lua_State *L, int index, struct str name)
{
    index = lua_absindex(L, index);
    luaL_checkstack(L, 4, "given");
    lua_pushlstring(L, name.ptr, name.len);
    lua_rawget(L, index);
}

/* ---- states -----------------------------------------------------------------------------------
 */

static int make_state(lua_State *L, enum fact_state state, const char *reason, const char *what)
{
    struct given_state *s = SANDBOX_ARRAY(L, 1, struct given_state);
    s->state = state;
    s->reason = str_of(reason);
    if (!lua_isnoneornil(L, 1))
        s->reason = value_argument(L, 1, FIELD_TEXT, 0, what).text;
    thing_new(L, THING_STATE, s);
    return 1;
}

static int make_denied(lua_State *L)
{
    return make_state(L, FACT_UNREADABLE, "access is denied", "denied: the reason");
}

static int make_damaged(lua_State *L)
{
    return make_state(L, FACT_UNREADABLE, "it is damaged", "damaged: the reason");
}

static int make_not_collected(lua_State *L)
{
    return make_state(L, FACT_NOT_COLLECTED, "", "not_collected: the reason");
}

bool given_state(lua_State *L, int index, struct given_state *out)
{
    const struct thing *t = thing_test(L, index, THING_STATE);
    if (t) {
        *out = *(const struct given_state *)t->ptr;
        return true;
    }
    const struct thing *p = thing_test(L, index, THING_PREDICATE);
    if (!p || ((const struct predicate *)p->ptr)->kind != PRED_ABSENT)
        return false;
    *out = (struct given_state){FACT_ABSENT, {"", 0}};
    return true;
}

uint64_t given_time(lua_State *L, const struct value *fields, const char *name)
{
    uint64_t t = 0;
    struct str text = value_text_of(fields, name);
    if (text.len && !wtime_parse(text, &t))
        sandbox_fail(L, "field \"%s\" is \"%.40s\", want a time such as 2023-05-01T12:00:00Z", name,
                     text.ptr);
    return t;
}

/* ---- values -----------------------------------------------------------------------------------
 */

struct str given_text(lua_State *L, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return sandbox_str(L, str_of(text));
}

void given_add_value(lua_State *L, struct given *out, const struct given_value *v)
{
    /* Room doubles: it is full whenever the count is a power of two. */
    size_t n = out->value_count;
    if (n == VALUES_MAX)
        sandbox_fail(L, "given: more than %d values", VALUES_MAX);
    if ((n & (n - 1)) == 0) {
        struct given_value *grown = SANDBOX_ARRAY(L, n ? 2 * n : 1, struct given_value);
        if (n)
            memcpy(grown, out->values, n * sizeof *grown);
        out->values = grown;
    }
    out->values[out->value_count++] = *v;
}

static struct span utf16_z(lua_State *L, struct str text)
{
    struct str with_end = {
        memcpy(sandbox_alloc(L, text.len + 1, 1), text.ptr ? text.ptr : "", text.len),
        text.len + 1};
    return utf8_to_utf16(sandbox_of(L)->mem, with_end);
}

void given_add_text(lua_State *L, struct given *out, struct str key, const char *name,
                    struct str text)
{
    struct given_value v = {.key = key, .name = str_of(name), .type = REGF_SZ};
    v.data = utf16_z(L, text);
    given_add_value(L, out, &v);
}

static struct span little_endian(lua_State *L, uint64_t number, size_t bytes)
{
    uint8_t *raw = sandbox_alloc(L, bytes, 1);
    for (size_t i = 0; i < bytes; i++)
        raw[i] = (uint8_t)(number >> 8 * i);
    return span_of(raw, bytes);
}

void given_add_dword(lua_State *L, struct given *out, struct str key, const char *name,
                     uint32_t number)
{
    struct given_value v = {.key = key, .name = str_of(name), .type = REGF_DWORD};
    v.data = little_endian(L, number, 4);
    given_add_value(L, out, &v);
}

static struct span multi_text(lua_State *L, const struct value *list)
{
    struct sandbox *s = sandbox_of(L);
    size_t len = 1, at = 0;
    for (size_t i = 0; i < list->list.count; i++)
        len += list->list.items[i].text.len + 1;
    char *text = sandbox_alloc(L, len, 1);
    for (size_t i = 0; i < list->list.count; i++) {
        struct str one = list->list.items[i].text;
        memcpy(text + at, one.ptr, one.len);
        at += one.len;
        text[at++] = 0;
    }
    text[at++] = 0;
    return utf8_to_utf16(s->mem, (struct str){text, at});
}

static void typed_data(lua_State *L, const struct predicate *p, struct given_value *out)
{
    out->type = p->reg_type;
    if (p->kind != PRED_EQUALS || !p->typed || value_input(&p->a))
        sandbox_fail(L, "a given value is no plain dword(...), sz \"...\" or the like");
    switch (p->reg_type) {
    case REGF_DWORD:
    case REGF_QWORD:
        out->data = little_endian(L, (uint64_t)p->a.integer, p->reg_type == REGF_DWORD ? 4 : 8);
        return;
    case REGF_MULTI_SZ:
        out->data = multi_text(L, &p->a);
        return;
    case REGF_BINARY:
        out->data = span_of(p->a.text.ptr, p->a.text.len);
        return;
    default:
        out->data = utf16_z(L, p->a.text);
    }
}

/* dword(5), sz "x", "x", 5, { "a", "b" }, denied(), absent */
static void value_data(lua_State *L, int index, struct given_value *out)
{
    const struct thing *p = thing_test(L, index, THING_PREDICATE);
    if (given_state(L, index, &out->is))
        return;
    if (p) {
        typed_data(L, p->ptr, out);
    } else if (lua_type(L, index) == LUA_TSTRING) {
        struct str text =
            value_argument(L, index, FIELD_TEXT, FIELD_EMPTY | FIELD_LINES, "a given value").text;
        out->type = REGF_SZ;
        out->data = utf16_z(L, text);
    } else if (lua_type(L, index) == LUA_TNUMBER) {
        int64_t n = value_argument(L, index, FIELD_INT, 0, "a given value").integer;
        bool small = n >= 0 && n <= UINT32_MAX;
        out->type = small ? REGF_DWORD : REGF_QWORD;
        out->data = little_endian(L, (uint64_t)n, small ? 4 : 8);
    } else if (lua_type(L, index) == LUA_TTABLE) {
        struct value list = value_argument(L, index, FIELD_TEXTS, FIELD_EMPTY, "a given value");
        out->type = REGF_MULTI_SZ;
        out->data = multi_text(L, &list);
    } else {
        sandbox_fail(L, "a given value is %s, want dword(...), sz \"...\", denied() or the like",
                     thing_words(L, index));
    }
}

static void registry_key(lua_State *L, struct str key, struct given *out)
{
    struct given_value whole = {.key = key, .key_only = true};
    if (given_state(L, -1, &whole.is)) {
        given_add_value(L, out, &whole);
        return;
    }
    given_add_value(L, out, &whole); /* there, also without values */
    int index = lua_gettop(L);
    struct given_names names = given_names(L, index, "given: registry: a key's values");
    for (size_t i = 0; i < names.count; i++) {
        struct given_value v = {.key = key, .name = names.items[i]};
        given_push(L, index, names.items[i]);
        value_data(L, lua_gettop(L), &v);
        lua_pop(L, 1);
        given_add_value(L, out, &v);
    }
}

void given_registry(lua_State *L, int index, struct given *out)
{
    struct given_names keys = given_names(L, index, "given: registry");
    for (size_t i = 0; i < keys.count; i++) {
        lua_pushlstring(L, keys.items[i].ptr, keys.items[i].len);
        struct str key =
            value_argument(L, lua_gettop(L), FIELD_KEY, 0, "given: registry: a key").text;
        lua_pop(L, 1);
        given_push(L, index, keys.items[i]);
        registry_key(L, key, out);
        lua_pop(L, 1);
    }
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static void part(lua_State *L, int index, const char *name, struct given *out,
                 void (*read)(lua_State *, int, struct given *))
{
    if (lua_getfield(L, index, name) != LUA_TNIL)
        read(L, lua_gettop(L), out);
    lua_pop(L, 1);
}

void given_read(lua_State *L, int index, struct given *out)
{
    static const struct str usual = {"6.1 x64", 7};
    index = lua_absindex(L, index);
    struct value fields = value_fields(L, index, &schema_given);
    const struct value *os = value_get(&fields, "os");
    out->at = given_time(L, &fields, "at");
    out->now = given_time(L, &fields, "now");
    given_os(L, os ? os->text : usual, out);
    part(L, index, "services", out, given_services);
    part(L, index, "products", out, given_products);
    part(L, index, "files", out, given_files);
    part(L, index, "events", out, given_events);
    part(L, index, "certificates", out, given_certificates);
    part(L, index, "lists", out, given_lists);
    part(L, index, "modules", out, given_modules);
    part(L, index, "registry", out, given_registry);
}

const struct binding bind_given[] = {
    {"", "damaged", make_damaged, PHASE_TEST},
    {"", "denied", make_denied, PHASE_TEST},
    {"", "not_collected", make_not_collected, PHASE_TEST},
    {NULL, NULL, NULL, 0},
};
