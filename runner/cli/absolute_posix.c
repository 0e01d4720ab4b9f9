#include <stdlib.h>

#include "cli/absolute.h"

struct str absolute_path(const char *path, struct arena *a)
{
    char *real = realpath(path, NULL);
    struct str s = str_dup(a, str_of(real ? real : path));
    free(real);
    return s;
}
