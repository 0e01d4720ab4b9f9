#include "cli/systemctl.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = 16 };

static const char program[] = "/usr/bin/systemctl";

/* As sd_booted(3). */
bool systemctl_there(void)
{
    struct stat st;
    return lstat("/run/systemd/system", &st) == 0 && S_ISDIR(st.st_mode);
}

static bool failed(const char *what, int number, struct err *e)
{
    return err_set(e, ERR_IO, 0, "%s: %s: %s", program, what, strerror(number));
}

static bool spawn(const char *const *arguments, int out, pid_t *pid, struct err *e)
{
    static char *environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                                  "SYSTEMD_PAGER=", NULL};
    const char *argv[WORDS] = {program};
    size_t n = 1;
    for (; *arguments && n < WORDS - 1; n++)
        argv[n] = *arguments++;
    argv[n] = NULL;
    BUG_ON(*arguments);
    posix_spawn_file_actions_t actions;
    int code = posix_spawn_file_actions_init(&actions);
    if (code)
        return failed("cannot run it", code, e);
    code = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!code)
        code = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!code)
        code = posix_spawn(pid, program, &actions, NULL, (char *const *)argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    return code == 0 || failed("cannot run it", code, e);
}

static bool collect(int fd, struct sb *output, struct err *e)
{
    char bytes[4096];
    for (;;) {
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failed("cannot read what it says", errno, e);
        if (n == 0)
            return !output || !output->bad || err_set(e, ERR_LIMIT, 0, "%s says too much", program);
        if (output)
            sb_put(output, bytes, (size_t)n);
    }
}

static bool ended_well(pid_t pid, const char *verb, struct err *e)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return failed("cannot wait for it", errno, e);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return err_set(e, ERR_IO, 0, "%s %s ended with %d", program, verb,
                   WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

bool systemctl(const char *const *arguments, struct sb *output, struct err *e)
{
    int ends[2];
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return failed("cannot run it", errno, e);
    bool ok = spawn(arguments, ends[1], &pid, e);
    close(ends[1]);
    if (ok) {
        ok = collect(ends[0], output, e);
        ok = ended_well(pid, arguments[0], e) && ok;
    }
    close(ends[0]);
    return ok;
}
