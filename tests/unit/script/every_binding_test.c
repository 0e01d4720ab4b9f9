/* Memory that runs out at every possible moment, in every binding there is: no leak, no panic, no
 * wrong verdict.  The files of every/ must name each binding, so that a new one is swept too. */
#include "evt_log.h"
#include "script/bind.h"
#include "script/cases.h"
#include "script_support.h"
#include "trust_world.h"

enum { MOST = 20000, TEXT = 1 << 16 };

struct file {
    const char *name;
    char text[TEXT];
    size_t len;
};

static struct file files[] = {{.name = "policy"},
                              {.name = "check"},
                              {.name = "product"},
                              {.name = "profile"},
                              {.name = "cases"}};

enum { FILES = sizeof files / sizeof *files };

static struct span text_of(const char *name)
{
    char path[512];
    for (size_t i = 0; i < FILES; i++) {
        struct file *f = &files[i];
        if (strcmp(f->name, name) != 0)
            continue;
        snprintf(path, sizeof path, "%s/tests/unit/script/every/%s.lua", TEST_SOURCE_DIR, name);
        FILE *in = f->len ? NULL : fopen(path, "rb");
        if (in) {
            f->len = fread(f->text, 1, TEXT - 1, in);
            fclose(in);
        }
        CHECK(f->len > 0);
        return span_of(f->text, f->len);
    }
    return span_of("", 0);
}

static bool find_module(void *context, struct str name, struct span *text)
{
    static const char words[] = "return { text = 'Ask.' }";
    (void)context;
    (void)name;
    *text = span_of(words, sizeof words - 1);
    return true;
}

static const struct script_modules modules = {find_module, NULL};

/* ---- every binding is named ------------------------------------------------------------------ */

static bool word_at(const char *text, const char *at, size_t len)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    char before = at == text ? ' ' : at[-1], after = at[len];
    return !strchr(letters, before) && (!after || !strchr(letters, after));
}

static bool named(const char *word, size_t first_letter)
{
    for (size_t i = 0; i < FILES; i++) {
        (void)text_of(files[i].name);
        for (const char *p = files[i].text; (p = strstr(p, word)); p++)
            if (word_at(files[i].text, p + first_letter, strlen(word) - first_letter))
                return true;
    }
    return false;
}

TEST(every_binding_is_named)
{
    for (size_t i = 0; bind_tables[i]; i++)
        for (const struct binding *b = bind_tables[i]; b->name; b++) {
            char dot[128], colon[128];
            bool call = strcmp(b->name, "()") == 0, method = b->phases == 0;
            const char *space = call || method ? "" : b->space;
            snprintf(dot, sizeof dot, "%s%s%s", space, *space || method ? "." : "",
                     call ? b->space : b->name);
            snprintf(colon, sizeof colon, ":%s", b->name);
            size_t first = method ? 1 : 0;
            if (!named(dot, first) && !named(colon, 1)) {
                fprintf(stderr, "no file of every/ names %s.%s\n", b->space, b->name);
                test_failures++;
            }
        }
}

/* ---- loading --------------------------------------------------------------------------------- */

/* One way to read a file; true when it loaded. */
typedef bool loader(const struct script_limits *limits, struct arena *a, struct err *e);

static bool load_policy(const struct script_limits *limits, struct arena *a, struct err *e)
{
    const struct script_source source = {STR("policy.lua"), text_of("policy"), false};
    struct policy *p = NULL;
    bool ok = script_load_policy(&source, &modules, limits, a, &p, e);
    CHECK(!ok || (p->rule_count == 8 && p->input_count == 6 && p->applies && p->cause_count == 1));
    return ok;
}

static bool load_product(const struct script_limits *limits, struct arena *a, struct err *e)
{
    const struct script_source source = {STR("product.lua"), text_of("product"), false};
    struct product_def *defs = NULL;
    size_t count = 0;
    bool ok = script_load_products(&source, 1, limits, a, &defs, &count, e);
    CHECK(!ok || defs[count - 1].source_count == 5);
    return ok;
}

static bool load_profile(const struct script_limits *limits, struct arena *a, struct err *e)
{
    const struct script_source source = {STR("profile.lua"), text_of("profile"), false};
    struct profile *p = NULL;
    bool ok = script_load_profile(&source, limits, a, &p, e);
    CHECK(!ok || (p->only_count == 2 && p->skip_count == 1 && p->inputs.map.count == 2));
    return ok;
}

static bool load_cases(const struct script_limits *limits, struct arena *a, struct err *e)
{
    const struct script_source source = {STR("cases.lua"), text_of("cases"), false};
    struct policy_cases *c = NULL;
    return script_load_cases(&source, &modules, limits, a, &c, e);
}

static void sweep_loading(const char *what, loader *load, bool of_arena)
{
    const size_t step = of_arena ? 64 : 1;
    size_t n = 1;
    for (; n < MOST * step; n += step) {
        struct script_limits limits = {.fail_allocation = of_arena ? 0 : n};
        struct arena a;
        struct err e = {0};
        arena_init(&a, of_arena ? n : ARENA_DEFAULT_CAP);
        bool ok = load(&limits, &a, &e);
        CHECK(ok || (e.kind != ERR_NONE && e.text[0] && !strchr(e.text, '\n')));
        /* What is wrong with the file never depends on memory. */
        CHECK(ok || e.kind == ERR_LIMIT || e.kind == ERR_NOMEM);
        arena_done(&a);
        if (ok)
            break;
    }
    CHECK(n < MOST * step);
    printf("%s: %zu %s\n", what, n, of_arena ? "bytes of arena" : "allocations");
}

