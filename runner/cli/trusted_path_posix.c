#include "cli/trusted_path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* root's, and nobody else's to write.  In a folder above with the sticky bit (/tmp) others can make
 * files, but not replace root's. */
static bool trusted(const char *path, bool above, struct err *e)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, 0, "%s: %s", path,
                       strerror(errno));
    if (st.st_uid != 0)
        return err_set(e, ERR_DENIED, 0,
                       "%s: belongs to user %lu; a schedule runs as root, and what it uses must "
                       "be root's",
                       path, (unsigned long)st.st_uid);
    bool sticky = above && (st.st_mode & S_ISVTX);
    /* With an access list, the group's bits are what any user named there may have (acl(5)). */
    bool listed = lgetxattr(path, "system.posix_acl_access", NULL, 0) > 0;
    bool group = (st.st_mode & S_IWGRP) && (st.st_gid != 0 || listed);
    if (!sticky && (group || (st.st_mode & S_IWOTH)))
        return err_set(e, ERR_DENIED, 0, "%s: %s may write it (mode %03o)", path,
                       st.st_mode & S_IWOTH ? "everybody"
                       : listed             ? "others on its access list"
                                            : "its group",
                       (unsigned)st.st_mode & 0777);
    return true;
}

static bool walk_up(char *path, struct err *e)
{
    bool ok = trusted(path, false, e);
    while (ok && strcmp(path, "/") != 0) {
        char *slash = strrchr(path, '/');
        slash[slash == path ? 1 : 0] = '\0';
        ok = trusted(path, true, e);
    }
    return ok;
}

bool trusted_path(const char *path, enum trusted_kind kind, struct arena *a, struct str *out,
                  struct err *e)
{
    (void)kind;
    char *real = realpath(path, NULL);
    if (!real)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, 0, "%s: %s", path,
                       strerror(errno));
    *out = str_dup(a, str_of(real));
    bool ok = out->ptr ? walk_up(real, e) : err_set(e, ERR_NOMEM, 0, "out of memory");
    free(real);
    return ok;
}

bool program_path(struct arena *a, struct str *out, struct err *e)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    if (n <= 0 || (size_t)n >= sizeof path)
        return err_set(e, ERR_IO, 0, "cannot tell where this program lies: %s",
                       n < 0 ? strerror(errno) : "its path is too long");
    *out = str_dup(a, (struct str){path, (size_t)n});
    return out->ptr || err_set(e, ERR_NOMEM, 0, "out of memory");
}
