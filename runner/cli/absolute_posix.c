#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/absolute.h"

/* Of something that is not there yet (a folder that will be made): below its parent, if that is
 * there. */
static struct str below_parent(const char *path, struct arena *a)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    size_t name = len;
    while (name > 0 && path[name - 1] != '/')
        name--;
    char *parent = arena_strdup(a, name ? path : ".", name ? name : 1);
    char *real = parent ? realpath(parent, NULL) : NULL;
    struct str s = real ? str_fmt(a, "%s%s%.*s", real, strcmp(real, "/") == 0 ? "" : "/",
                                  (int)(len - name), path + name)
                        : str_dup(a, str_of(path));
    free(real);
    return s;
}

struct str absolute_path(const char *path, struct arena *a)
{
    char *real = realpath(path, NULL);
    struct str s = real              ? str_dup(a, str_of(real))
                   : errno == ENOENT ? below_parent(path, a)
                                     : str_dup(a, str_of(path));
    free(real);
    return s;
}

/* "." and empty components go; of "..", which a link may have changed the meaning of, none is left
 * over here. */
static struct str normal(const char *path, struct arena *a)
{
    struct str out = {arena_strdup(a, "", 0), 0};
    for (const char *at = path; *at && out.ptr;) {
        size_t len = strcspn(at, "/");
        bool dot = len == 1 && at[0] == '.';
        if (len && !dot)
            out = str_fmt(a, STR_FMT "/%.*s", STR_ARG(out), (int)len, at);
        at += len + (at[len] == '/');
    }
    return out.len || !out.ptr ? out : str_dup(a, STR("/"));
}

static bool goes_up(const char *path)
{
    for (const char *at = path; *at;) {
        size_t len = strcspn(at, "/");
        if (len == 2 && memcmp(at, "..", 2) == 0)
            return true;
        at += len + (at[len] == '/');
    }
    return false;
}

struct str absolute_name(const char *path, struct arena *a)
{
    if (goes_up(path))
        return absolute_path(path, a);
    char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
    struct str full = here ? str_fmt(a, "%s/%s", here, path) : str_dup(a, str_of(path));
    free(here);
    return full.ptr ? normal(full.ptr, a) : full;
}
