/* Predicates, typed registry values, inputs. */
#include "base/regex.h"
#include "script/bind.h"
#include "script/load.h"
#include "script/value.h"

enum {
    REG_TYPE_SZ = 1,
    REG_TYPE_EXPAND_SZ,
    REG_TYPE_BINARY,
    REG_TYPE_DWORD,
    REG_TYPE_MULTI_SZ = 7,
    REG_TYPE_QWORD = 11
};

static struct predicate *new_predicate(lua_State *L, enum predicate_kind kind)
{
    struct predicate *p = SANDBOX_ARRAY(L, 1, struct predicate);
    p->kind = kind;
    thing_new(L, THING_PREDICATE, p);
    return p;
}

void value_push_absent(lua_State *L)
{
    (void)new_predicate(L, PRED_ABSENT);
}

/* Text, whole number or input: what registry values and versions are compared with. */
static struct value operand(lua_State *L, int index, const char *what)
{
    enum field_type type = lua_type(L, index) == LUA_TNUMBER ? FIELD_INT : FIELD_TEXT;
    if (thing_test(L, index, THING_INPUT_REF))
        type = FIELD_ANY;
    else if (lua_type(L, index) != LUA_TNUMBER && lua_type(L, index) != LUA_TSTRING)
        sandbox_fail(L, "%s: %s where text or a whole number is wanted", what,
                     thing_words(L, index));
    int whole = 0;
    (void)lua_tointegerx(L, index, &whole);
    if (type == FIELD_INT && !whole)
        sandbox_fail(L, "%s is %.14g, want a whole number, or a version in quotes", what,
                     lua_tonumber(L, index));
    return value_argument(L, index, type, FIELD_INPUT | FIELD_EMPTY | FIELD_LINES, what);
}

static void check_count(lua_State *L, int most, const char *what)
{
    if (lua_gettop(L) != most)
        sandbox_fail(L, "%s takes %d value%s, not %d", what, most, most == 1 ? "" : "s",
                     lua_gettop(L));
}

static int one_operand(lua_State *L, enum predicate_kind kind, const char *what)
{
    check_count(L, 1, what);
    struct value v = operand(L, 1, what);
    new_predicate(L, kind)->a = v;
    return 1;
}

static int pred_equals(lua_State *L)
{
    return one_operand(L, PRED_EQUALS, "equals");
}

static int pred_at_least(lua_State *L)
{
    return one_operand(L, PRED_AT_LEAST, "at_least");
}

static int pred_at_most(lua_State *L)
{
    return one_operand(L, PRED_AT_MOST, "at_most");
}

static int pred_contains(lua_State *L)
{
    check_count(L, 1, "contains");
    struct value v = value_argument(L, 1, FIELD_TEXT, FIELD_INPUT, "contains");
    new_predicate(L, PRED_CONTAINS)->a = v;
    return 1;
}

static int pred_glob(lua_State *L)
{
    check_count(L, 1, "glob");
    struct value v = value_argument(L, 1, FIELD_TEXT, FIELD_INPUT, "glob");
    if (v.kind == VALUE_TEXT && v.text.len > 256)
        sandbox_fail(L, "glob: pattern of %zu bytes, at most 256", v.text.len);
    new_predicate(L, PRED_GLOB)->a = v;
    return 1;
}

static int pred_between(lua_State *L)
{
    check_count(L, 2, "between");
    struct value a = operand(L, 1, "between: the lower bound");
    struct value b = operand(L, 2, "between: the upper bound");
    if (!value_input(&a) && !value_input(&b) && a.kind != b.kind)
        sandbox_fail(L, "between: one bound is text, the other a number");
    if (a.kind == VALUE_INT && b.kind == VALUE_INT && a.integer > b.integer)
        sandbox_fail(L, "between: the lower bound %lld is above %lld", (long long)a.integer,
                     (long long)b.integer);
    struct predicate *p = new_predicate(L, PRED_BETWEEN);
    p->a = a;
    p->b = b;
    return 1;
}

static int pred_matches(lua_State *L)
{
    check_count(L, 1, "matches");
    struct value v = value_argument(L, 1, FIELD_TEXT, FIELD_INPUT, "matches");
    const struct regex *regex = NULL;
    struct err e = {0};
    if (v.kind == VALUE_TEXT && !regex_compile(v.text, sandbox_of(L)->mem, &regex, &e)) {
        sandbox_check_memory(L);
        sandbox_fail(L, "matches: %s", e.text);
    }
    struct predicate *p = new_predicate(L, PRED_MATCHES);
    p->a = v;
    p->regex = regex;
    return 1;
}

