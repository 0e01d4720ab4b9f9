#include "script/value.h"

#include "base/utf16.h"
#include "base/version.h"
#include "script/bind.h"
#include "script/fact.h"
#include "script/load.h"
#include "script/source.h"

enum { TEXT_MAX = 65536, LIST_MAX = 4096, ANY_DEPTH = 8, ANY_MEMBERS = 1024 };

/* What is being read, for messages. */
struct what {
    const char *label;          /* rule: field "title" */
    struct str field;           /* its name, to find its line; empty for an argument */
    const char *const *allowed; /* FIELD_CHOICE */
    unsigned flags;
};

static struct sandbox_place field_place(lua_State *L, struct sandbox_place at, struct str name)
{
    struct sandbox *s = sandbox_of(L);
    if (at.chunk < s->chunk_count)
        at.line = source_field_line(s->chunks[at.chunk].text, at.line, name);
    return at;
}

/* Looked up only when there is something to say. */
static struct sandbox_place place(lua_State *L, const struct what *w)
{
    struct sandbox_place here = sandbox_here(L);
    return w->field.len ? field_place(L, here, w->field) : here;
}

/* ---- texts --------------------------------------------------------------------------------- */

static void check_characters(lua_State *L, struct str s, const struct what *w)
{
    if (s.len == 0 && !(w->flags & FIELD_EMPTY))
        sandbox_fail_at(L, place(L, w), "%s is empty", w->label);
    if (s.len > TEXT_MAX)
        sandbox_fail_at(L, place(L, w), "%s has %zu bytes, at most %d", w->label, s.len, TEXT_MAX);
    for (size_t i = 0; i < s.len;) {
        uint32_t cp = 0;
        size_t n = utf8_decode(s.ptr + i, s.len - i, &cp);
        if (n == 0)
            sandbox_fail_at(L, place(L, w), "%s is not UTF-8 text", w->label);
        bool line = (w->flags & FIELD_LINES) && (cp == '\n' || cp == '\t' || cp == '\r');
        if ((cp < 0x20 && !line) || cp == 0x7F)
            sandbox_fail_at(L, place(L, w), "%s holds the control character 0x%02x", w->label, cp);
        i += n;
    }
}

static bool id_ok(struct str s, bool dots)
{
    bool start = true;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!word && (c != '.' || !dots || start))
            return false;
        start = c == '.';
    }
    return !start && s.len <= 100;
}

/* What Windows would look for as it is written, and nobody means: A\\B, "A ", A\*.  A key called
 * "*" is below HKCR. */
static bool key_parts_ok(struct str s)
{
    size_t at = 0;
    struct str before = {"", 0};
    while (at <= s.len) {
        const char *p = s.ptr + at;
        const char *end = memchr(p, '\\', s.len - at);
        struct str part = {p, end ? (size_t)(end - p) : s.len - at};
        bool star = part.len == 1 && *p == '*' &&
                    (str_ieq(before, STR("Classes")) || str_ieq(before, STR("HKCR")) ||
                     str_ieq(before, STR("HKEY_CLASSES_ROOT")));
        if (!part.len || *p == ' ' || p[part.len - 1] == ' ' ||
            (!star && (memchr(p, '*', part.len) || memchr(p, '?', part.len))))
            return false;
        before = part;
        at += part.len + 1;
    }
    return true;
}

static bool key_begins(struct str s)
{
    static const char *const hives[] = {
        "HKLM", "HKU", "HKCR", "HKEY_LOCAL_MACHINE", "HKEY_USERS", "HKEY_CLASSES_ROOT"};
    for (size_t i = 0; i < sizeof hives / sizeof *hives; i++) {
        size_t n = strlen(hives[i]);
        if (s.len > n + 1 && memcmp(s.ptr, hives[i], n) == 0 && s.ptr[n] == '\\')
            return true;
    }
    return false;
}

static void check_choice(lua_State *L, struct str s, const struct what *w)
{
    char list[160] = "", near[96];
    struct nearest n = nearest_of(s);
    for (size_t i = 0; w->allowed[i]; i++) {
        if (str_eq(str_of(w->allowed[i]), s))
            return;
        nearest_try(&n, str_of(w->allowed[i]));
        size_t len = strlen(list);
        snprintf(list + len, sizeof list - len, "%s%s", len ? ", " : "", w->allowed[i]);
    }
    sandbox_fail_at(L, place(L, w), "%s is \"%.40s\", want one of %s%s", w->label, s.ptr, list,
                    bind_suggestion(&n, near));
}

