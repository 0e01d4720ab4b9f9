/* Profiles and files of inputs: layers, what counts more, and mistakes with file and line. */
#include "engine_case.h"

#include "system.h"

static const char policy_text[] =
    "local function r(id, severity) return rule { id = id, title = id, severity = severity,\n"
    "  want = registry.value([[HKLM\\SOFTWARE\\T]], 'n', at_least(input 'least')) } end\n"
    "return policy { id = 'pp', title = 't', inputs = {\n"
    "  least = input.int { default = 1, minimum = 0, maximum = 100 },\n"
    "  names = input.list { default = { 'a' } }, on = input.bool { default = true },\n"
    "  rate = input.number { default = 1.5 }, build = input.version { default = '1.0' },\n"
    "  text = input.text { default = 'x' } },\n"
    "  r('one', 'low'), r('two', 'high'), r('three', 'critical'), r('four', 'low') }\n";

struct files {
    char dir[40];
    char path[8][64];
    size_t count;
};

static struct str put(struct files *f, const char *name, const char *text)
{
    char *path = f->path[f->count++], dir[sizeof f->dir];
    memcpy(dir, f->dir, sizeof dir);
    snprintf(path, 64, "%s/%s", dir, name);
    FILE *out = fopen(path, "wb");
    CHECK(out && fputs(text, out) >= 0 && fclose(out) == 0 && everybody_may_write(path, false));
    return str_of(path);
}

static void files_open(struct files *f)
{
    *f = (struct files){.dir = "/tmp/rectify-profile-XXXXXX"};
    CHECK(temp_folder(f->dir));
}

static void files_close(struct files *f)
{
    CHECK(remove_all(f->dir));
}

struct given {
    struct files files;
    struct str policy, profiles[4], inputs[4], only[2], skip[2];
    struct engine_setting settings[2];
    struct engine_options options;
};

static void given_open(struct given *g)
{
    *g = (struct given){0};
    files_open(&g->files);
    g->policy = put(&g->files, "pp.lua", policy_text);
    g->options = (struct engine_options){.policies = &g->policy,
                                         .policy_count = 1,
                                         .profiles = g->profiles,
                                         .inputs = g->inputs,
                                         .only = g->only,
                                         .skip = g->skip,
                                         .settings = g->settings};
}

static void profile(struct given *g, const char *name, const char *text)
{
    g->profiles[g->options.profile_count++] = put(&g->files, name, text);
}

static void inputs(struct given *g, const char *text)
{
    g->inputs[g->options.input_count++] = put(&g->files, "inputs.json", text);
}

/* The ids of the selected rules, joined by blanks, then the value of `least`. */
static void check_choice(int line, const struct given *g, const char *ids, int64_t least)
{
    struct catalogue c;
    struct err e = {0};
    char have[256] = "";
    if (!catalogue_load(&g->options, &c, &e)) {
        fprintf(stderr, "line %d: %s\n", line, e.text);
        test_failures++;
        return;
    }
    for (size_t i = 0; i < c.selected_count; i++) {
        size_t len = strlen(have);
        snprintf(have + len, sizeof have - len, "%s" STR_FMT, len ? " " : "",
                 STR_ARG(c.selected[i]->id));
    }
    int64_t value = policy_input(c.policies[0], STR("least"))->value.integer;
    if (strcmp(have, ids) != 0 || value != least) {
        fprintf(stderr, "line %d: %s, %lld; want %s, %lld\n", line, have, (long long)value, ids,
                (long long)least);
        test_failures++;
    }
    catalogue_done(&c);
}

#define CHECK_CHOICE(g, ids, least) check_choice(__LINE__, (g), (ids), (least))

static void check_refused(int line, struct given *g, enum err_kind kind, const char *says)
{
    struct catalogue c;
    struct err e = {0};
    bool ok = catalogue_load(&g->options, &c, &e);
    if (ok || !strstr(e.text, says) || e.kind != kind || strchr(e.text, '\n')) {
        fprintf(stderr, "line %d: %s (%s), want %s\n", line, ok ? "(loaded)" : e.text,
                err_kind_name(e.kind), says);
        test_failures++;
    }
    if (ok)
        catalogue_done(&c);
}

#define CHECK_REFUSED(g, kind, says)                                                               \
    do {                                                                                           \
        check_refused(__LINE__, (g), (kind), (says));                                              \
        files_close(&(g)->files);                                                                  \
        given_open(g);                                                                             \
    } while (0)