/* A plain value means equals. */
static int pred_is_not(lua_State *L)
{
    enum { NEGATIONS = 8 };
    check_count(L, 1, "is_not");
    const struct thing *t = thing_test(L, 1, THING_PREDICATE);
    size_t depth = 0;
    struct predicate *inner = t ? t->ptr : NULL;
    if (!inner) {
        struct value v = operand(L, 1, "is_not");
        inner = SANDBOX_ARRAY(L, 1, struct predicate);
        inner->kind = PRED_EQUALS;
        inner->a = v;
    }
    if (inner->kind == PRED_ABSENT)
        sandbox_fail(L, "is_not: absent has no negation, want equals, at_least or the like");
    for (const struct predicate *p = inner; p; p = p->inner)
        if (++depth > NEGATIONS)
            sandbox_fail(L, "is_not: more than %d of them around one predicate", NEGATIONS);
    new_predicate(L, PRED_NOT)->inner = inner;
    return 1;
}

static int list_operand(lua_State *L, enum predicate_kind kind, const char *what)
{
    check_count(L, 1, what);
    enum field_type type = FIELD_TEXTS;
    if (lua_type(L, 1) == LUA_TTABLE) {
        if (kind == PRED_NONE_OF && lua_rawgeti(L, 1, 1) == LUA_TNUMBER)
            type = FIELD_INTS;
        lua_settop(L, 1);
    } else if (!thing_test(L, 1, THING_INPUT_REF)) {
        sandbox_fail(L, "%s: %s where a list {...} is wanted", what, thing_words(L, 1));
    }
    struct value v = value_argument(L, 1, type, FIELD_INPUT, what);
    new_predicate(L, kind)->a = v;
    return 1;
}

static int pred_none_of(lua_State *L)
{
    return list_operand(L, PRED_NONE_OF, "none_of");
}

static int pred_contains_all(lua_State *L)
{
    return list_operand(L, PRED_CONTAINS_ALL, "contains_all");
}

static int pred_only(lua_State *L)
{
    return list_operand(L, PRED_ONLY, "only");
}

static int pred_one_of(lua_State *L)
{
    check_count(L, 1, "one_of");
    enum field_type type = FIELD_TEXTS;
    if (lua_type(L, 1) == LUA_TTABLE) {
        if (lua_rawgeti(L, 1, 1) == LUA_TNUMBER)
            type = FIELD_INTS;
        lua_pop(L, 1);
    } else if (!thing_test(L, 1, THING_INPUT_REF)) {
        sandbox_fail(L, "one_of: %s where a list {...} is wanted", thing_words(L, 1));
    }
    struct value v = value_argument(L, 1, type, FIELD_INPUT, "one_of");
    new_predicate(L, PRED_ONE_OF)->a = v;
    return 1;
}

/* ---- typed values -------------------------------------------------------------------------- */

static int typed(lua_State *L, uint32_t type, struct value v)
{
    struct predicate *p = new_predicate(L, PRED_EQUALS);
    p->typed = true;
    p->reg_type = type;
    p->a = v;
    return 1;
}

static int typed_dword(lua_State *L)
{
    check_count(L, 1, "dword");
    struct value v = value_argument(L, 1, FIELD_INT, FIELD_INPUT, "dword");
    if (v.kind == VALUE_INT && (v.integer < 0 || v.integer > UINT32_MAX))
        sandbox_fail(L, "dword: %lld is outside 0 to 4294967295", (long long)v.integer);
    return typed(L, REG_TYPE_DWORD, v);
}

static int typed_qword(lua_State *L)
{
    check_count(L, 1, "qword");
    return typed(L, REG_TYPE_QWORD, value_argument(L, 1, FIELD_INT, FIELD_INPUT, "qword"));
}

static int typed_sz(lua_State *L)
{
    check_count(L, 1, "sz");
    return typed(L, REG_TYPE_SZ,
                 value_argument(L, 1, FIELD_TEXT, FIELD_INPUT | FIELD_EMPTY | FIELD_LINES, "sz"));
}

static int typed_expand_sz(lua_State *L)
{
    check_count(L, 1, "expand_sz");
    return typed(
        L, REG_TYPE_EXPAND_SZ,
        value_argument(L, 1, FIELD_TEXT, FIELD_INPUT | FIELD_EMPTY | FIELD_LINES, "expand_sz"));
}