static struct value read_text(lua_State *L, int index, enum field_type type, const struct what *w)
{
    if (lua_type(L, index) != LUA_TSTRING)
        sandbox_fail_at(L, place(L, w), "%s is %s, want %s", w->label, thing_words(L, index),
                        field_type_words(type));
    struct str s;
    struct version v;
    s.ptr = lua_tolstring(L, index, &s.len);
    check_characters(L, s, w);
    bool ok = true;
    if (type == FIELD_ID || type == FIELD_DOTTED)
        ok = id_ok(s, type == FIELD_DOTTED);
    else if (type == FIELD_KEY)
        ok = key_begins(s);
    else if (type == FIELD_VERSION)
        ok = version_parse(s, &v);
    if (!ok)
        sandbox_fail_at(L, place(L, w), "%s is \"%.60s\", want %s", w->label, s.ptr,
                        field_type_words(type));
    if (type == FIELD_KEY && !key_parts_ok(s))
        sandbox_fail_at(L, place(L, w),
                        "%s is \"%.60s\", want single backslashes, no wildcards, and no blanks "
                        "beside a backslash or at the end",
                        w->label, s.ptr);
    if (type == FIELD_CHOICE)
        check_choice(L, s, w);
    return value_text(sandbox_str(L, s));
}

/* ---- numbers ------------------------------------------------------------------------------- */

static struct value read_number(lua_State *L, int index, enum field_type type, const struct what *w)
{
    int exact = 0;
    if (lua_type(L, index) != LUA_TNUMBER)
        sandbox_fail_at(L, place(L, w), "%s is %s, want %s", w->label, thing_words(L, index),
                        field_type_words(type));
    lua_Integer n = lua_tointegerx(L, index, &exact);
    lua_Number d = lua_tonumber(L, index);
    if (type == FIELD_NUMBER && !(d - d >= 0))
        sandbox_fail_at(L, place(L, w), "%s is not a finite number", w->label);
    if (type == FIELD_NUMBER)
        return value_number(d);
    if (!exact)
        sandbox_fail_at(L, place(L, w), "%s is %.14g, want a whole number", w->label, d);
    if ((w->flags & FIELD_COUNT) && (n < 1 || n > LOAD_DAYS_MAX))
        sandbox_fail_at(L, place(L, w), "%s is %lld, want 1 to %d", w->label, (long long)n,
                        LOAD_DAYS_MAX);
    return value_int(n);
}

/* ---- lists --------------------------------------------------------------------------------- */

/* Elements of a table that is a plain list; anything else fails. */
static size_t list_length(lua_State *L, int index, const struct what *w)
{
    size_t n = (size_t)lua_rawlen(L, index), seen = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        lua_Integer k = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (k < 1 || (lua_Unsigned)k > n)
            sandbox_fail_at(L, place(L, w), "%s is not a plain list", w->label);
        seen++;
    }
    if (seen != n || n > LIST_MAX)
        sandbox_fail_at(L, place(L, w), "%s is not a plain list of at most %d elements", w->label,
                        LIST_MAX);
    if (n == 0 && !(w->flags & FIELD_EMPTY))
        sandbox_fail_at(L, place(L, w), "%s is empty", w->label);
    return n;
}

static struct value read_scalar(lua_State *L, int index, enum field_type type,
                                const struct what *w);

static struct value read_list(lua_State *L, int index, enum field_type type, const struct what *w)
{
    enum field_type of = type == FIELD_INTS ? FIELD_INT : FIELD_TEXT;
    struct what element = *w;
    char label[128];
    snprintf(label, sizeof label, "%s: an element", w->label);
    element.label = label;
    bool table = lua_type(L, index) == LUA_TTABLE;
    if (!table && lua_type(L, index) != LUA_TSTRING && lua_type(L, index) != LUA_TNUMBER)
        sandbox_fail_at(L, place(L, w), "%s is %s, want %s", w->label, thing_words(L, index),
                        field_type_words(type));
    size_t n = table ? list_length(L, index, w) : 1;
    struct value v = {.kind = VALUE_LIST};
    v.list.items = SANDBOX_ARRAY(L, n, struct value);
    v.list.count = n;
    if (!table) {
        v.list.items[0] = read_scalar(L, index, of, w);
        return v;
    }
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        v.list.items[i] = read_scalar(L, lua_gettop(L), of, &element);
        lua_pop(L, 1);
    }
    return v;
}