#define BASE                                                                                       \
    "return profile { title = 'Base', rules = { only = { 'one', 'pp.t*' }, skip = { 'two' } },\n"  \
    "  inputs = { ['pp.least'] = 5, on = false }, severity = 'low' }\n"
#define DERIVED                                                                                    \
    "return profile { title = 'Derived', extends = 'base.lua', inputs = { pp = { least = 7 } } "   \
    "}\n"

TEST(layers)
{
    struct given g;
    given_open(&g);
    CHECK_CHOICE(&g, "one two three four", 1);
    (void)put(&g.files, "base.lua", BASE);
    profile(&g, "derived.lua", DERIVED);
    CHECK_CHOICE(&g, "one three", 7);
    profile(&g, "more.lua",
            "return profile { title = 'More', rules = { only = { '*' } }, severity = 'high' }");
    CHECK_CHOICE(&g, "three", 7); /* `two` is still skipped */
    files_close(&g.files);
}

TEST(the_command_line_counts_more)
{
    struct given g;
    given_open(&g);
    profile(&g, "base.lua", BASE);
    inputs(&g, "{ \"pp\": { \"least\": 8, \"names\": [\"x\", \"y\"], \"rate\": 2 } }");
    CHECK_CHOICE(&g, "one three", 8);
    g.settings[g.options.setting_count++] =
        (struct engine_setting){STR(""), STR("least"), STR("9")};
    CHECK_CHOICE(&g, "one three", 9);
    g.skip[g.options.skip_count++] = STR("one");
    CHECK_CHOICE(&g, "three", 9);
    g.only[g.options.only_count++] = STR("two");
    CHECK_CHOICE(&g, "two", 9);
    g.options.only_count = 0;
    g.options.has_severity = true;
    g.options.at_least = SEVERITY_CRITICAL;
    CHECK_CHOICE(&g, "three", 9);
    files_close(&g.files);
}

TEST(inputs_of_every_type)
{
    struct given g;
    given_open(&g);
    inputs(&g, "{ \"pp.least\": 2, \"names\": [], \"on\": true, \"rate\": 0.25,\n"
               "  \"build\": \"8.8\", \"text\": \"\" }");
    CHECK_CHOICE(&g, "one two three four", 2);
    files_close(&g.files);
}

TEST(mistakes_in_profiles)
{
    struct given g;
    given_open(&g);
    profile(&g, "p.lua", "return 5");
    CHECK_REFUSED(&g, ERR_FORMAT, "p.lua:1: returned a number, want: return profile { ... }");
    profile(&g, "p.lua", "return profile {\n title = 't',\n rule = {} }");
    CHECK_REFUSED(&g, ERR_FORMAT,
                  "p.lua:3: profile: unknown field \"rule\" (did you mean \"rules\"");
    profile(&g, "p.lua", "return profile { title = 't', rules = { olny = 'x' } }");
    CHECK_REFUSED(&g, ERR_FORMAT, "p.lua:1: rules: unknown field \"olny\" (did you mean \"only\"");
    profile(&g, "p.lua", "return profile { title = 't', rules = {\n only = { 'one',\n 'tow' } } }");
    CHECK_REFUSED(&g, ERR_FORMAT, "p.lua:3: tow: matches no rule (did you mean \"two\"?)");
    profile(&g, "p.lua", "return profile { title = 't',\n inputs = {\n laest = 5 } }");
    CHECK_REFUSED(&g, ERR_FORMAT,
                  "p.lua:3: laest: no policy has such an input (did you mean \"least\"?)");
    profile(&g, "p.lua", "return profile { title = 't', inputs = { least = 101 } }");
    CHECK_REFUSED(&g, ERR_FORMAT, "p.lua:1: least: 101 is above 100");
    profile(&g, "p.lua", "return profile { title = 't', inputs = { pq = { least = 1 } } }");
    CHECK_REFUSED(&g, ERR_FORMAT, "p.lua:1: no policy \"pq\" is loaded (did you mean \"pp\"?)");
    profile(&g, "p.lua", "return profile { title = 't', severity = 'hihg' }");
    CHECK_REFUSED(&g, ERR_FORMAT, "(did you mean \"high\"?)");
    profile(&g, "p.lua", "return profile { title = registry.key 'x' }");
    CHECK_REFUSED(&g, ERR_FORMAT, "p.lua:1: unknown name \"registry\"");
    profile(&g, "p.lua", "while true do end");
    g.options.limits.instructions = 100000; /* not a time: machines differ in speed */
    CHECK_REFUSED(&g, ERR_LIMIT, "p.lua:1: executed more than its 100000 instructions");
    files_close(&g.files);
}

