#include "cli/apply_output.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/interrupt.h"
#include "engine/apply.h"
#include "report/apply_report.h"

static const char *const formats[] = {"terminal", "json", NULL};

int apply_output_option(const struct args *a, struct apply_output *o)
{
    struct err e = {0};
    if (args_is(a, "format")) {
        if (outputs_add(&o->outputs, a->value, formats, &e))
            return 1;
        cli_fail(0, "%s: %s", a->spec->verb, e.text);
        return -1;
    }
    bool colour = args_is(a, "color"), progress = args_is(a, "progress");
    if ((colour && !colour_parse(a->value, &o->colour)) ||
        (progress && !progress_parse(a->value, &o->progress))) {
        args_bad_value(a, "auto, always or never");
        return -1;
    }
    o->style.quiet = o->style.quiet || args_is(a, "quiet");
    o->style.verbose = o->style.verbose || args_is(a, "verbose");
    return colour || progress || args_is(a, "quiet") || args_is(a, "verbose");
}

bool apply_output_end(const char *verb, struct apply_output *o)
{
    if (o->outputs.count == 0)
        o->outputs.item[o->outputs.count++] = (struct output){"terminal", NULL};
    if (o->style.quiet && o->style.verbose)
        cli_fail(0, "%s: --quiet and --verbose exclude each other", verb);
    return !o->style.quiet || !o->style.verbose;
}

static void render(const struct apply_output *o, const struct output *to,
                   const struct apply_report *report, struct sb *out)
{
    if (strcmp(to->format, "json") == 0) {
        report_apply_json(report, out);
        return;
    }
    struct report_style style = output_style(to, o->colour);
    style.quiet = o->style.quiet;
    style.verbose = o->style.verbose;
    report_apply_terminal(report, &style, out);
}

int apply_output_write(const char *verb, const struct apply_output *o,
                       const struct apply_report *report)
{
    int code = apply_exit_code(report);
    if (code == EXIT_INTERRUPTED && interrupt_seen())
        code = interrupt_seen();
    for (size_t i = 0; i < o->outputs.count; i++) {
        struct sb bytes;
        struct err e = {0};
        sb_init(&bytes, (size_t)1 << 30);
        render(o, &o->outputs.item[i], report, &bytes);
        /* What was done is done: only a success is spoilt by a report that got lost. */
        if (!output_write(&o->outputs.item[i], &bytes, &e))
            code = cli_fail(code ? code : EXIT_APPLY_UNREPORTED, "%s: %s", verb, e.text);
        sb_done(&bytes);
    }
    return code;
}
