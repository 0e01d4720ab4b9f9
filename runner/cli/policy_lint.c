#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/policy.h"
#include "engine/lint.h"
#include "report/lint_report.h"

enum { PATHS_MAX = 64 };

static const char *const formats[] = {"terminal", "json", NULL};

static const struct args_option options[] = {
    {"format", "NAME[:FILE]", "terminal or json, repeatable; to a file or to stdout"},
    {"color", "WHEN", "auto, always or never"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "policy lint",
    .synopsis = "PATH... [OPTIONS]",
    .about = "Looks at policy files and folders for mistakes: those that keep a file from loading, "
             "all of them at once, and what loads but is hardly meant.  A line each: file, line, "
             "level, text and, in brackets, a code.",
    .options = options,
    .more =
        "A comment `-- lint: allow CODE` on the line, or on the one before, silences a code.\n\n"
        "exit codes: 0 nothing found, 1 a path cannot be read, 2 something found,\n"
        "            64 wrong command line",
};

struct linting {
    struct str paths[PATHS_MAX];
    size_t path_count;
    struct outputs outputs;
    enum when_colour colour;
};

static int parse(struct linting *l, int argc, char **argv)
{
    struct args a;
    struct err e = {0};
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD && l->path_count == PATHS_MAX)
            return cli_fail(EXIT_USAGE_ERROR, "policy lint: more than %d paths", PATHS_MAX);
        if (got == ARGS_WORD)
            l->paths[l->path_count++] = str_of(a.value);
        else if (args_is(&a, "format") && !outputs_add(&l->outputs, a.value, formats, &e))
            return cli_fail(EXIT_USAGE_ERROR, "policy lint: %s", e.text);
        else if (args_is(&a, "color") && !colour_parse(a.value, &l->colour))
            return args_bad_value(&a, "auto, always or never");
    }
    if (!l->path_count)
        return cli_fail(EXIT_USAGE_ERROR, "policy lint: name a policy file or a folder");
    if (l->outputs.count == 0)
        l->outputs.item[l->outputs.count++] = (struct output){"terminal", NULL};
    return -1;
}

static bool write_one(const struct linting *l, const struct output *o,
                      const struct lint_report *report, struct err *e)
{
    struct sb bytes;
    struct report_style style = output_style(o, l->colour);
    sb_init(&bytes, (size_t)1 << 30);
    if (strcmp(o->format, "json") == 0)
        report_lint_json(report, &bytes);
    else
        report_lint_terminal(report, &style, &bytes);
    bool ok = output_write(o, &bytes, e);
    sb_done(&bytes);
    return ok;
}

int policy_lint(int argc, char **argv)
{
    static struct linting l;
    l = (struct linting){0};
    int code = parse(&l, argc, argv);
    if (code >= 0)
        return code;
    struct arena mem;
    struct lint_report report;
    struct err e = {0};
    arena_init(&mem, ARENA_DEFAULT_CAP);
    bool ok = engine_lint(l.paths, l.path_count, &mem, &report, &e);
    for (size_t i = 0; i < l.outputs.count && ok; i++)
        ok = write_one(&l, &l.outputs.item[i], &report, &e);
    code = !ok            ? cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text)
           : report.count ? EXIT_RULE_FAILED
                          : EXIT_PASS;
    arena_done(&mem);
    return code;
}