TEST(profiles_that_extend_badly)
{
    struct given g;
    given_open(&g);
    profile(&g, "p.lua", "return profile { title = 't',\n extends = 'p.lua' }");
    CHECK_REFUSED(&g, ERR_FORMAT, "p.lua:2: the profile extends itself, by way of");
    (void)put(&g.files, "b.lua", "return profile { title = 't', extends = 'p.lua' }");
    profile(&g, "p.lua", "return profile { title = 't',\n extends = 'b.lua' }");
    CHECK_REFUSED(&g, ERR_FORMAT, "b.lua:1: the profile extends itself, by way of");
    profile(&g, "p.lua", "return profile { title = 't',\n extends = 'none.lua' }");
    CHECK_REFUSED(&g, ERR_NOT_FOUND, "p.lua:2: ");
    profile(&g, "p.lua", "return profile { title = 't', extends = 'quik' }");
    CHECK_REFUSED(&g, ERR_FORMAT,
                  "p.lua:1: there is no built-in profile \"quik\" (did you mean \"quick\"?)");
    g.profiles[g.options.profile_count++] = STR("quikc");
    CHECK_REFUSED(&g, ERR_USAGE,
                  "--profile: there is no built-in profile \"quikc\" (did you mean \"quick\"?)");
    profile(&g, "p.lua", "return profile { title = 't' }");
    CHECK(everybody_may_write(g.profiles[0].ptr, true));
    CHECK_REFUSED(&g, ERR_DENIED, "may write it");
    files_close(&g.files);
}

TEST(mistakes_in_files_of_inputs)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "inputs.json:1: '[' or '{' expected"},
        {"{\n \"least\": 1,\n}", "inputs.json:3: string or '}' expected"},
        {"{ \"least\": 1, \"least\": 2 }", "inputs.json:1: duplicate object key"},
        {"[1]", "inputs.json:1: want an object of inputs"},
        {"{\n\n\"pp.laest\": 1 }", "inputs.json:3: pp.laest: no policy has such an input (did you "
                                   "mean \"least\"?)"},
        {"{\n\"pp\": {\n\"least\": \"5\" } }", "inputs.json:3: pp.least: text \"5\", want a whole"},
        {"{ \"least\": 1.5 }", "inputs.json:1: least: a number, want a whole number"},
        {"{ \"least\": -1 }", "inputs.json:1: least: -1 is below 0"},
        {"{ \"least\": null }", "inputs.json:1: least: null, want a whole number"},
        {"{ \"on\": 1 }", "inputs.json:1: on: a whole number, want true or false"},
        {"{ \"build\": \"Patch 2\" }", "want a version such as"},
        {"{ \"names\": [\"a\", 1] }", "inputs.json:1: names: a list, want a list of texts"},
        {"{ \"text\": {} }", "inputs.json:1: no policy \"text\" is loaded"},
        {"{ \"least\": 99999999999999999999 }", "inputs.json:1: too big integer"},
        {"{ \"text\": \"\xff\" }", "inputs.json:1: unable to decode byte 0xff"},
        {"{ \"text\": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]] }", "nested more than 16 deep"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct given g;
        given_open(&g);
        inputs(&g, rows[i].text);
        CHECK_REFUSED(&g, ERR_FORMAT, rows[i].says);
        files_close(&g.files);
    }
}

TEST(the_built_in_profile)
{
    struct str name = STR("quick");
    struct engine_options options = {.profiles = &name, .profile_count = 1};
    struct catalogue c;
    struct err e = {0};
    CHECK(catalogue_load(&options, &c, &e));
    CHECK(c.selected_count > 3);
    CHECK_STR(c.profile, "Rules that need no signature to be decided");
    for (size_t i = 0; i < c.selected_count; i++)
        CHECK(!str_eq(c.selected[i]->id, STR("third-party-hooks")) &&
              !str_eq(c.selected[i]->id, STR("loaded-modules")));
    catalogue_done(&c);
}

TEST_MAIN()
