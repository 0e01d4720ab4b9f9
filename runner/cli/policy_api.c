#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/new_file.h"
#include "cli/output.h"
#include "cli/policy.h"
#include "report/api_report.h"
#include "script/api.h"

enum { PATH_BYTES = 4096 };

static const char *const formats[] = {"terminal", "json", NULL};

static const struct args_option options[] = {
    {"format", "NAME[:FILE]", "terminal or json, repeatable; to a file or to stdout"},
    {"stubs", "DIR",
     "write the annotations for the Lua language server, and a .luarc.json beside them that names "
     "them, into a folder; nothing is overwritten"},
    {"color", "WHEN", "auto, always or never"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "policy api",
    .synopsis = "[NAME] [OPTIONS]",
    .about = "Shows what policy files can name: constructors, predicates, what check functions "
             "may read, and what tests are made of.  NAME is a name or a glob such as "
             "'registry.*'.",
    .options = options,
    .more = "exit codes: 0 shown, 1 could not write, 64 wrong command line",
};

struct showing {
    const char *name, *stubs;
    struct outputs outputs;
    enum when_colour colour;
};

static int parse(struct showing *s, int argc, char **argv)
{
    struct args a;
    struct err e = {0};
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD && s->name)
            return cli_fail(EXIT_USAGE_ERROR, "policy api: unexpected argument %s", a.value);
        if (got == ARGS_WORD)
            s->name = a.value;
        else if (args_is(&a, "stubs"))
            s->stubs = a.value;
        else if (args_is(&a, "format") && !outputs_add(&s->outputs, a.value, formats, &e))
            return cli_fail(EXIT_USAGE_ERROR, "policy api: %s", e.text);
        else if (args_is(&a, "color") && !colour_parse(a.value, &s->colour))
            return args_bad_value(&a, "auto, always or never");
    }
    if (s->outputs.count == 0 && !s->stubs)
        s->outputs.item[s->outputs.count++] = (struct output){"terminal", NULL};
    return -1;
}

/* What the language server has to know: our Lua has neither globals of its own nor these libraries.
 */
static const char luarc[] =
    "{\n"
    "  \"runtime.version\": \"Lua 5.4\",\n"
    "  \"runtime.builtin\": {\n"
    "    \"basic\": \"disable\", \"bit\": \"disable\", \"bit32\": \"disable\",\n"
    "    \"builtin\": \"disable\", \"coroutine\": \"disable\", \"debug\": \"disable\",\n"
    "    \"ffi\": \"disable\", \"io\": \"disable\", \"jit\": \"disable\", \"math\": \"disable\",\n"
    "    \"os\": \"disable\", \"package\": \"disable\", \"string\": \"disable\",\n"
    "    \"table\": \"disable\", \"utf8\": \"disable\"\n"
    "  },\n"
    "  \"workspace.library\": [\"rectify-api\"],\n"
    "  \"diagnostics.globals\": []\n"
    "}\n";

static bool below(const char *folder, const char *name, char out[PATH_BYTES], struct err *e)
{
    int n = snprintf(out, PATH_BYTES, "%s/%s", folder, name);
    return (n > 0 && n < PATH_BYTES) || err_set(e, ERR_USAGE, 0, "%s: path too long", folder);
}

static bool write_stubs(const char *folder, struct arena *mem, struct err *e)
{
    struct api_stub *stubs;
    size_t count;
    char settings[PATH_BYTES], library[PATH_BYTES], path[PATH_BYTES];
    if (!script_stubs(mem, &stubs, &count, e) || !below(folder, ".luarc.json", settings, e) ||
        !below(folder, "rectify-api", library, e) || !new_file_absent(settings, e) ||
        !new_file_absent(library, e) || !new_folder(folder, e) || !new_folder(library, e))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct str text = {(const char *)stubs[i].text.ptr, stubs[i].text.len};
        char name[256];
        snprintf(name, sizeof name, STR_FMT, STR_ARG(stubs[i].name));
        if (!below(library, name, path, e) || !new_file(path, text, e))
            return false;
    }
    return new_file(settings, str_of(luarc), e);
}

static bool write_one(const struct showing *s, const struct output *o, const struct api *api,
                      struct err *e)
{
    struct sb bytes;
    struct report_style style = output_style(o, s->colour);
    struct str name = str_of(s->name);
    sb_init(&bytes, (size_t)1 << 30);
    if (strcmp(o->format, "json") == 0)
        report_api_json(api, name, &bytes);
    else
        report_api_terminal(api, name, &style, &bytes);
    bool ok = output_write(o, &bytes, e);
    sb_done(&bytes);
    return ok;
}

int policy_api(int argc, char **argv)
{
    static struct showing s;
    s = (struct showing){0};
    int code = parse(&s, argc, argv);
    if (code >= 0)
        return code;
    struct arena mem;
    struct api api;
    struct err e = {0};
    arena_init(&mem, ARENA_DEFAULT_CAP);
    bool ok = script_api(&mem, &api, &e);
    for (size_t i = 0; i < s.outputs.count && ok; i++)
        ok = write_one(&s, &s.outputs.item[i], &api, &e);
    ok = ok && (!s.stubs || write_stubs(s.stubs, &mem, &e));
    arena_done(&mem);
    return ok ? EXIT_PASS : cli_fail(EXIT_COULD_NOT_RUN, "policy api: %s", e.text);
}
