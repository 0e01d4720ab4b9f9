#include "model/want_path.h"

#include <string.h>

static bool slash(char c)
{
    return c == '\\' || c == '/';
}

/* Behind what a path begins with; NULL = none of it.  `rooted`: a folder, so a slash follows. */
static const char *behind(const char *p, const char *end, char close)
{
    const char *at = memchr(p + 1, close, (size_t)(end - p) - 1);
    return at ? at + 1 : NULL;
}

static const char *begin(const char *p, const char *end)
{
    if (slash(*p))
        return p;
    if (*p == '%' || *p == '<') {
        const char *at = behind(p, end, *p == '%' ? '%' : '>');
        return at && (at == end || slash(*at) || *p == '<') ? at : NULL;
    }
    bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
    return letter && end - p > 2 && p[1] == ':' && slash(p[2]) ? p + 2 : NULL;
}

const char *want_path_fault(struct str path)
{
    const char *end = path.ptr + path.len, *p = path.len ? begin(path.ptr, end) : NULL;
    bool wild = false;
    if (!p || (*path.ptr == '<' && !memchr(path.ptr, ':', (size_t)(p - path.ptr))))
        return "want %SystemRoot%\\..., C:\\... or <KEY:value>\\...";
    for (; p < end; p++) {
        if (*p == '"')
            return "quotes are no part of a path";
        if (slash(*p) && wild)
            return "wildcards may stand in the file's name alone";
        wild = wild || *p == '*' || *p == '?';
    }
    return NULL;
}
