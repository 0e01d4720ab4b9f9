/* Check functions of a policy in a state that is kept between them. */
#include "script/fact.h"
#include "script/fingerprint.h"

enum {
    SCRATCH_CAP = 64 << 20,
    WALK_CAP = 8 << 20,
    GARBAGE_KEPT = 256 << 10 /* bytes that a state may hold beyond what its file left */
};

struct script_checker {
    const struct script_modules *modules;
    const struct script_limits *limits;
    const struct policy *policy; /* whose file the state has run; NULL = there is no state */
    struct script_source source;
    struct arena scratch, walk; /* what the file's constructors made; visits */
    struct sandbox sandbox;
    struct check check;
    uint64_t before, after;
    bool told; /* `before` is known */
    size_t loads;
};

static struct script_checker *checker_of(lua_State *L)
{
    struct check *c = check_of(L);
    return (struct script_checker *)((char *)c - offsetof(struct script_checker, check));
}

static void discard(struct script_checker *k)
{
    sandbox_close(&k->sandbox);
    arena_done(&k->scratch);
    arena_done(&k->walk);
    k->policy = NULL;
}

static int run_file(lua_State *L)
{
    struct check *c = check_of(L);
    load_run(L, c->load.source);
    const struct thing *t = thing_test(L, 1, THING_POLICY);
    c->load.policy = t ? t->ptr : NULL;
    return 0;
}

static bool load(struct script_checker *k, const struct policy *p, struct err *e)
{
    k->source = (struct script_source){p->file, span_of(p->source.ptr, p->source.len), p->builtin};
    arena_init(&k->scratch, SCRATCH_CAP);
    arena_init(&k->walk, WALK_CAP);
    k->sandbox = (struct sandbox){.phase = PHASE_CHECK, .mem = &k->scratch, .modules = k->modules};
    k->check = (struct check){.load.source = &k->source};
    k->loads++;
    if (!sandbox_call(&k->sandbox, k->limits, run_file, &k->check, e))
        return false;
    sandbox_settle(&k->sandbox);
    k->policy = p;
    return true;
}

/* What the function can reach now, then its verdict. */
static int run_one(lua_State *L)
{
    struct script_checker *k = checker_of(L);
    check_push(L);
    k->told = fingerprint_take(L, -1, &k->walk, &k->before);
    lua_settop(L, 0);
    return check_run(L);
}

static int compare(lua_State *L)
{
    struct script_checker *k = checker_of(L);
    check_push(L);
    k->told = fingerprint_take(L, -1, &k->walk, &k->after) && k->after == k->before;
    fingerprint_release(L);
    return 0;
}

/* Keeps the state for the next rule, if it is as it was. */
static void settle(struct script_checker *k)
{
    struct err unused = {0};
    bool same = k->told && !k->sandbox.stop;
    arena_reset(&k->walk);
    k->sandbox.mem = &k->scratch;
    same = same && sandbox_call(&k->sandbox, k->limits, compare, &k->check, &unused) && k->told;
    arena_reset(&k->walk);
    if (!same)
        discard(k);
    else if (k->sandbox.used > k->sandbox.kept + GARBAGE_KEPT)
        sandbox_settle(&k->sandbox);
}

bool script_checker_run(struct script_checker *k, const struct rule *rule,
                        const struct script_facts *facts, struct arena *a, struct result *out,
                        struct err *e)
{
    if (!k)
        return err_set(e, ERR_NOMEM, 0, "no memory to run a check");
    if (k->policy && k->policy != rule->policy)
        discard(k);
    if (!k->policy && !load(k, rule->policy, e)) {
        discard(k);
        return false;
    }
    struct result result = {.rule = rule, .evidence = {.mem = a}};
    struct loading file = k->check.load;
    k->check = (struct check){.load = file, .rule = rule, .facts = facts, .out = &result};
    k->told = false;
    bool ok = sandbox_call(&k->sandbox, k->limits, run_one, &k->check, e) || k->check.stopped;
    if (ok)
        *out = result;
    settle(k);
    return ok;
}

struct script_checker *script_checker_new(const struct script_modules *modules,
                                          const struct script_limits *limits)
{
    struct script_checker *k = calloc(1, sizeof *k);
    if (k) {
        k->modules = modules;
        k->limits = limits;
    }
    return k;
}

size_t script_checker_loads(const struct script_checker *k)
{
    return k->loads;
}

void script_checker_free(struct script_checker *k)
{
    if (k && k->policy)
        discard(k);
    free(k);
}

bool script_run_check(const struct rule *rule, const struct script_facts *facts,
                      const struct script_modules *modules, const struct script_limits *limits,
                      struct arena *a, struct result *out, struct err *e)
{
    struct script_checker *k = script_checker_new(modules, limits);
    bool ok = script_checker_run(k, rule, facts, a, out, e);
    script_checker_free(k);
    return ok;
}
