/* Options and output that apply and undo share. */
#pragma once

#include "cli/args.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "model/apply.h"

#define APPLY_OUTPUT_OPTIONS                                                                       \
    {"format", "NAME[:FILE]", "terminal or json, repeatable; to a file or to stdout"},             \
        {"verbose", NULL, "terminal: rules whose verdict stays too"},                              \
        {"quiet", NULL, "terminal: one line an action, and how it ended"},                         \
        {"color", "WHEN", "auto, always or never"},                                                \
    {                                                                                              \
        "progress", "WHEN", "auto, always or never"                                                \
    }

struct apply_output {
    struct outputs outputs;
    struct report_style style;
    enum when_colour colour;
    enum when_progress progress;
};

/* 1 taken, 0 not one of ours, -1 wrong (said on stderr). */
int apply_output_option(const struct args *a, struct apply_output *o);
/* All options are taken; false: wrong, said on stderr. */
bool apply_output_end(const char *verb, struct apply_output *o);
/* Writes the reports.  Returns the run's exit code. */
int apply_output_write(const char *verb, const struct apply_output *o,
                       const struct apply_report *report);
