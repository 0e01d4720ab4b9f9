/* The surface cannot grow unnoticed: what scripts can name = the list below = lua/api. */
#include "script/bind.h"

#include "check.h"

static const char *const expected[] = {"EventsFact.count",
                                       "EventsFact.covered",
                                       "EventsFact.first",
                                       "EventsFact.groups",
                                       "EventsFact.last",
                                       "EventsFact.path",
                                       "EventsFact.reason",
                                       "EventsFact.state",
                                       "FileFact.company",
                                       "FileFact.excuse",
                                       "FileFact.machine",
                                       "FileFact.original_name",
                                       "FileFact.path",
                                       "FileFact.product_name",
                                       "FileFact.product_version",
                                       "FileFact.reason",
                                       "FileFact.sha256",
                                       "FileFact.size",
                                       "FileFact.state",
                                       "FileFact.version",
                                       "Findings.add",
                                       "Host.certificates",
                                       "Host.events",
                                       "Host.file",
                                       "Host.inputs",
                                       "Host.is_64bit",
                                       "Host.lists",
                                       "Host.nt_version",
                                       "Host.product",
                                       "Host.reference_time",
                                       "Host.registry",
                                       "Host.service",
                                       "Host.signature",
                                       "ListFact.entries",
                                       "ListFact.excuse",
                                       "ListFact.last_sync",
                                       "ListFact.path",
                                       "ListFact.reason",
                                       "ListFact.sequence",
                                       "ListFact.state",
                                       "ListFact.this_update",
                                       "ProductFact.id",
                                       "ProductFact.name",
                                       "ProductFact.patch",
                                       "ProductFact.patch_known",
                                       "ProductFact.path",
                                       "ProductFact.reason",
                                       "ProductFact.state",
                                       "ProductFact.version",
                                       "Registry.keys",
                                       "Registry.value",
                                       "Registry.values",
                                       "RegistryFact.data",
                                       "RegistryFact.name",
                                       "RegistryFact.number",
                                       "RegistryFact.or_default",
                                       "RegistryFact.path",
                                       "RegistryFact.reason",
                                       "RegistryFact.state",
                                       "RegistryFact.text",
                                       "RegistryFact.type",
                                       "ServiceFact.display_name",
                                       "ServiceFact.image_path",
                                       "ServiceFact.name",
                                       "ServiceFact.path",
                                       "ServiceFact.reason",
                                       "ServiceFact.start",
                                       "ServiceFact.state",
                                       "SignatureFact.catalog",
                                       "SignatureFact.code",
                                       "SignatureFact.company",
                                       "SignatureFact.decided_by",
                                       "SignatureFact.excuse",
                                       "SignatureFact.path",
                                       "SignatureFact.reason",
                                       "SignatureFact.root",
                                       "SignatureFact.root_in_program",
                                       "SignatureFact.root_sha1",
                                       "SignatureFact.sha256",
                                       "SignatureFact.signer",
                                       "SignatureFact.source",
                                       "SignatureFact.state",
                                       "SignatureFact.text",
                                       "SignatureFact.trusted",
                                       "SignatureFact.version",
                                       "SignatureFact.word",
                                       "absent",
                                       "all",
                                       "any",
                                       "assert",
                                       "at_least",
                                       "at_most",
                                       "between",
                                       "binary",
                                       "cases",
                                       "cause",
                                       "certificate.absent",
                                       "certificate.add",
                                       "certificate.present",
                                       "certificate.remove",
                                       "certificate.stored",
                                       "contains",
                                       "contains_all",
                                       "ctl.fresh",
                                       "ctl.present",
                                       "damaged",
                                       "denied",
                                       "diagnosis",
                                       "dword",
                                       "enforce",
                                       "equals",
                                       "error",
                                       "eventlog.at_least",
                                       "eventlog.at_most",
                                       "eventlog.capacity",
                                       "eventlog.none",
                                       "eventlog.size",
                                       "expand_sz",
                                       "fail",
                                       "file.absent",
                                       "file.present",
                                       "file.sha256",
                                       "file.signed",
                                       "file.version",
                                       "findings",
                                       "glob",
                                       "input",
                                       "input.bool",
                                       "input.int",
                                       "input.list",
                                       "input.number",
                                       "input.text",
                                       "input.version",
                                       "ipairs",
                                       "is_not",
                                       "manual",
                                       "matches",
                                       "math.abs",
                                       "math.ceil",
                                       "math.floor",
                                       "math.max",
                                       "math.min",
                                       "math.tointeger",
                                       "math.type",
                                       "math.ult",
                                       "module.signed",
                                       "multi_sz",
                                       "none",
                                       "none_of",
                                       "not_applicable",
                                       "not_collected",
                                       "one_of",
                                       "only",
                                       "pairs",
                                       "pass",
                                       "policy",
                                       "product",
                                       "product.absent",
                                       "product.installed",
                                       "product.version",
                                       "qword",
                                       "profile",
                                       "registry.absent",
                                       "registry.delete_value",
                                       "registry.key",
                                       "registry.set",
                                       "registry.value",
                                       "roots.refresh",
                                       "rule",
                                       "select",
                                       "service.absent",
                                       "service.enabled",
                                       "service.start",
                                       "signature.signer",
                                       "signature.trusted",
                                       "source.file",
                                       "source.msi",
                                       "source.registry",
                                       "source.service",
                                       "source.uninstall",
                                       "string.byte",
                                       "string.char",
                                       "string.format",
                                       "string.glob",
                                       "string.len",
                                       "string.lower",
                                       "string.rep",
                                       "string.reverse",
                                       "string.sub",
                                       "string.upper",
                                       "sz",
                                       "table.concat",
                                       "table.insert",
                                       "table.remove",
                                       "table.sort",
                                       "table.unpack",
                                       "text.capture",
                                       "text.matches",
                                       "tonumber",
                                       "tostring",
                                       "type",
                                       "unknown",
                                       "upgrade",
                                       "upgrade.stage",
                                       "use",
                                       "version",
                                       "when",
                                       "windows.arch",
                                       "windows.type",
                                       "windows.version"};

