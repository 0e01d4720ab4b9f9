/* Loading, settings, selection, and who may have written a policy. */
#include "engine_case.h"

#include "system.h"

static bool load(const struct engine_options *o, struct catalogue *c, struct err *e)
{
    *e = (struct err){0};
    return catalogue_load(o, c, e);
}

static const char *const ids[] = {"vse-fixed-patch",         "vse-latest-patch",
                                  "agent-version",           "agent-dlls-signed",
                                  "untrusted-code-events",   "third-party-hooks",
                                  "microsoft-files-trusted", "root-certificates-current",
                                  "system-log-capacity",     "validation-service",
                                  "loaded-modules",          "loaded-microsoft-files"};

TEST(built_in_pack)
{
    struct engine_options o = {0};
    struct catalogue c;
    struct err e;
    CHECK(load(&o, &c, &e));
    CHECK_U64(c.policy_count, 2);
    CHECK_U64(c.selected_count, 25);
    for (size_t i = 0; i < c.selected_count && i < 12; i++)
        CHECK_STR(c.selected[i]->id, ids[i]);
    CHECK_STR(c.selected[0]->qualified, "kb71083.vse-fixed-patch");
    CHECK_STR(c.selected[12]->qualified, "windows-trust.root-list-fresh");
    CHECK_U64(c.product_count, 3);
    catalogue_done(&c);
}

/* How many rules the patterns leave; -1: refused as a usage error, -2: otherwise. */
static int selected(const char *only, const char *skip, struct err *e)
{
    struct str o = str_of(only), s = str_of(skip);
    struct engine_options options = {
        .only = &o, .only_count = only ? 1 : 0, .skip = &s, .skip_count = skip ? 1 : 0};
    struct catalogue c;
    if (!load(&options, &c, e))
        return e->kind == ERR_USAGE ? -1 : -2;
    int n = (int)c.selected_count;
    catalogue_done(&c);
    return n;
}

TEST(selection)
{
    struct err e;
    CHECK(selected("kb71083.vse-fixed-patch", NULL, &e) == 1);
    CHECK(selected("vse-fixed-patch", NULL, &e) == 1);
    CHECK(selected("kb71083.vse-*", NULL, &e) == 2);
    CHECK(selected("vse-*", NULL, &e) == 2);
    CHECK(selected("*", NULL, &e) == 25);
    CHECK(selected("kb71083.*", NULL, &e) == 12);
    CHECK(selected(NULL, "*.vse-*", &e) == 23);
    CHECK(selected("vse-*", "vse-latest-patch", &e) == 1);
    CHECK(selected("vse-fixed-pach", NULL, &e) == -1);
    CHECK_STR(str_of(e.text), "--only vse-fixed-pach: matches no rule (did you mean "
                              "\"vse-fixed-patch\"?)");
    CHECK(selected(NULL, "nothing.*", &e) == -1);
    CHECK_STR(str_of(e.text), "--skip nothing.*: matches no rule");
    CHECK(selected(NULL, "*", &e) == -1);
    CHECK(selected("", NULL, &e) == -1);
}

TEST(severity)
{
    struct engine_options o = {.has_severity = true, .at_least = SEVERITY_HIGH};
    struct catalogue c;
    struct err e;
    CHECK(load(&o, &c, &e));
    CHECK_U64(c.selected_count, 11);
    catalogue_done(&c);
    o.at_least = SEVERITY_CRITICAL;
    CHECK(!load(&o, &c, &e) && e.kind == ERR_USAGE);
}

static bool set(const char *policy, const char *name, const char *value, struct err *e,
                struct value *out)
{
    struct engine_setting s = {str_of(policy), str_of(name), str_of(value)};
    struct engine_options o = {.settings = &s, .setting_count = 1};
    struct catalogue c;
    bool ok = load(&o, &c, e);
    if (!ok)
        CHECK(e->kind == ERR_USAGE);
    else
        *out = policy_input(c.policies[0], str_of(name))->value;
    if (ok)
        catalogue_done(&c);
    return ok;
}

TEST(settings)
{
    struct err e;
    struct value v;
    CHECK(set("", "window_days", "7", &e, &v) && v.integer == 7);
    CHECK(set("kb71083", "window_days", "7", &e, &v));
    CHECK(set("", "latest_patch", "8.8.0.2190", &e, &v));
    CHECK(!set("", "window_days", "0", &e, &v));
    CHECK_STR(str_of(e.text), "--set window_days: 0 is below 1");
    CHECK(!set("", "window_days", "999999", &e, &v));
    CHECK(!set("", "window_days", "7d", &e, &v));
    CHECK(!set("", "window_days", "", &e, &v));
    CHECK(!set("", "window_days", "99999999999999999999", &e, &v));
    CHECK(!set("", "latest_patch", "Patch 11", &e, &v));
    CHECK(!set("", "windows_days", "7", &e, &v));
    CHECK_STR(str_of(e.text), "--set windows_days: no policy has such an input (did you mean "
                              "\"window_days\"?)");
    CHECK(!set("kb99999", "window_days", "7", &e, &v));
}

