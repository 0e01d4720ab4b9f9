/* Options of a verb, described by one table that parsing and --help both read.
 *
 * --name VALUE, --name=VALUE, -h; `--` ends options.  Anything wrong is one line on stderr and
 * ARGS_BAD: the verb then returns EXIT_USAGE_ERROR. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct args_option {
    const char *name;  /* without dashes */
    const char *value; /* placeholder, NULL for a flag */
    const char *help;
};

struct args_spec {
    const char *verb;                  /* "inspect hive" */
    const char *synopsis;              /* what follows the verb: "--root DIR [OPTIONS]" */
    const char *about;                 /* one paragraph */
    const struct args_option *options; /* ends with a NULL name; --help is added by itself */
    const char *more;                  /* after the options, or NULL */
};

enum args_got { ARGS_OPTION, ARGS_WORD, ARGS_END, ARGS_BAD, ARGS_HELP };

struct args {
    const struct args_spec *spec;
    int argc, at;
    char **argv;
    bool words_only;
    size_t option;     /* ARGS_OPTION: index in spec->options */
    const char *value; /* its value, or the word */
};

/* argv[0] is skipped. */
void args_begin(struct args *a, const struct args_spec *spec, int argc, char **argv);

/* ARGS_HELP has printed the help on stdout: return 0. */
enum args_got args_next(struct args *a);

/* The option's name is `name`. */
bool args_is(const struct args *a, const char *name);

/* Says what is wrong with the current option's value; always ARGS_BAD's exit code. */
int args_bad_value(const struct args *a, const char *expected);

void args_help(const struct args_spec *spec);

/* Decimal number in [least, most]; false for anything else. */
bool args_number(const char *text, unsigned long least, unsigned long most, unsigned long *out);
