#include "base/err.h"

#include <stdarg.h>
#include <string.h>

void err_record(struct err *e, enum err_kind kind, uint64_t at, const char *fmt, ...)
{
    if (!e || e->kind != ERR_NONE)
        return;
    e->kind = kind;
    e->at = at;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
}

bool err_prefix(struct err *e, const char *prefix)
{
    if (!e || e->kind == ERR_NONE)
        return false;
    char old[sizeof e->text];
    memcpy(old, e->text, sizeof old);
    snprintf(e->text, sizeof e->text, "%.120s: %.130s", prefix, old);
    return false;
}

const char *err_kind_name(enum err_kind kind)
{
    static const char *const names[] = {"none",   "format",      "io",    "denied",    "limit",
                                        "memory", "unsupported", "usage", "not found", "drifted"};
    return (size_t)kind < sizeof names / sizeof *names ? names[kind] : "unknown";
}
