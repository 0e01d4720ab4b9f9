#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/log_files_list.h"

static bool folder(struct log_files *l, int fd, const char *path, const char *suffix,
                   unsigned depth, struct err *e);

static bool entry(struct log_files *l, int fd, const char *path, const char *name,
                  const char *suffix, unsigned depth, struct err *e)
{
    struct stat st;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return true;
    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return true; /* gone since it was listed */
    size_t len = strlen(path);
    bool slash = len && path[len - 1] == '/';
    struct str full = str_fmt(&l->mem, "%s%s%s", path, slash ? "" : "/", name);
    if (!full.ptr)
        return err_set(e, ERR_NOMEM, 0, "out of memory");
    if (S_ISREG(st.st_mode))
        return !log_files_suffix(name, suffix) || log_files_append(l, full.ptr, e);
    if (!S_ISDIR(st.st_mode))
        return true;
    if (depth >= LOG_FILES_DEPTH)
        return err_set(e, ERR_LIMIT, 0, "%s: folders nested deeper than %d", full.ptr,
                       LOG_FILES_DEPTH);
    int inner = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner < 0)
        return err_set(e, ERR_DENIED, 0, "%s: %s", full.ptr, strerror(errno));
    return folder(l, inner, full.ptr, suffix, depth + 1, e);
}

/* Takes the descriptor over. */
static bool folder(struct log_files *l, int fd, const char *path, const char *suffix,
                   unsigned depth, struct err *e)
{
    DIR *d = fdopendir(fd);
    if (!d) {
        close(fd);
        return err_set(e, ERR_IO, 0, "%s: %s", path, strerror(errno));
    }
    bool ok = true;
    for (struct dirent *n; ok && (n = readdir(d));)
        ok = entry(l, fd, path, n->d_name, suffix, depth, e);
    closedir(d);
    return ok;
}

bool log_files_add(struct log_files *l, const char *path, const char *suffix, struct err *e)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return err_set(e, ERR_NOT_FOUND, 0, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return log_files_append(l, path, e);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_DENIED, 0, "%s: %s", path, strerror(errno));
    size_t before = l->count;
    if (!folder(l, fd, path, suffix, 0, e))
        return false;
    if (l->count == before)
        return err_set(e, ERR_NOT_FOUND, 0, "%s: no file named *%s in it", path, suffix);
    log_files_sort(l, before);
    return true;
}
