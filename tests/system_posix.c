#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool done(bool ok, const char *what)
{
    if (!ok)
        perror(what);
    return ok;
}

bool temp_folder(char *name)
{
    return done(mkdtemp(name) != NULL, name);
}

bool make_folder(const char *path)
{
    return done(mkdir(path, 0755) == 0 || errno == EEXIST, path);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

bool remove_all(const char *path)
{
    return done(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0, path);
}

bool everybody_may_write(const char *path, bool may)
{
    struct stat st;
    return done(stat(path, &st) == 0 && chmod(path, S_ISDIR(st.st_mode) ? (may ? 0777 : 0700)
                                                    : may               ? 0646
                                                                        : 0600) == 0,
                path);
}

bool cut_file(const char *path, uint64_t size)
{
    return done(truncate(path, (off_t)size) == 0, path);
}

bool set_variable(const char *name, const char *value)
{
    return done((value ? setenv(name, value, 1) : unsetenv(name)) == 0, name);
}

/* As after sudo(8). */
bool pretend_elevated(bool elevated)
{
    return (!elevated || geteuid() == 0) && set_variable("SUDO_UID", elevated ? "1000" : NULL);
}

bool program_there(const char *path)
{
    return access(path, X_OK) == 0;
}

/* `output` becomes the program's standard output, `input` its input where there is one. */
static pid_t start(const char *const argv[], int input, int output)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    int nothing = open("/dev/null", O_RDWR);
    dup2(input >= 0 ? input : nothing, STDIN_FILENO);
    dup2(nothing, STDERR_FILENO);
    dup2(output, STDOUT_FILENO);
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

bool program_output(const char *const argv[], struct sb *out)
{
    int fd[2], status = 0;
    char buffer[65536];
    ssize_t n;
    fflush(NULL);
    if (!done(pipe(fd) == 0, argv[0]))
        return false;
    pid_t pid = start(argv, -1, fd[1]);
    close(fd[1]);
    while ((n = read(fd[0], buffer, sizeof buffer)) > 0)
        sb_put(out, buffer, (size_t)n);
    close(fd[0]);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 && !out->bad;
}

bool helper_start(const char *const argv[], char *line, size_t size, struct helper *out)
{
    int input[2], output[2];
    fflush(NULL);
    if (!done(pipe(input) == 0 && pipe(output) == 0, argv[0]))
        return false;
    out->process = start(argv, input[0], output[1]);
    out->input = input[1];
    close(input[0]);
    close(output[1]);
    fcntl(input[1], F_SETFD, FD_CLOEXEC);
    ssize_t n = read(output[0], line, size - 1);
    close(output[0]);
    line[n > 0 ? n : 0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    if (n <= 1)
        helper_stop(out, NULL);
    return n > 1;
}

void helper_stop(struct helper *h, const char *folder)
{
    close((int)h->input);
    kill((pid_t)h->process, SIGTERM);
    waitpid((pid_t)h->process, NULL, 0);
    if (folder)
        remove_all(folder);
}
