#include "cli/args.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

enum { HELP_COLUMN = 26, HELP_WIDTH = 80 };

void args_begin(struct args *a, const struct args_spec *spec, int argc, char **argv)
{
    *a = (struct args){.spec = spec, .argc = argc, .at = 1, .argv = argv};
}

static size_t name_length(const char *word)
{
    const char *eq = strchr(word, '=');
    return eq ? (size_t)(eq - word) : strlen(word);
}

static bool find(const struct args_spec *spec, const char *word, size_t len, size_t *out)
{
    for (size_t i = 0; spec->options[i].name; i++)
        if (strlen(spec->options[i].name) == len && memcmp(spec->options[i].name, word, len) == 0) {
            *out = i;
            return true;
        }
    return false;
}

static const char *nearest(const struct args_spec *spec, const char *word, size_t len)
{
    const char *best = NULL;
    size_t least = 3;
    for (size_t i = 0; spec->options[i].name; i++) {
        size_t d = text_distance((struct str){word, len}, str_of(spec->options[i].name));
        if (d < least) {
            least = d;
            best = spec->options[i].name;
        }
    }
    return best;
}

static enum args_got unknown(const struct args *a, const char *word, size_t len)
{
    const char *hint = nearest(a->spec, word, len);
    cli_fail(0, "%s: unknown option --%.*s%s%s%s; see rectify %s --help", a->spec->verb, (int)len,
             word, hint ? ", did you mean --" : "", hint ? hint : "", hint ? "?" : "",
             a->spec->verb);
    return ARGS_BAD;
}

static enum args_got long_option(struct args *a, const char *word)
{
    size_t len = name_length(word);
    if (len == 4 && memcmp(word, "help", 4) == 0) {
        args_help(a->spec);
        return ARGS_HELP;
    }
    if (!find(a->spec, word, len, &a->option))
        return unknown(a, word, len);
    const struct args_option *o = &a->spec->options[a->option];
    a->value = word[len] == '=' ? word + len + 1 : NULL;
    if (!o->value && a->value) {
        cli_fail(0, "%s: --%s takes no value", a->spec->verb, o->name);
        return ARGS_BAD;
    }
    if (o->value && !a->value) {
        if (a->at >= a->argc) {
            cli_fail(0, "%s: --%s wants a value: %s", a->spec->verb, o->name, o->value);
            return ARGS_BAD;
        }
        a->value = a->argv[a->at++];
    }
    return ARGS_OPTION;
}

enum args_got args_next(struct args *a)
{
    if (a->at >= a->argc)
        return ARGS_END;
    const char *word = a->argv[a->at++];
    if (!a->words_only && strcmp(word, "--") == 0) {
        a->words_only = true;
        return args_next(a);
    }
    if (!a->words_only && strcmp(word, "-h") == 0) {
        args_help(a->spec);
        return ARGS_HELP;
    }
    if (!a->words_only && strncmp(word, "--", 2) == 0)
        return long_option(a, word + 2);
    if (!a->words_only && word[0] == '-' && word[1]) {
        cli_fail(0, "%s: unknown option %s; see rectify %s --help", a->spec->verb, word,
                 a->spec->verb);
        return ARGS_BAD;
    }
    a->value = word;
    return ARGS_WORD;
}

bool args_is(const struct args *a, const char *name)
{
    return strcmp(a->spec->options[a->option].name, name) == 0;
}

int args_bad_value(const struct args *a, const char *expected)
{
    return cli_fail(EXIT_USAGE_ERROR, "%s: --%s %s: expected %s", a->spec->verb,
                    a->spec->options[a->option].name, a->value, expected);
}

bool args_number(const char *text, unsigned long least, unsigned long most, unsigned long *out)
{
    unsigned long v = 0;
    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || v > (most - (unsigned long)(*text - '0')) / 10)
            return false;
        v = v * 10 + (unsigned long)(*text - '0');
    }
    if (v < least)
        return false;
    *out = v;
    return true;
}

/* Words of `text` from `column` on, wrapped at HELP_WIDTH. */
static void wrap(const char *text, size_t column, size_t indent)
{
    while (*text) {
        size_t word = strcspn(text, " \n");
        if (column > indent && column + 1 + word > HELP_WIDTH) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)word, text);
        column += word;
        text += word;
        text += strspn(text, " \n");
    }
    putchar('\n');
}

static void help_option(const char *name, const char *value, const char *help)
{
    int n = printf("  --%s%s%s", name, value ? " " : "", value ? value : "");
    size_t column = n > 0 ? (size_t)n : 0;
    if (column + 1 > HELP_COLUMN) {
        putchar('\n');
        column = 0;
    }
    printf("%*s", (int)(HELP_COLUMN - column), "");
    wrap(help, HELP_COLUMN, HELP_COLUMN);
}

void args_help(const struct args_spec *spec)
{
    int n = printf("usage: rectify %s ", spec->verb);
    size_t indent = n > 0 ? (size_t)n : 0;
    wrap(spec->synopsis, indent, indent);
    putchar('\n');
    wrap(spec->about, 0, 0);
    if (spec->options[0].name)
        puts("\noptions:");
    for (size_t i = 0; spec->options[i].name; i++)
        help_option(spec->options[i].name, spec->options[i].value, spec->options[i].help);
    help_option("help", NULL, "this text");
    if (spec->more)
        printf("\n%s\n", spec->more);
}
