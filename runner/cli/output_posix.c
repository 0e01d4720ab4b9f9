#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/output.h"

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

static bool write_all(int fd, const struct sb *bytes, struct err *e)
{
    for (size_t at = 0; at < bytes->len;) {
        ssize_t n = write(fd, bytes->ptr + at, bytes->len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(e, ERR_IO, at, "cannot write: %s", strerror(errno));
        at += (size_t)n;
    }
    return true;
}

/* Pipes, devices and links to them are written straight; only a regular file can be replaced. */
static bool replaceable(const char *path)
{
    struct stat st;
    return lstat(path, &st) != 0 || S_ISREG(st.st_mode);
}

static bool write_straight(const char *path, const struct sb *bytes, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_set(e, ERR_IO, 0, "cannot open for writing: %s", strerror(errno));
    bool ok = write_all(fd, bytes, e);
    if (close(fd) != 0 && ok)
        ok = err_set(e, ERR_IO, 0, "cannot write: %s", strerror(errno));
    return ok;
}

static bool write_and_rename(const char *path, const struct sb *bytes, struct err *e)
{
    static char temporary[4200];
    int n = snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof temporary)
        return err_set(e, ERR_USAGE, 0, "file name too long");
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_set(e, ERR_IO, 0, "cannot create: %s", strerror(errno));
    interrupt_cleanup_file(temporary);
    bool ok = write_all(fd, bytes, e);
    if (close(fd) != 0 && ok)
        ok = err_set(e, ERR_IO, 0, "cannot write: %s", strerror(errno));
    if (ok && rename(temporary, path) != 0)
        ok = err_set(e, ERR_IO, 0, "cannot put in place: %s", strerror(errno));
    if (!ok)
        unlink(temporary);
    interrupt_cleanup_file(NULL);
    return ok;
}

bool output_write(const struct output *o, const struct sb *bytes, struct err *e)
{
    if (bytes->bad)
        return err_set(e, ERR_NOMEM, 0, "report does not fit in memory");
    if (!o->file)
        return write_all(STDOUT_FILENO, bytes, e) || err_prefix(e, "standard output");
    bool ok = replaceable(o->file) ? write_and_rename(o->file, bytes, e)
                                   : write_straight(o->file, bytes, e);
    return ok || err_prefix(e, o->file);
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
    return isatty(fd) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

unsigned terminal_width(int fd)
{
    struct winsize w;
    if (ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
        return 80;
    return w.ws_col < 40 ? 40 : w.ws_col > 120 ? 120 : w.ws_col;
}

struct report_style output_style(const struct output *o, enum when_colour when)
{
    if (o->file)
        return (struct report_style){.colour = when == COLOUR_ALWAYS, .width = 80};
    return (struct report_style){.colour = colour_on(when, STDOUT_FILENO),
                                 .width = terminal_width(STDOUT_FILENO)};
}