/* ---- one value ----------------------------------------------------------------------------- */

static struct value read_scalar(lua_State *L, int index, enum field_type type, const struct what *w)
{
    switch (type) {
    case FIELD_INT:
    case FIELD_NUMBER:
        return read_number(L, index, type, w);
    case FIELD_BOOL:
        if (lua_type(L, index) != LUA_TBOOLEAN)
            sandbox_fail_at(L, place(L, w), "%s is %s, want true or false", w->label,
                            thing_words(L, index));
        return value_bool(lua_toboolean(L, index));
    case FIELD_TEXTS:
    case FIELD_INTS:
        return read_list(L, index, type, w);
    case FIELD_ANY:
        return value_any(L, index);
    default:
        return read_text(L, index, type, w);
    }
}

static struct value input_value(lua_State *L, const struct str *name)
{
    struct value v = {.kind = VALUE_MAP};
    v.map.members = SANDBOX_ARRAY(L, 1, struct value_member);
    v.map.count = 1;
    v.map.members[0].name = STR("$input");
    v.map.members[0].value = value_text(*name);
    return v;
}

static struct value read_value(lua_State *L, int index, enum field_type type, const struct what *w)
{
    const struct thing *t = thing_test(L, index, THING_INPUT_REF);
    if (!t)
        return read_scalar(L, index, type, w);
    if (!(w->flags & FIELD_INPUT))
        sandbox_fail_at(L, place(L, w), "%s cannot be an input", w->label);
    load_use_input(L, *(const struct str *)t->ptr, type, w->flags);
    return input_value(L, t->ptr);
}

struct value value_argument(lua_State *L, int index, enum field_type type, unsigned flags,
                            const char *what)
{
    struct what w = {what, {NULL, 0}, NULL, flags};
    return read_value(L, lua_absindex(L, index), type, &w);
}

/* ---- option tables ------------------------------------------------------------------------- */

_Noreturn static void unknown_field(lua_State *L, const struct schema *s, struct str name)
{
    struct nearest n = nearest_of(name);
    char near[96];
    for (size_t i = 0; i < s->count; i++)
        nearest_try(&n, str_of(s->fields[i].name));
    sandbox_fail_at(L, field_place(L, sandbox_here(L), name), "%s: unknown field \"%.60s\"%s",
                    s->name, name.ptr, bind_suggestion(&n, near));
}

/* Only known names, and list elements where the schema has some. */
static void check_keys(lua_State *L, int index, const struct schema *s)
{
    struct str unknown = {NULL, 0};
    size_t elements = (size_t)lua_rawlen(L, index);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            struct str name;
            name.ptr = lua_tolstring(L, -1, &name.len); /* lives as long as the table's key */
            if (!schema_field(s, name) && (!unknown.ptr || str_cmp(name, unknown) < 0))
                unknown = name;
            continue;
        }
        lua_Integer k = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (k < 1 || (lua_Unsigned)k > elements)
            sandbox_fail(L, "%s: a list element is missing or has no place", s->name);
        if (!s->elements)
            sandbox_fail(L, "%s: list element %lld where only named fields are known", s->name,
                         (long long)k);
    }
    if (unknown.ptr)
        unknown_field(L, s, unknown);
}

static bool structural(enum field_type t)
{
    return t >= FIELD_WANT;
}

struct value value_fields(lua_State *L, int index, const struct schema *s)
{
    index = lua_absindex(L, index);
    if (lua_type(L, index) != LUA_TTABLE)
        sandbox_fail(L, "%s: %s where a table {...} is wanted", s->name, thing_words(L, index));
    luaL_checkstack(L, 8, "fields");
    check_keys(L, index, s);
    struct value v = {.kind = VALUE_MAP};
    v.map.members = SANDBOX_ARRAY(L, s->count, struct value_member);
    for (size_t i = 0; i < s->count; i++) {
        const struct field *f = &s->fields[i];
        char label[96];
        snprintf(label, sizeof label, "%s: field \"%s\"", s->name, f->name);
        lua_pushstring(L, f->name);
        if (lua_rawget(L, index) == LUA_TNIL && (f->flags & FIELD_REQUIRED))
            sandbox_fail(L, "%s is missing (%s)", label, f->sentence);
        if (!lua_isnil(L, -1) && !structural(f->type)) {
            struct what w = {label, str_of(f->name), f->allowed, f->flags};
            struct value_member *m = &v.map.members[v.map.count++];
            m->name = str_of(f->name);
            m->value = read_value(L, lua_gettop(L), f->type, &w);
        }
        lua_pop(L, 1);
    }
    return v;
}

