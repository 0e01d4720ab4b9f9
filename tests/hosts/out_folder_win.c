#include "out_folder.h"

#include <direct.h>
#include <errno.h>

bool out_make_folder(const char *path)
{
    return _mkdir(path) == 0 || errno == EEXIST;
}
