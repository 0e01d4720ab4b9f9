#include "cli/private_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool private_root(struct arena *a, struct str *out, struct err *e)
{
    (void)a;
    (void)e;
    *out = STR("/var/lib/rectify");
    return true;
}

struct str private_below(struct str folder, const char *name, struct arena *a)
{
    return str_fmt(a, STR_FMT "/%s", STR_ARG(folder), name);
}

bool private_folder(const char *path, struct err *e)
{
    struct stat st;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return err_set(e, errno == EACCES ? ERR_DENIED : ERR_IO, 0,
                       "%s: cannot make the folder: %s", path, strerror(errno));
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, errno == EACCES ? ERR_DENIED : ERR_IO, 0, "%s: %s", path,
                       strerror(errno));
    bool ok = fstat(fd, &st) == 0 || err_set(e, ERR_IO, 0, "%s: %s", path, strerror(errno));
    close(fd);
    if (ok && st.st_uid != 0 && st.st_uid != geteuid())
        ok = err_set(e, ERR_DENIED, 0,
                     "%s: belongs to user %lu, want root or the user who runs this", path,
                     (unsigned long)st.st_uid);
    if (ok && (st.st_mode & (S_IWGRP | S_IWOTH)))
        ok = err_set(e, ERR_DENIED, 0, "%s: others may write it (mode %03o)", path,
                     (unsigned)st.st_mode & 0777);
    return ok;
}
