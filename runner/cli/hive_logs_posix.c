#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/hive_logs.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static DIR *folder_of(const char *path)
{
    char folder[4096];
    size_t len = (size_t)(base_name(path) - path);
    if (len == 0)
        return opendir(".");
    if (len >= sizeof folder)
        return NULL;
    memcpy(folder, path, len);
    folder[len] = '\0';
    return opendir(folder);
}

/* Names of the logs in the folder, by suffix; two that differ in case only are neither. */
static void find_logs(DIR *folder, const char *base, char names[REGF_LOGS_MAX][HIVE_LOG_NAME],
                      struct err *problem)
{
    errno = 0;
    for (struct dirent *d; (d = readdir(folder)); errno = 0) {
        int i = hive_log_suffix(base, d->d_name);
        if (i < 0)
            continue;
        if (names[i][0])
            err_set(problem, ERR_DENIED, 0, "%s and %s differ in case only", names[i], d->d_name);
        else
            snprintf(names[i], HIVE_LOG_NAME, "%s", d->d_name);
    }
    if (errno)
        err_set(problem, ERR_IO, 0, "cannot list the folder: %s", strerror(errno));
}

/* Links are not followed: who named the hive did not name what a link beside it points to. */
static void map_log(struct hive_file *h, int folder, const char name[HIVE_LOG_NAME])
{
    struct err e = {0};
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool ok = fd >= 0 ? file_map_fd(fd, &h->log[h->log_count], &e)
                      : err_set(&e, ERR_IO, 0, "%s", strerror(errno));
    if (fd >= 0)
        close(fd);
    if (!ok) {
        err_set(&h->log_problem, e.kind, 0, "%s: %s", name, e.text);
        return;
    }
    memcpy(h->log_name[h->log_count++], name, HIVE_LOG_NAME);
}

void hive_logs_load(struct hive_file *h, const char *path)
{
    char names[REGF_LOGS_MAX][HIVE_LOG_NAME] = {{0}};
    DIR *folder = folder_of(path);
    if (!folder) {
        err_set(&h->log_problem, ERR_IO, 0, "cannot list the folder: %s", strerror(errno));
        return;
    }
    find_logs(folder, base_name(path), names, &h->log_problem);
    for (size_t i = 0; i < REGF_LOGS_MAX && h->log_problem.kind == ERR_NONE; i++)
        if (names[i][0])
            map_log(h, dirfd(folder), names[i]);
    closedir(folder);
}
