#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf16.h"
#include "cli/hive_file.h"

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

/* Which of the three suffixes makes `name` a log of `base`; -1 for none. */
static int log_suffix(const char *base, const char *name)
{
    static const char *const suffix[REGF_LOGS_MAX] = {".LOG", ".LOG1", ".LOG2"};
    size_t len = strlen(base), all = strlen(name);
    if (all <= len || !str_ieq((struct str){name, len}, str_of(base)))
        return -1;
    for (int i = 0; i < REGF_LOGS_MAX; i++)
        if (str_ieq(str_of(name + len), str_of(suffix[i])))
            return i;
    return -1;
}

/* Names of the logs in the folder, by suffix; two that differ in case only are neither. */
static void find_logs(DIR *folder, const char *base, char names[REGF_LOGS_MAX][HIVE_LOG_NAME],
                      struct err *problem)
{
    errno = 0;
    for (struct dirent *d; (d = readdir(folder)); errno = 0) {
        int i = log_suffix(base, d->d_name);
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

static void load_logs(struct hive_file *h, const char *path)
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

static bool replay(struct hive_file *h, int fd, struct err *e)
{
    struct regf_log logs[REGF_LOGS_MAX];
    for (size_t i = 0; i < h->log_count; i++)
        logs[i] = (struct regf_log){h->log[i].bytes, h->log_name[i]};
    if (!regf_replay_plan(h->primary.bytes, logs, h->log_count, &h->arena, &h->plan, e))
        return false;
    return h->plan.state != REGF_REPLAYABLE ||
           (file_make_private(fd, &h->primary, h->plan.size, e) &&
            regf_replay_apply(&h->plan, h->primary.private_copy, e));
}

bool hive_file_open(const char *path, bool use_logs, struct hive_file *out, struct err *e)
{
    struct hive_file *h = out;
    *h = (struct hive_file){.primary.slot = -1};
    for (size_t i = 0; i < REGF_LOGS_MAX; i++)
        h->log[i].slot = -1;
    arena_init(&h->arena, ARENA_DEFAULT_CAP);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_IO, 0, "%s", strerror(errno));
    bool ok = file_map_fd(fd, &h->primary, e);
    if (ok && use_logs) {
        load_logs(h, path);
        ok = replay(h, fd, e);
    }
    close(fd);
    ok = ok && regf_open(h->primary.bytes, &h->hive, e);
    if (!ok)
        hive_file_close(h);
    return ok;
}

bool hive_file_intact(const struct hive_file *h)
{
    bool intact = file_intact(&h->primary);
    for (size_t i = 0; i < h->log_count; i++)
        intact = intact && file_intact(&h->log[i]);
    return intact;
}

void hive_file_close(struct hive_file *h)
{
    for (size_t i = 0; i < h->log_count; i++)
        file_unmap(&h->log[i]);
    file_unmap(&h->primary);
    arena_done(&h->arena);
}
