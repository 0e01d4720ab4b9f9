#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/target.h"
#include "engine/engine.h"
#include "report/report.h"

static const char *const formats[] = {"terminal", "json", NULL};

static const struct args_option options[] = {
    TARGET_OPTIONS,
    TARGET_CACHE_OPTION,
    {"format", "NAME[:FILE]", "terminal or json, repeatable; to a file or to stdout"},
    {"color", "WHEN", "auto, always or never"},
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "facts",
    .synopsis = "--root DIR | --archive FILE [OPTIONS] [signatures [PATH-GLOB]]",
    .about =
        "Shows what is known of a host: identity, products with every source of their version, "
        "services of interest, and what the event logs cover.",
    .options = options,
    .more = "signatures: verifies the files that a pattern names, by the host's own certificate "
            "stores\n"
            "  and catalogs; rectify facts signatures --help tells its options\n\n"
            "exit codes: 0 shown, 1 could not run, 64 wrong command line",
};

struct facts {
    struct target_options target;
    struct outputs outputs;
    enum when_colour colour;
};

static int parse(struct facts *f, int argc, char **argv)
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
            return cli_fail(EXIT_USAGE_ERROR, "facts: unexpected argument %s", a.value);
        int taken = target_option(&a, &f->target);
        if (taken < 0)
            return EXIT_USAGE_ERROR;
        if (taken)
            continue;
        if (args_is(&a, "format") && !outputs_add(&f->outputs, a.value, formats, &e))
            return cli_fail(EXIT_USAGE_ERROR, "facts: %s", e.text);
        if (args_is(&a, "color") && !colour_parse(a.value, &f->colour))
            return args_bad_value(&a, "auto, always or never");
    }
    if (f->outputs.count == 0)
        f->outputs.item[f->outputs.count++] = (struct output){"terminal", NULL};
    return -1;
}

static bool write_one(const struct facts *f, const struct output *o,
                      const struct facts_report *report, struct err *e)
{
    struct sb bytes;
    sb_init(&bytes, (size_t)1 << 30);
    struct report_style style = output_style(o, f->colour);
    if (strcmp(o->format, "json") == 0)
        report_facts_json(report, &bytes);
    else
        report_facts_terminal(report, &style, &bytes);
    bool ok = output_write(o, &bytes, e);
    sb_done(&bytes);
    return ok;
}

static int show(const struct facts *f, const struct catalogue *catalogue)
{
    struct host *host = NULL;
    int code = target_open("facts", &f->target, &host);
    if (code)
        return code;
    struct arena mem;
    arena_init(&mem, ARENA_DEFAULT_CAP);
    struct facts_report report = {0};
    struct err e = {0};
    bool ok = engine_facts(catalogue, host, &mem, &report, &e);
    for (size_t i = 0; i < f->outputs.count && ok; i++)
        ok = write_one(f, &f->outputs.item[i], &report, &e);
    code = ok ? EXIT_PASS : cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
    arena_done(&mem);
    host_close(host);
    return code;
}

int verb_facts(int argc, char **argv)
{
    struct facts f = {0};
    if (facts_wants_signatures(argc, argv))
        return facts_signatures(argc, argv);
    int code = parse(&f, argc, argv);
    if (code >= 0)
        return code;
    struct engine_options engine = {0};
    struct catalogue catalogue = {0};
    struct err e = {0};
    if (!catalogue_load(&engine, &catalogue, &e))
        return cli_fail(EXIT_COULD_NOT_RUN, "%s", e.text);
    code = show(&f, &catalogue);
    catalogue_done(&catalogue);
    return code;
}
