#include <string.h>

#include "cli/apply_output.h"
#include "cli/apply_target.h"
#include "cli/cli.h"
#include "cli/interrupt.h"

static const struct args_option options[] = {
    {"root", "DIR", "the target, where it is not where the journal says"},
    {"complete", NULL, "treat the target as a full volume, as the plan was told to"},
    {"jobs", "N", "threads (default: all cores)"},
    APPLY_OUTPUT_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct args_spec spec = {
    .verb = "undo",
    .synopsis = "JOURNAL [OPTIONS]",
    .about = "Takes back what rectify apply wrote, in reverse order, from its journal: every value "
             "that is still as apply left it becomes what it was before. If one is neither, "
             "nothing is written.",
    .options = options,
    .more = "exit codes: 0 every value is as before, 1 could not run or refused: nothing was\n"
            "written; 3 stopped in between: undo again goes on; 64 wrong command line;\n"
            "130 interrupted: as 3",
};

struct undoing {
    const char *journal;
    struct apply_place place;
    struct apply_output output;
};

/* -1: go on; else the exit code. */
static int parse(struct undoing *u, int argc, char **argv)
{
    struct args a;
    args_begin(&a, &spec, argc, argv);
    for (enum args_got got; (got = args_next(&a)) != ARGS_END;) {
        if (got == ARGS_HELP)
            return EXIT_PASS;
        if (got == ARGS_BAD)
            return EXIT_USAGE_ERROR;
        if (got == ARGS_WORD && u->journal)
            return cli_fail(EXIT_USAGE_ERROR, "undo: one journal at a time: %s, %s", u->journal,
                            a.value);
        if (got == ARGS_WORD) {
            u->journal = a.value;
            continue;
        }
        int taken = apply_output_option(&a, &u->output);
        if (taken == 0)
            taken = target_option(&a, &u->place.options);
        if (taken < 0)
            return EXIT_USAGE_ERROR;
    }
    if (!u->journal)
        return cli_fail(EXIT_USAGE_ERROR, "undo: name the journal that rectify apply wrote");
    return apply_output_end("undo", &u->output) ? -1 : EXIT_USAGE_ERROR;
}

int verb_undo(int argc, char **argv)
{
    static struct undoing u;
    struct err e = {0};
    struct apply_report report;
    struct arena a;
    memset(&u, 0, sizeof u);
    u.place.writes = true;
    int code = parse(&u, argc, argv);
    if (code >= 0)
        return code;
    struct apply_target target = apply_place_target(&u.place);
    struct gate_backend backend = apply_place_backend(&u.place);
    struct undo_request request = {&target, &backend, u.journal};
    arena_init(&a, (size_t)1 << 30);
    interrupt_hold();
    progress_begin(u.output.progress);
    bool ok = engine_undo(&request, &a, &report, &e);
    progress_end();
    code = ok ? apply_output_write("undo", &u.output, &report)
              : cli_fail(EXIT_COULD_NOT_RUN, "undo: %s", e.text);
    apply_place_done(&u.place);
    arena_done(&a);
    return code;
}