enum { NAMES = 512, NAME = 64 };

struct names {
    char name[NAMES][NAME];
    size_t count;
};

static void add(struct names *n, const char *space, const char *name)
{
    char full[NAME];
    bool call = strcmp(name, "()") == 0;
    snprintf(full, sizeof full, "%s%s%s", space, *space && !call ? "." : "", call ? "" : name);
    for (size_t i = 0; i < n->count; i++)
        if (strcmp(n->name[i], full) == 0)
            return;
    CHECK(n->count < NAMES);
    if (n->count < NAMES)
        snprintf(n->name[n->count++], NAME, "%s", full);
}

static int order(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void sort(struct names *n)
{
    qsort(n->name, n->count, NAME, order);
}

/* ---- the stubs ----------------------------------------------------------------------------- */

struct stub_file {
    char class_name[NAME];                 /* of the last ---@class */
    char variable[16][NAME], of[16][NAME]; /* local NAME = {} stands for a class */
    size_t variables;
};

/* The word at `p` (letters, digits, _ and the separators given). */
static const char *word(const char *p, const char *also, char out[NAME])
{
    size_t n = 0;
    while ((*p == '_' || (*p >= '0' && *p <= '9') || ((*p | 32) >= 'a' && (*p | 32) <= 'z') ||
            (*p && strchr(also, *p))) &&
           n + 1 < NAME)
        out[n++] = *p++;
    out[n] = 0;
    return p;
}

static const char *class_of(const struct stub_file *f, const char *variable)
{
    for (size_t i = 0; i < f->variables; i++)
        if (strcmp(f->variable[i], variable) == 0)
            return f->of[i];
    return variable;
}

static void add_function(struct stub_file *f, const char *name, struct names *out)
{
    char space[NAME], member[NAME];
    const char *p = word(name, "", space);
    if (*p == '.' || *p == ':') {
        word(p + 1, "", member);
        add(out, class_of(f, space), member);
    } else {
        add(out, "", space);
    }
}

static bool starts(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

static void take_line(struct stub_file *f, const char *line, struct names *out)
{
    char name[NAME], parent[NAME];
    if (starts(line, "---@class ")) {
        const char *p = word(line + 10, "", f->class_name);
        if (starts(p, ": Fact")) {
            word(p + 2, "", parent);
            static const char *const inherited[] = {"state", "reason", "path"};
            for (size_t i = 0; i < 3; i++)
                add(out, f->class_name, inherited[i]);
        }
    } else if (starts(line, "---@field ") && strcmp(f->class_name, "Fact") != 0) {
        word(line + 10, "", name);
        add(out, f->class_name, name);
    } else if (starts(line, "local ") && f->variables < 16) {
        word(line + 6, "", f->variable[f->variables]);
        memcpy(f->of[f->variables++], f->class_name, NAME);
    } else if (starts(line, "function ")) {
        add_function(f, line + 9, out);
    } else if (strstr(line, " = nil")) {
        word(line, "", name);
        add(out, "", name);
    }
}

static void read_stub(const char *name, struct names *out)
{
    static struct stub_file f;
    char path[512], line[1024];
    memset(&f, 0, sizeof f);
    snprintf(path, sizeof path, "%s/lua/api/%s.lua", TEST_SOURCE_DIR, name);
    FILE *in = fopen(path, "r");
    CHECK(in != NULL);
    if (!in)
        return;
    while (fgets(line, sizeof line, in))
        take_line(&f, line, out);
    fclose(in);
}

/* ---- the comparison ------------------------------------------------------------------------ */

static void compare(const struct names *a, const char *a_name, const struct names *b,
                    const char *b_name)
{
    for (size_t i = 0; i < a->count; i++)
        if (!bsearch(a->name[i], b->name, b->count, NAME, order)) {
            fprintf(stderr, "%s is in %s, but not in %s\n", a->name[i], a_name, b_name);
            test_failures++;
        }
}

TEST(registered_names_are_listed_and_documented)
{
    static struct names registered, listed, documented;
    for (size_t i = 0; bind_tables[i]; i++)
        for (const struct binding *b = bind_tables[i]; b->name; b++)
            add(&registered, b->space, b->name);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        add(&listed, "", expected[i]);
    static const char *const stubs[] = {"language", "policy", "product", "check", "test"};
    for (size_t i = 0; i < sizeof stubs / sizeof *stubs; i++)
        read_stub(stubs[i], &documented);
    sort(&registered);
    sort(&listed);
    sort(&documented);
    compare(&registered, "the bindings", &listed, "the list of this test");
    compare(&listed, "the list of this test", &registered, "the bindings");
    compare(&registered, "the bindings", &documented, "lua/api");
    compare(&documented, "lua/api", &registered, "the bindings");
}

/* What an environment really holds, asked of Lua itself. */
static int list_environment(lua_State *L)
{
    struct names *out = sandbox_of(L)->context;
    bind_push_environment(L);
    lua_getmetatable(L, -1);
    lua_getfield(L, -1, "__index");
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *space = lua_tostring(L, -2);
        if (lua_type(L, -1) != LUA_TUSERDATA || strcmp(space, "absent") == 0) {
            add(out, "", space);
            continue;
        }
        lua_getmetatable(L, -1);
        if (lua_getfield(L, -1, "__call") != LUA_TNIL)
            add(out, space, "()");
        lua_getfield(L, -2, "__index");
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
            add(out, space, lua_tostring(L, -2));
        lua_pop(L, 3);
    }
    return 0;
}

TEST(environments_hold_their_phase_and_nothing_else)
{
    static const enum sandbox_phase phases[] = {PHASE_POLICY, PHASE_PRODUCT, PHASE_CHECK,
                                                PHASE_TEST, PHASE_PROFILE};
    for (size_t p = 0; p < sizeof phases / sizeof *phases; p++) {
        static struct names real, wanted;
        struct sandbox s = {.phase = phases[p]};
        struct arena a;
        struct err e = {0};
        memset(&real, 0, sizeof real);
        memset(&wanted, 0, sizeof wanted);
        arena_init(&a, ARENA_DEFAULT_CAP);
        s.mem = &a;
        CHECK(sandbox_run(&s, NULL, list_environment, &real, &e));
        for (size_t i = 0; bind_tables[i]; i++)
            for (const struct binding *b = bind_tables[i]; b->name; b++)
                if (b->phases & phases[p])
                    add(&wanted, b->space, b->name);
        sort(&real);
        sort(&wanted);
        compare(&real, "the environment", &wanted, "the bindings");
        compare(&wanted, "the bindings", &real, "the environment");
        arena_done(&a);
    }
}

TEST_MAIN()