static int typed_multi_sz(lua_State *L)
{
    check_count(L, 1, "multi_sz");
    return typed(L, REG_TYPE_MULTI_SZ,
                 value_argument(L, 1, FIELD_TEXTS, FIELD_INPUT | FIELD_EMPTY, "multi_sz"));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static int typed_binary(lua_State *L)
{
    check_count(L, 1, "binary");
    struct str hex = value_argument(L, 1, FIELD_TEXT, FIELD_EMPTY, "binary").text;
    char *bytes = SANDBOX_ARRAY(L, hex.len / 2 + 1, char);
    size_t digits = 0;
    for (size_t i = 0; i < hex.len; i++) {
        int d = hex_digit(hex.ptr[i]);
        if (d < 0 && hex.ptr[i] == ' ' && digits % 2 == 0)
            continue;
        if (d < 0)
            sandbox_fail(L, "binary: want pairs of hexadecimal digits, as \"01 00 ff\"");
        bytes[digits / 2] = (char)((unsigned char)bytes[digits / 2] << 4 | d);
        digits++;
    }
    if (digits % 2)
        sandbox_fail(L, "binary: an odd number of hexadecimal digits");
    return typed(L, REG_TYPE_BINARY, value_text((struct str){bytes, digits / 2}));
}

/* ---- inputs -------------------------------------------------------------------------------- */

/* input "name": the space itself is argument 1. */
static int input_call(lua_State *L)
{
    if (lua_gettop(L) != 2)
        sandbox_fail(L, "input takes the name of one input");
    struct str *name = SANDBOX_ARRAY(L, 1, struct str);
    *name = sandbox_str(L, sandbox_checkstr(L, 2, "input: the name"));
    thing_new(L, THING_INPUT_REF, name);
    return 1;
}

static int define_input(lua_State *L, enum input_type type, const struct schema *schema)
{
    struct value fields = value_fields(L, 1, schema);
    struct input *in = SANDBOX_ARRAY(L, 1, struct input);
    in->type = type;
    in->title = value_text_of(&fields, "title");
    in->value = *value_get(&fields, "default");
    const struct value *least = value_get(&fields, "minimum"),
                       *most = value_get(&fields, "maximum");
    in->minimum = least ? *least : value_null();
    in->maximum = most ? *most : value_null();
    bool low = (type == INPUT_INT && least && in->value.integer < least->integer) ||
               (type == INPUT_NUMBER && least && in->value.number < least->number);
    bool high = (type == INPUT_INT && most && in->value.integer > most->integer) ||
                (type == INPUT_NUMBER && most && in->value.number > most->number);
    if (low || high)
        sandbox_fail(L, "%s: the default is %s", schema->name,
                     low ? "below the minimum" : "above the maximum");
    thing_new(L, THING_INPUT_DEF, in);
    return 1;
}

static int input_text(lua_State *L)
{
    return define_input(L, INPUT_TEXT, &schema_input_text);
}

static int input_int(lua_State *L)
{
    return define_input(L, INPUT_INT, &schema_input_int);
}

static int input_number(lua_State *L)
{
    return define_input(L, INPUT_NUMBER, &schema_input_number);
}

static int input_bool(lua_State *L)
{
    return define_input(L, INPUT_BOOL, &schema_input_bool);
}

static int input_version(lua_State *L)
{
    return define_input(L, INPUT_VERSION, &schema_input_version);
}

static int input_list(lua_State *L)
{
    return define_input(L, INPUT_LIST, &schema_input_list);
}

enum { IN_POLICY = PHASE_POLICY | PHASE_CHECK, VALUES = IN_POLICY | PHASE_TEST };

const struct binding bind_value[] = {
    {"", "absent", NULL, VALUES},
    {"", "at_least", pred_at_least, IN_POLICY},
    {"", "at_most", pred_at_most, IN_POLICY},
    {"", "between", pred_between, IN_POLICY},
    {"", "binary", typed_binary, VALUES},
    {"", "contains", pred_contains, IN_POLICY},
    {"", "contains_all", pred_contains_all, IN_POLICY},
    {"", "dword", typed_dword, VALUES},
    {"", "equals", pred_equals, IN_POLICY},
    {"", "expand_sz", typed_expand_sz, VALUES},
    {"", "glob", pred_glob, IN_POLICY},
    {"", "is_not", pred_is_not, IN_POLICY},
    {"", "matches", pred_matches, IN_POLICY},
    {"", "multi_sz", typed_multi_sz, VALUES},
    {"", "none_of", pred_none_of, IN_POLICY},
    {"", "one_of", pred_one_of, IN_POLICY},
    {"", "only", pred_only, IN_POLICY},
    {"", "qword", typed_qword, VALUES},
    {"", "sz", typed_sz, VALUES},
    {"input", "()", input_call, IN_POLICY},
    {"input", "bool", input_bool, IN_POLICY},
    {"input", "int", input_int, IN_POLICY},
    {"input", "list", input_list, IN_POLICY},
    {"input", "number", input_number, IN_POLICY},
    {"input", "text", input_text, IN_POLICY},
    {"input", "version", input_version, IN_POLICY},
    {NULL, NULL, NULL, 0},
};