struct str value_text_of(const struct value *map, const char *name)
{
    const struct value *v = value_get(map, name);
    return v && v->kind == VALUE_TEXT ? v->text : (struct str){"", 0};
}

/* ---- any value ----------------------------------------------------------------------------- */

static struct value any_value(lua_State *L, int index, int depth, size_t *left);

static struct value any_list(lua_State *L, int index, int depth, size_t *left)
{
    size_t n = (size_t)lua_rawlen(L, index);
    struct value v = {.kind = VALUE_LIST};
    if (n > *left)
        sandbox_fail(L, "a value has more than %d members", ANY_MEMBERS);
    v.list.items = SANDBOX_ARRAY(L, n, struct value);
    v.list.count = n;
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        v.list.items[i] = any_value(L, lua_gettop(L), depth + 1, left);
        lua_pop(L, 1);
    }
    return v;
}

static int member_order(const void *a, const void *b)
{
    const struct value_member *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

static struct value any_map(lua_State *L, int index, int depth, size_t *left)
{
    struct value v = {.kind = VALUE_MAP};
    size_t n = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1), n++)
        if (lua_type(L, -2) != LUA_TSTRING)
            sandbox_fail(L, "a value mixes list elements and names");
    v.map.members = SANDBOX_ARRAY(L, n, struct value_member);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        struct value_member *m = &v.map.members[v.map.count++];
        struct str name;
        name.ptr = lua_tolstring(L, -2, &name.len);
        m->name = sandbox_str(L, name);
        m->value = any_value(L, lua_gettop(L), depth + 1, left);
    }
    if (v.map.count > 1)
        qsort(v.map.members, v.map.count, sizeof *v.map.members, member_order);
    return v;
}

static struct value any_value(lua_State *L, int index, int depth, size_t *left)
{
    luaL_checkstack(L, 8, "value");
    if (depth > ANY_DEPTH)
        sandbox_fail(L, "a value is nested more than %d deep", ANY_DEPTH);
    if ((*left)-- == 0)
        sandbox_fail(L, "a value has more than %d members", ANY_MEMBERS);
    struct str s;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        return value_null();
    case LUA_TBOOLEAN:
        return value_bool(lua_toboolean(L, index));
    case LUA_TNUMBER:
        return lua_isinteger(L, index) ? value_int(lua_tointeger(L, index))
                                       : value_number(lua_tonumber(L, index));
    case LUA_TSTRING:
        s.ptr = lua_tolstring(L, index, &s.len);
        return value_text(sandbox_str(L, s));
    case LUA_TTABLE:
        return lua_rawlen(L, index) ? any_list(L, index, depth, left)
                                    : any_map(L, index, depth, left);
    default:
        if (!thing_test(L, index, THING_VERSION))
            sandbox_fail(L, "%s where a plain value is wanted", thing_words(L, index));
        thing_tostring(L, index);
        s.ptr = lua_tolstring(L, -1, &s.len);
        s = sandbox_str(L, s);
        lua_pop(L, 1);
        return value_text(s);
    }
}

struct value value_any(lua_State *L, int index)
{
    size_t left = ANY_MEMBERS;
    return any_value(L, lua_absindex(L, index), 0, &left);
}

void value_push(lua_State *L, const struct value *v)
{
    luaL_checkstack(L, 4, "value");
    switch (v->kind) {
    case VALUE_NULL:
    case VALUE_MAP: /* inputs have none */
        lua_pushnil(L);
        return;
    case VALUE_BOOL:
        lua_pushboolean(L, v->boolean);
        return;
    case VALUE_INT:
        lua_pushinteger(L, v->integer);
        return;
    case VALUE_NUMBER:
        lua_pushnumber(L, v->number);
        return;
    case VALUE_TEXT:
        lua_pushlstring(L, v->text.ptr, v->text.len);
        return;
    case VALUE_TIME:
        lua_pushinteger(L, wtime_to_unix(v->time));
        return;
    case VALUE_LIST:
        lua_createtable(L, (int)v->list.count, 0);
        for (size_t i = 0; i < v->list.count; i++) {
            value_push(L, &v->list.items[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
    }
}
