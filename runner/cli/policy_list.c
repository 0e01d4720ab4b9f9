#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/policy.h"
#include "cli/selection.h"
#include "report/policy_report.h"

static const char *const formats[] = {"terminal", "json", NULL};

static const struct args_option options[] = {
    SELECTION_OPTIONS,
    {"format", "NAME[:FILE]", "terminal or json, repeatable; to a file or to stdout"},
    {"color", "WHEN", "auto, always or never"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "policy list",
    .synopsis = "[OPTIONS]",
    .about = "Lists rules with what their files say of them.  Files are loaded, which needs no "
             "target and evaluates nothing.",
    .options = options,
    .more = "exit codes: 0 listed, 1 a policy does not load, 64 wrong command line",
};

struct listing {
    struct selection selection;
    struct target_options target; /* takes what --set says of archives */
    struct outputs outputs;
    enum when_colour colour;
};

/* -1: go on; else the exit code. */
static int parse(struct listing *l, int argc, char **argv)
{
    struct args a;
    struct err e = {0};
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD)
            return cli_fail(EXIT_USAGE_ERROR,
                            "policy list: unexpected argument %s; policies go behind --policy",
                            a.value);
        int taken = selection_option(&a, &l->selection, &l->target);
        if (taken < 0)
            return EXIT_USAGE_ERROR;
        if (taken)
            continue;
        if (args_is(&a, "format") && !outputs_add(&l->outputs, a.value, formats, &e))
            return cli_fail(EXIT_USAGE_ERROR, "policy list: %s", e.text);
        if (args_is(&a, "color") && !colour_parse(a.value, &l->colour))
            return args_bad_value(&a, "auto, always or never");
    }
    if (l->outputs.count == 0)
        l->outputs.item[l->outputs.count++] = (struct output){"terminal", NULL};
    return -1;
}

static bool write_one(const struct listing *l, const struct output *o,
                      const struct rule_list *rules, struct err *e)
{
    struct sb bytes;
    struct report_style style = output_style(o, l->colour);
    sb_init(&bytes, (size_t)1 << 30);
    if (strcmp(o->format, "json") == 0)
        report_rules_json(rules, &bytes);
    else
        report_rules_terminal(rules, &style, &bytes);
    bool ok = output_write(o, &bytes, e);
    sb_done(&bytes);
    return ok;
}

int policy_list(int argc, char **argv)
{
    static struct listing l;
    l = (struct listing){0};
    selection_begin(&l.selection);
    int code = parse(&l, argc, argv);
    if (code >= 0)
        return code;
    struct catalogue c = {0};
    struct err e = {0};
    if (!catalogue_load(&l.selection.engine, &c, &e))
        return cli_fail(e.kind == ERR_USAGE ? EXIT_USAGE_ERROR : EXIT_COULD_NOT_RUN, "%s", e.text);
    const struct rule_list rules = {c.selected, c.selected_count};
    bool ok = true;
    for (size_t i = 0; i < l.outputs.count && ok; i++)
        ok = write_one(&l, &l.outputs.item[i], &rules, &e);
    catalogue_done(&c);
    return ok ? EXIT_PASS : cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
}
