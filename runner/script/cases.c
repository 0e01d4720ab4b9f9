/* cases "policy.id" { {"rule", given = {...}, expect = "..."}, ... } */
#include "script/cases.h"

#include "script/bind.h"
#include "script/given.h"
#include "script/load.h"
#include "script/tokens.h"
#include "script/value.h"

enum { CASES_MAX = 10000, INPUTS_MAX = 256 };

static const char *const verdicts[] = {"pass",           "fail",  "conflict", "unknown",
                                       "not_applicable", "error", NULL};
static const enum verdict verdict_of[] = {VERDICT_PASS,    VERDICT_FAIL,           VERDICT_CONFLICT,
                                          VERDICT_UNKNOWN, VERDICT_NOT_APPLICABLE, VERDICT_ERROR};

static const struct field case_fields[] = {
    {"title", FIELD_TEXT, 0, NULL, "what it is about, in one line"},
    {"given", FIELD_INPUTS, FIELD_REQUIRED, NULL, "what the host is like"},
    {"set", FIELD_INPUTS, 0, NULL, "values of the policy's inputs"},
    {"expect", FIELD_CHOICE, FIELD_REQUIRED, verdicts, "the verdict"},
    {"says", FIELD_TEXTS, 0, NULL, "what the message contains"},
    {"message", FIELD_TEXT, 0, NULL, "the whole message"},
    {"repairs", FIELD_BOOL, 0, NULL, "the rule's repair makes it pass"},
};
static const struct schema schema_case = {
    "case", case_fields, sizeof case_fields / sizeof *case_fields, "the rule's id"};

/* The context of the file's sandbox. */
struct reading {
    struct loading load; /* first: load_of() */
    struct policy_cases *cases;
};

static struct reading *reading_of(lua_State *L)
{
    return sandbox_of(L)->context;
}

/* ---- one case ---------------------------------------------------------------------------------
 */

static void read_inputs(lua_State *L, int index, struct policy_case *c)
{
    if (lua_getfield(L, index, "set") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    int set = lua_gettop(L);
    struct given_names names = given_names(L, set, "case: set");
    if (names.count > INPUTS_MAX)
        sandbox_fail(L, "case: set: more than %d inputs", INPUTS_MAX);
    c->inputs = SANDBOX_ARRAY(L, names.count, struct given_input);
    for (size_t i = 0; i < names.count; i++) {
        struct given_input *in = &c->inputs[c->input_count++];
        in->name = names.items[i];
        given_push(L, set, in->name);
        in->value = value_any(L, lua_gettop(L));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void read_case(lua_State *L, struct policy_case *c)
{
    int index = lua_gettop(L);
    struct value fields = value_fields(L, index, &schema_case);
    const struct value *says = value_get(&fields, "says");
    if (lua_rawlen(L, index) != 1)
        sandbox_fail(L, "case: want one id of a rule as its only list element");
    lua_rawgeti(L, index, 1);
    c->rule = value_argument(L, lua_gettop(L), FIELD_ID, 0, "case: the rule's id").text;
    lua_pop(L, 1);
    c->title = value_text_of(&fields, "title");
    c->message = value_text_of(&fields, "message");
    struct str expect = value_text_of(&fields, "expect");
    for (size_t i = 0; verdicts[i]; i++)
        if (str_eq(expect, str_of(verdicts[i])))
            c->expect = verdict_of[i];
    const struct value *repairs = value_get(&fields, "repairs");
    c->repairs = repairs && repairs->boolean;
    if (c->repairs && c->expect != VERDICT_FAIL)
        sandbox_fail(L, "case: repairs goes with expect = \"fail\"");
    if (says) {
        c->says_count = says->list.count;
        c->says = SANDBOX_ARRAY(L, c->says_count, struct str);
        for (size_t i = 0; i < c->says_count; i++)
            c->says[i] = says->list.items[i].text;
    }
    read_inputs(L, index, c);
    lua_getfield(L, index, "given");
    given_read(L, lua_gettop(L), &c->given);
    lua_pop(L, 1);
}

/* ---- the list ---------------------------------------------------------------------------------
 */

static void add_case(lua_State *L, struct policy_cases *p, int element)
{
    if (p->count == CASES_MAX)
        sandbox_fail(L, "cases: more than %d cases", CASES_MAX);
    size_t n = p->count;
    if ((n & (n - 1)) == 0) { /* room doubles */
        struct policy_case *grown = SANDBOX_ARRAY(L, n ? 2 * n : 1, struct policy_case);
        if (n)
            memcpy(grown, p->items, n * sizeof *grown);
        p->items = grown;
    }
    struct policy_case *c = &p->items[p->count++];
    *c = (struct policy_case){.line = element};
    read_case(L, c);
}

/* A case, or a list of them that was computed. */
static void read_element(lua_State *L, struct policy_cases *p, int element)
{
    int index = lua_gettop(L);
    if (lua_type(L, index) != LUA_TTABLE)
        sandbox_fail(L, "cases: list element %d is %s, want a case {...}", element,
                     thing_words(L, index));
    int type = lua_rawgeti(L, index, 1);
    lua_pop(L, 1);
    if (type != LUA_TTABLE) {
        add_case(L, p, element);
        return;
    }
    size_t n = (size_t)lua_rawlen(L, index);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        if (lua_type(L, -1) != LUA_TTABLE)
            sandbox_fail(L, "cases: list element %d holds %s, want cases", element,
                         thing_words(L, -1));
        add_case(L, p, element);
        lua_pop(L, 1);
    }
}

/* cases "id" gives a function that takes the list. */
static int read_cases(lua_State *L)
{
    struct policy_cases *p = SANDBOX_ARRAY(L, 1, struct policy_cases);
    *p = (struct policy_cases){0};
    lua_pushvalue(L, lua_upvalueindex(1));
    p->policy = value_argument(L, lua_gettop(L), FIELD_DOTTED, 0, "cases: the policy's id").text;
    lua_pop(L, 1);
    if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TTABLE)
        sandbox_fail(L, "cases \"" STR_FMT "\": want one list { {...}, ... }", STR_ARG(p->policy));
    size_t n = (size_t)lua_rawlen(L, 1), keys = 0;
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
        keys++;
    if (n == 0 || keys != n || n > CASES_MAX)
        sandbox_fail(L, "cases \"" STR_FMT "\": want a plain list of 1 to %d cases",
                     STR_ARG(p->policy), CASES_MAX);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        read_element(L, p, (int)i + 1);
        lua_pop(L, 1);
    }
    thing_new(L, THING_CASES, p);
    return 1;
}

