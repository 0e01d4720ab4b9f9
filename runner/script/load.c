#include "script/load.h"

#include "base/digest.h"
#include "script/bind.h"

struct loading *load_of(lua_State *L)
{
    return sandbox_of(L)->context;
}

void load_use_input(lua_State *L, struct str name, enum field_type type, unsigned flags)
{
    struct loading *load = load_of(L);
    struct input_use *use = SANDBOX_ARRAY(L, 1, struct input_use);
    *use = (struct input_use){load->uses, name, sandbox_here(L), type, flags};
    load->uses = use;
}

void load_run(lua_State *L, const struct script_source *source)
{
    lua_settop(L, 0);
    sandbox_load(L, source->path, source->text);
    lua_call(L, 0, 1);
}

struct sandbox_place load_end(lua_State *L)
{
    struct span text = load_of(L)->source->text;
    struct sandbox_place end = {0, 1};
    for (size_t i = 0; i + 1 < text.len; i++)
        end.line += text.ptr[i] == '\n';
    return end;
}

void load_push_check(lua_State *L, const struct rule *rule)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, rule);
}

/* The file itself is the first chunk, modules follow in the order of their first use. */
static void take_digest(lua_State *L, struct policy *p)
{
    const struct sandbox *s = sandbox_of(L);
    struct sb all;
    struct err e = {0};
    sb_init(&all, (size_t)SANDBOX_CHUNKS * (SANDBOX_TEXT_MAX + 4096));
    for (size_t i = 0; i < s->chunk_count; i++) {
        struct str path = i ? s->chunks[i].path : STR("");
        sb_printf(&all, "%zu " STR_FMT " %zu\n", path.len, STR_ARG(path), s->chunks[i].text.len);
        sb_put(&all, s->chunks[i].text.ptr, s->chunks[i].text.len);
    }
    bool ok = !all.bad && sha256_hex(span_of(all.ptr, all.len), p->sha256, &e);
    sb_done(&all);
    if (!ok)
        sandbox_fail(L, "the policy's digest cannot be made");
}

static int run_policy(lua_State *L)
{
    struct loading *load = load_of(L);
    load_run(L, load->source);
    const struct thing *t = thing_test(L, 1, THING_POLICY);
    if (!t) {
        sandbox_fail_at(L, load_end(L), "returned %s, want: return policy { ... }",
                        thing_words(L, 1));
    }
    struct policy *p = t->ptr;
    p->file = sandbox_str(L, load->source->path);
    p->builtin = load->source->builtin;
    struct span text = load->source->text;
    p->source = sandbox_str(L, (struct str){(const char *)text.ptr, text.len});
    take_digest(L, p);
    load->policy = p;
    return 0;
}

bool script_load_policy(const struct script_source *source, const struct script_modules *modules,
                        const struct script_limits *limits, struct arena *a, struct policy **out,
                        struct err *e)
{
    struct loading load = {.source = source};
    struct sandbox s = {.phase = PHASE_POLICY, .mem = a, .modules = modules};
    if (!sandbox_run(&s, limits, run_policy, &load, e))
        return false;
    *out = load.policy;
    return true;
}
