#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output_sys.h"

static bool known(const char *name, size_t len, const char *const *formats, const char **out)
{
    for (; *formats; formats++)
        if (strlen(*formats) == len && memcmp(*formats, name, len) == 0) {
            *out = *formats;
            return true;
        }
    return false;
}

bool outputs_add(struct outputs *o, const char *text, const char *const *formats, struct err *e)
{
    const char *colon = strchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : strlen(text);
    struct output item = {0};
    if (!known(text, len, formats, &item.format)) {
        struct sb names;
        sb_init(&names, 1024);
        for (size_t i = 0; formats[i]; i++)
            sb_printf(&names, "%s%s", i ? ", " : "", formats[i]);
        err_set(e, ERR_USAGE, 0, "unknown format %.*s; there are %s", (int)len, text,
                names.ptr ? names.ptr : "");
        sb_done(&names);
        return false;
    }
    if (colon && !colon[1])
        return err_set(e, ERR_USAGE, 0, "--format %s names no file after the colon", text);
    item.file = colon ? colon + 1 : NULL;
    for (size_t i = 0; i < o->count; i++)
        if (!item.file && !o->item[i].file)
            return err_set(e, ERR_USAGE, 0, "two formats go to standard output; give one a file");
    if (o->count == OUTPUTS_MAX)
        return err_set(e, ERR_USAGE, 0, "more than %d formats", OUTPUTS_MAX);
    o->item[o->count++] = item;
    return true;
}

bool output_write(const struct output *o, const struct sb *bytes, struct err *e)
{
    if (bytes->bad)
        return err_set(e, ERR_NOMEM, 0, "report does not fit in memory");
    if (!o->file)
        return output_to_stdout(bytes, e) || err_prefix(e, "standard output");
    return output_to_file(o->file, bytes, e) || err_prefix(e, o->file);
}

bool colour_parse(const char *text, enum when_colour *out)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *out = (enum when_colour)i;
            return true;
        }
    return false;
}

bool colour_on(enum when_colour when, int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    if (when != COLOUR_AUTO)
        return when == COLOUR_ALWAYS;
    return output_terminal(fd) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

/* The number of the standard output's descriptor on every system. */
enum { STDOUT = 1 };

struct report_style output_style(const struct output *o, enum when_colour when)
{
    if (o->file)
        return (struct report_style){.colour = when == COLOUR_ALWAYS, .width = 80};
    return (struct report_style){.colour = colour_on(when, STDOUT),
                                 .width = terminal_width(STDOUT)};
}