static int make_cases(lua_State *L)
{
    if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING)
        sandbox_fail(L, "write cases \"policy.id\" { ... }");
    lua_pushcclosure(L, read_cases, 1);
    return 1;
}

/* ---- lines ------------------------------------------------------------------------------------
 */

/* Until here the line of a case is the number of its list element.  Tables know no lines: those of
 * the elements are read off the text, where the list is written out
 * and not computed. */
static void find_lines(struct policy_cases *p, struct span text, struct arena *a)
{
    struct tokens t;
    size_t n = 0, i = 0, elements = p->count ? (size_t)p->items[p->count - 1].line : 0;
    int depth = 0, line = 0;
    if (!tokens_read(text, a, &t))
        return;
    while (i < t.count && !(token_is(&t, i, "cases") && t.items[i + 1].kind == TOKEN_TEXT))
        i++;
    int *lines = ARENA_ARRAY(a, elements + 1, int);
    for (i += 2; lines && i < t.count; i++) {
        bool separator = depth == 1 && (token_is(&t, i, ",") || token_is(&t, i, ";"));
        bool close = token_is(&t, i, "}") || token_is(&t, i, ")");
        if (depth == 1 && line == 0 && !separator && !close)
            line = t.items[i].line;
        depth += token_is(&t, i, "{") || token_is(&t, i, "(");
        depth -= close;
        if (line && (separator || depth == 0)) {
            if (n < elements)
                lines[n] = line;
            n++;
            line = 0;
        }
        if (depth == 0)
            break;
    }
    for (size_t k = 0; k < p->count; k++)
        p->items[k].line = lines && n == elements ? lines[p->items[k].line - 1] : 0;
}

static int run_cases(lua_State *L)
{
    struct reading *r = reading_of(L);
    load_run(L, r->load.source);
    const struct thing *t = thing_test(L, 1, THING_CASES);
    if (!t) {
        struct sandbox_place end = {0, 0};
        sandbox_fail_at(L, end, "returned %s, want: return cases \"policy.id\" { ... }",
                        thing_words(L, 1));
    }
    r->cases = t->ptr;
    r->cases->file = sandbox_str(L, r->load.source->path);
    return 0;
}

bool script_load_cases(const struct script_source *source, const struct script_modules *modules,
                       const struct script_limits *limits, struct arena *a,
                       struct policy_cases **out, struct err *e)
{
    struct reading r = {.load = {.source = source}};
    struct sandbox s = {.phase = PHASE_TEST, .mem = a, .modules = modules};
    if (!sandbox_run(&s, limits, run_cases, &r, e))
        return false;
    find_lines(r.cases, source->text, a);
    *out = r.cases;
    return true;
}

const struct binding bind_cases[] = {
    {"", "cases", make_cases, PHASE_TEST},
    {NULL, NULL, NULL, 0},
};