/* ---- files of the admin ------------------------------------------------------------------------
 */

static const char good[] =
    "return policy { id = \"mine\", title = \"t\",\n"
    "  rule { id = \"r\", title = \"t\", severity = \"low\",\n"
    "    want = registry.value([[HKLM\\SOFTWARE\\X]], \"y\", dword(1)) } }\n";

struct folder {
    char path[128], file[192];
};

static void folder_open(struct folder *f, const char *name, const char *text)
{
    snprintf(f->path, sizeof f->path, "/tmp/rectify-catalogue-XXXXXX");
    CHECK(temp_folder(f->path));
    snprintf(f->file, sizeof f->file, "%s/%s", f->path, name);
    FILE *out = fopen(f->file, "wb");
    CHECK(out && fputs(text, out) >= 0 && fclose(out) == 0);
    CHECK(everybody_may_write(f->file, false));
}

static void folder_close(struct folder *f)
{
    CHECK(remove_all(f->path));
}

static bool load_path(const char *path, enum err_kind *kind, char text[256])
{
    struct str one = str_of(path);
    struct engine_options o = {.policies = &one, .policy_count = 1};
    struct catalogue c;
    struct err e;
    bool ok = load(&o, &c, &e);
    *kind = e.kind;
    memcpy(text, e.text, sizeof e.text);
    if (ok)
        catalogue_done(&c);
    return ok;
}

TEST(files_and_folders)
{
    struct folder f;
    enum err_kind kind;
    char text[256];
    folder_open(&f, "mine.lua", good);
    CHECK(load_path(f.file, &kind, text));
    CHECK(load_path(f.path, &kind, text));
    CHECK(!load_path("/tmp/rectify-no-such-policy.lua", &kind, text) && kind == ERR_NOT_FOUND);
    CHECK(!load_path("", &kind, text));
    CHECK(remove(f.file) == 0);
    CHECK(!load_path(f.path, &kind, text) && kind == ERR_NOT_FOUND);
    CHECK(strstr(text, "no .lua file") != NULL);
    folder_close(&f);
}

TEST(files_that_everybody_may_write_are_refused)
{
    struct folder f;
    enum err_kind kind;
    char text[256];
    folder_open(&f, "mine.lua", good);
    CHECK(everybody_may_write(f.file, true));
    CHECK(!load_path(f.path, &kind, text) && kind == ERR_DENIED && strstr(text, "may write"));
    CHECK(everybody_may_write(f.file, false));
    CHECK(load_path(f.file, &kind, text));
    CHECK(everybody_may_write(f.path, true));
    CHECK(!load_path(f.path, &kind, text) && kind == ERR_DENIED);
    CHECK(everybody_may_write(f.path, false));
    folder_close(&f);
}

TEST(bad_policies_load_nothing)
{
    static const char *const bad[] = {
        "return policy {",
        "return policy { id = \"mine\", title = \"t\", rulez = 1 }\n",
        "return policy { id = \"mine\", title = \"t\", rule { id = \"r\", title = \"t\",\n"
        "  severity = \"low\", want = product.version(\"mcafee.vsee\", at_least \"1\") } }\n",
        "return policy { id = \"mine\", title = \"t\", rule { id = \"r\", title = \"t\",\n"
        "  severity = \"low\", want = registry.value(\"HKLM\\\\X\", \"y\", 1),\n"
        "  repair = upgrade { product = \"none\", to = \"1\" } } }\n",
        "while true do end",
        "\x1bLua",
        "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct folder f;
        enum err_kind kind;
        char text[256];
        folder_open(&f, "mine.lua", bad[i]);
        CHECK(!load_path(f.file, &kind, text));
        CHECK(kind != ERR_USAGE && kind != ERR_NONE && text[0]);
        folder_close(&f);
    }
}

TEST(one_bad_policy_stops_the_good_one)
{
    struct folder a, b;
    struct catalogue c;
    struct err e;
    folder_open(&a, "mine.lua", good);
    folder_open(&b, "other.lua", "return 1");
    struct str paths[] = {str_of(a.file), str_of(b.file)};
    struct engine_options o = {.policies = paths, .policy_count = 2};
    CHECK(!load(&o, &c, &e));
    CHECK_U64(c.selected_count, 0);
    /* The same policy twice is an error too: which one would be meant? */
    paths[1] = paths[0];
    CHECK(!load(&o, &c, &e));
    CHECK(strstr(e.text, "defined already") != NULL);
    folder_close(&a);
    folder_close(&b);
}

TEST_MAIN()
