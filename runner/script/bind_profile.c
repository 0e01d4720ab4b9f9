/* profile{}: files that select rules and set inputs. */
#include "model/profile.h"

#include "script/bind.h"
#include "script/load.h"
#include "script/value.h"

static void take_list(lua_State *L, const struct value *fields, const char *name, struct str **out,
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

static void take_rules(lua_State *L, struct profile *p)
{
    if (lua_getfield(L, 1, "rules") != LUA_TNIL) {
        struct value fields = value_fields(L, lua_gettop(L), &schema_profile_rules);
        take_list(L, &fields, "only", &p->only, &p->only_count);
        take_list(L, &fields, "skip", &p->skip, &p->skip_count);
    }
    lua_pop(L, 1);
}

static void take_inputs(lua_State *L, struct profile *p)
{
    int type = lua_getfield(L, 1, "inputs");
    p->inputs = (struct value){.kind = VALUE_MAP};
    if (type != LUA_TNIL && type != LUA_TTABLE)
        sandbox_fail(L, "profile: field \"inputs\" is %s, want %s", thing_words(L, -1),
                     field_type_words(FIELD_SETTINGS));
    if (type == LUA_TTABLE)
        p->inputs = value_any(L, lua_gettop(L));
    if (p->inputs.kind != VALUE_MAP)
        sandbox_fail(L, "profile: field \"inputs\" is a list, want %s",
                     field_type_words(FIELD_SETTINGS));
    lua_pop(L, 1);
}

static int make_profile(lua_State *L)
{
    struct value fields = value_fields(L, 1, &schema_profile);
    struct profile *p = SANDBOX_ARRAY(L, 1, struct profile);
    p->title = value_text_of(&fields, "title");
    p->extends = value_text_of(&fields, "extends");
    p->has_severity = severity_parse(value_text_of(&fields, "severity"), &p->severity);
    take_rules(L, p);
    take_inputs(L, p);
    struct thing *t = thing_new(L, THING_PROFILE, p);
    p->line = t->at.line;
    return 1;
}

struct profile_loading {
    struct loading load; /* first: load_of() */
    struct profile *profile;
};

static int run_profile(lua_State *L)
{
    struct profile_loading *p = (struct profile_loading *)load_of(L);
    load_run(L, p->load.source);
    const struct thing *t = thing_test(L, 1, THING_PROFILE);
    if (!t) {
        sandbox_fail_at(L, load_end(L), "returned %s, want: return profile { ... }",
                        thing_words(L, 1));
    }
    p->profile = t->ptr;
    return 0;
}

bool script_load_profile(const struct script_source *source, const struct script_limits *limits,
                         struct arena *a, struct profile **out, struct err *e)
{
    struct profile_loading load = {.load.source = source};
    struct sandbox s = {.phase = PHASE_PROFILE, .mem = a};
    if (!sandbox_run(&s, limits, run_profile, &load, e))
        return false;
    struct str text = {(const char *)source->text.ptr, source->text.len};
    load.profile->file = str_dup(a, source->path);
    load.profile->source = str_dup(a, text);
    load.profile->builtin = source->builtin;
    if (!load.profile->file.ptr || !load.profile->source.ptr)
        return err_set(e, ERR_NOMEM, 0, "no memory for a profile");
    *out = load.profile;
    return true;
}

const struct binding bind_profile[] = {
    {"", "profile", make_profile, PHASE_PROFILE},
    {NULL, NULL, NULL, 0},
};
