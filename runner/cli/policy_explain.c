#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/policy.h"
#include "cli/selection.h"
#include "engine/explain.h"
#include "report/explain_report.h"

static const char *const formats[] = {"terminal", "json", NULL};

static const struct args_option options[] = {
    TARGET_OPTIONS,
    TARGET_CACHE_OPTION,
    {"policy", "PATH", "policy file or folder, repeatable (default: the built-in packs)"},
    {"profile", "PROFILE", "profile that sets inputs, as with check"},
    {"inputs", "FILE", "JSON file with values of inputs, as with check"},
    {"set", "NAME=VALUE", "value of a policy's input, as with check"},
    {"format", "NAME[:FILE]", "terminal or json, repeatable; to a file or to stdout"},
    {"color", "WHEN", "auto, always or never"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "policy explain",
    .synopsis = "RULE --root DIR | --archive FILE [OPTIONS]",
    .about = "Evaluates one rule on a Windows volume and tells why it has its verdict: every fact "
             "that was read, in order, with its state and where it comes from, every decision "
             "about trust and which store made it, and each part of the wanted state.",
    .options = options,
    .more = "exit codes: 0 explained, whatever the verdict; 1 could not run, 64 wrong command line",
};

struct explaining {
    struct target_options target;
    struct selection selection;
    struct outputs outputs;
    enum when_colour colour;
};

static bool name_rule(struct explaining *x, const char *word)
{
    if (x->selection.engine.only_count) {
        cli_fail(0, "policy explain: unexpected argument %s; one rule at a time", word);
        return false;
    }
    x->selection.only[x->selection.engine.only_count++] = str_of(word);
    return true;
}

/* -1: go on; else the exit code. */
static int parse(struct explaining *x, int argc, char **argv)
{
    struct args a;
    struct err e = {0};
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD || (got == ARGS_WORD && !name_rule(x, a.value)))
            return EXIT_USAGE_ERROR;
        int taken = got == ARGS_WORD ? 1 : target_option(&a, &x->target);
        if (taken == 0)
            taken = selection_option(&a, &x->selection, &x->target);
        if (taken < 0)
            return EXIT_USAGE_ERROR;
        if (taken)
            continue;
        if (args_is(&a, "format") && !outputs_add(&x->outputs, a.value, formats, &e))
            return cli_fail(EXIT_USAGE_ERROR, "policy explain: %s", e.text);
        if (args_is(&a, "color") && !colour_parse(a.value, &x->colour))
            return args_bad_value(&a, "auto, always or never");
    }
    if (!x->selection.engine.only_count)
        return cli_fail(EXIT_USAGE_ERROR, "policy explain: name a rule; see rectify policy list");
    if (x->outputs.count == 0)
        x->outputs.item[x->outputs.count++] = (struct output){"terminal", NULL};
    return -1;
}

static bool write_one(const struct explaining *x, const struct output *o,
                      const struct run_report *run, const struct explanation *why, struct err *e)
{
    struct sb bytes;
    struct report_style style = output_style(o, x->colour);
    sb_init(&bytes, (size_t)1 << 30);
    if (strcmp(o->format, "json") == 0)
        report_explain_json(run, why, &bytes);
    else
        report_explain_terminal(run, why, &style, &bytes);
    bool ok = output_write(o, &bytes, e);
    sb_done(&bytes);
    return ok;
}

static int explain(const struct explaining *x, const struct catalogue *c)
{
    struct host *host = NULL;
    int code = target_open("policy explain", &x->target, &host);
    if (code)
        return code;
    struct arena mem;
    struct run_report run = {0};
    struct explanation why;
    struct err e = {0};
    arena_init(&mem, ARENA_DEFAULT_CAP);
    bool ok = engine_explain(c, host, &mem, &run, &why, &e);
    for (size_t i = 0; i < x->outputs.count && ok; i++)
        ok = write_one(x, &x->outputs.item[i], &run, &why, &e);
    arena_done(&mem);
    host_close(host);
    if (ok)
        return EXIT_PASS;
    return cli_fail(e.kind == ERR_USAGE ? EXIT_USAGE_ERROR : EXIT_COULD_NOT_RUN,
                    "policy explain: %s", e.text);
}

int policy_explain(int argc, char **argv)
{
    static struct explaining x;
    x = (struct explaining){0};
    selection_begin(&x.selection);
    int code = parse(&x, argc, argv);
    if (code >= 0)
        return code;
    struct catalogue c = {0};
    struct err e = {0};
    if (!catalogue_load(&x.selection.engine, &c, &e))
        return cli_fail(e.kind == ERR_USAGE ? EXIT_USAGE_ERROR : EXIT_COULD_NOT_RUN, "%s", e.text);
    code = explain(&x, &c);
    catalogue_done(&c);
    return code;
}
