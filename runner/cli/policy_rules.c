#include "cli/policy_rules.h"

#include <string.h>

#include "cli/cli.h"
#include "engine/describe.h"

static const char *const formats[] = {"terminal", "json", NULL};

struct listing {
    const char *verb;
    struct selection selection;
    struct target_options target; /* takes what --set says of archives */
    struct outputs outputs;
    enum when_colour colour;
    bool takes_rules, named;
    rules_terminal *terminal;
};

static bool name_rule(struct listing *l, const char *word)
{
    struct engine_options *o = &l->selection.engine;
    if (!l->takes_rules) {
        cli_fail(0, "%s: unexpected argument %s; policies go behind --policy", l->verb, word);
        return false;
    }
    if (o->only_count == SELECTION_REPEATS) {
        cli_fail(0, "%s: more than %d rules", l->verb, SELECTION_REPEATS);
        return false;
    }
    o->only[o->only_count++] = str_of(word);
    l->named = true;
    return true;
}

/* -1: go on; else the exit code. */
static int parse(struct listing *l, const struct args_spec *spec, int argc, char **argv)
{
    struct args a;
    struct err e = {0};
    args_begin(&a, spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD || (got == ARGS_WORD && !name_rule(l, a.value)))
            return EXIT_USAGE_ERROR;
        int taken = got == ARGS_WORD ? 1 : selection_option(&a, &l->selection, &l->target);
        if (taken < 0)
            return EXIT_USAGE_ERROR;
        if (taken)
            continue;
        if (args_is(&a, "format") && !outputs_add(&l->outputs, a.value, formats, &e))
            return cli_fail(EXIT_USAGE_ERROR, "%s: %s", l->verb, e.text);
        if (args_is(&a, "color") && !colour_parse(a.value, &l->colour))
            return args_bad_value(&a, "auto, always or never");
    }
    if (l->takes_rules && !l->named)
        return cli_fail(EXIT_USAGE_ERROR, "%s: name a rule; see rectify policy list", l->verb);
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
        l->terminal(rules, &style, &bytes);
    bool ok = output_write(o, &bytes, e);
    sb_done(&bytes);
    return ok;
}

static bool show(const struct listing *l, struct catalogue *c, struct err *e)
{
    struct rule_view *views = ARENA_ARRAY(&c->mem, c->selected_count, struct rule_view);
    if (!views)
        return err_set(e, ERR_NOMEM, 0, "no memory for %zu rules", c->selected_count);
    for (size_t i = 0; i < c->selected_count; i++)
        if (!engine_describe(c, c->selected[i], &c->mem, &views[i], e))
            return false;
    const struct rule_list rules = {views, c->selected_count};
    for (size_t i = 0; i < l->outputs.count; i++)
        if (!write_one(l, &l->outputs.item[i], &rules, e))
            return false;
    return true;
}

int policy_rules(const struct args_spec *spec, bool takes_rules, rules_terminal *terminal, int argc,
                 char **argv)
{
    static struct listing l;
    l = (struct listing){.verb = spec->verb, .takes_rules = takes_rules, .terminal = terminal};
    selection_begin(&l.selection);
    int code = parse(&l, spec, argc, argv);
    if (code >= 0)
        return code;
    struct catalogue c = {0};
    struct err e = {0};
    if (!catalogue_load(&l.selection.engine, &c, &e))
        return cli_fail(e.kind == ERR_USAGE ? EXIT_USAGE_ERROR : EXIT_COULD_NOT_RUN, "%s", e.text);
    bool ok = show(&l, &c, &e);
    catalogue_done(&c);
    return ok ? EXIT_PASS : cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
}
