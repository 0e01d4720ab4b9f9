#include <stdlib.h>

#include "cli/absolute.h"

struct str absolute_path(const char *path, struct arena *a)
{
    char *real = _fullpath(NULL, path, 0);
    struct str s = str_dup(a, str_of(real ? real : path));
    free(real);
    return s;
}

struct str absolute_name(const char *path, struct arena *a)
{
    return absolute_path(path, a);
}
