#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