TEST(every_allocation_of_loading)
{
    sweep_loading("policy", load_policy, false);
    sweep_loading("product", load_product, false);
    sweep_loading("profile", load_profile, false);
    sweep_loading("cases", load_cases, false);
}

TEST(every_size_of_the_arena)
{
    sweep_loading("policy", load_policy, true);
    sweep_loading("profile", load_profile, true);
    sweep_loading("cases", load_cases, true);
}

/* ---- checks ---------------------------------------------------------------------------------- */

static struct trust *open_world(void *context, struct err *e)
{
    struct world *w = context;
    if (!w->t && !trust_open(w->h, &w->options, &w->t, e))
        w->t = NULL;
    return w->t;
}

static void fill(struct world *w)
{
    static struct evt_log log;
    struct pki_sign how = world_how(w);
    memory_set_file(w->h, WORLD_FILE, pki_signed_pe(1, &how));
    memory_set_file_state(w->h, "C:\\closed", FACT_NOT_COLLECTED, "left out");
    memory_set_sz(w->h, "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "CurrentVersion",
                  "6.1");
    memory_set_dword(w->h, "HKLM\\SOFTWARE\\A", "Five", 5);
    memory_set_sz(w->h, "HKLM\\SOFTWARE\\A", "Text", "hello");
    memory_set_sz(w->h, "HKLM\\SOFTWARE\\McAfee\\DesktopProtection", "szProductVer", "8.8.0.1982");
    memory_set_dword(w->h, "HKLM\\SYSTEM\\CurrentControlSet\\Services\\svc", "Start", 2);
    evt_begin(&log);
    evt_add(&log, host_reference(w->h)->time - WTIME_HOUR, 514, "p", "**\\A.EXE");
    memory_set_log(w->h, "System", evt_end(&log));
}

struct checks {
    struct world w;
    struct loaded l;
    struct arena products_mem;
    struct product_def *products;
    size_t product_count;
};

static void checks_open(struct checks *c)
{
    struct err e = {0};
    world_begin(&c->w);
    fill(&c->w);
    load_limited(&c->l, text_of("check"), &modules, NULL);
    if (!c->l.policy)
        fprintf(stderr, "%s\n", c->l.e.text);
    CHECK(c->l.policy != NULL);
    arena_init(&c->products_mem, ARENA_DEFAULT_CAP);
    CHECK(
        script_load_products(NULL, 0, NULL, &c->products_mem, &c->products, &c->product_count, &e));
}

static void checks_close(struct checks *c)
{
    arena_done(&c->products_mem);
    unload(&c->l);
    world_end(&c->w);
}

static bool attempt(struct checks *c, const struct rule *rule, const struct script_limits *limits,
                    struct arena *a, struct result *out, struct err *e)
{
    const struct script_facts facts = {.host = c->w.h,
                                       .products = c->products,
                                       .product_count = c->product_count,
                                       .trust = open_world,
                                       .trust_context = &c->w};
    return script_run_check(rule, &facts, &modules, limits, a, out, e);
}

/* What the rule says while nothing fails: its verdict and message, or its error. */
struct baseline {
    struct arena mem;
    struct result result;
    struct err e;
    bool ok;
};

static void compare(const struct baseline *b, bool ok, const struct result *r, const struct err *e,
                    const struct rule *rule, size_t n)
{
    bool limit = !ok && (e->kind == ERR_LIMIT || e->kind == ERR_NOMEM);
    bool same = ok == b->ok &&
                (ok ? r->verdict == b->result.verdict && str_eq(r->message, b->result.message)
                    : strcmp(e->text, b->e.text) == 0);
    if (same || limit)
        return;
    fprintf(stderr, STR_FMT ", %zu: %s " STR_FMT ", want " STR_FMT "\n", STR_ARG(rule->id), n,
            ok ? verdict_name(r->verdict) : "error", STR_ARG(ok ? r->message : str_of(e->text)),
            STR_ARG(b->result.message));
    test_failures++;
}

static size_t sweep_check(struct checks *c, const struct rule *rule, bool of_arena)
{
    const size_t step = of_arena ? 512 : 1;
    struct baseline b = {.ok = false};
    size_t n = 1;
    arena_init(&b.mem, ARENA_DEFAULT_CAP);
    b.ok = attempt(c, rule, NULL, &b.mem, &b.result, &b.e);
    for (bool done = false; n < MOST * step && !done; n += step) {
        struct script_limits limits = {.fail_allocation = of_arena ? 0 : n};
        struct result r = {.verdict = VERDICT_ERROR};
        struct arena a;
        struct err e = {0};
        arena_init(&a, of_arena ? n : ARENA_DEFAULT_CAP);
        bool ok = attempt(c, rule, &limits, &a, &r, &e);
        compare(&b, ok, &r, &e, rule, n);
        done = !(!ok && (e.kind == ERR_LIMIT || e.kind == ERR_NOMEM));
        arena_done(&a);
    }
    CHECK(n < MOST * step);
    if (!of_arena)
        printf("%-16s %-14s %zu allocations: " STR_FMT "\n", rule->id.ptr,
               b.ok ? verdict_name(b.result.verdict) : "error", n,
               STR_ARG(b.ok ? b.result.message : str_of(b.e.text)));
    arena_done(&b.mem);
    return n;
}

static void sweep_checks(bool of_arena)
{
    static struct checks c;
    memset(&c, 0, sizeof c);
    checks_open(&c);
    for (size_t i = 0; c.l.policy && i < c.l.policy->rule_count; i++)
        (void)sweep_check(&c, &c.l.policy->rules[i], of_arena);
    checks_close(&c);
}

TEST(every_allocation_of_checks)
{
    sweep_checks(false);
}

TEST(every_size_of_a_checks_arena)
{
    sweep_checks(true);
}

TEST_MAIN()
