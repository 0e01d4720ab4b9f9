#include "out_folder.h"

#include <errno.h>
#include <sys/stat.h>

bool out_make_folder(const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}
