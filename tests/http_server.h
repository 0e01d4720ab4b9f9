/* Starts tests/http_server.py for one test and ends it with it. */
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

struct http_server {
    pid_t pid;
    int keep; /* its standard input: closed, it ends */
    char folder[64], log[80];
    char base[64]; /* "http://127.0.0.1:PORT" */
};

static inline void http_put(const struct http_server *s, const char *name, const void *bytes,
                            size_t len)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    FILE *f = fopen(path, "wb");
    CHECK(f && fwrite(bytes, 1, len, f) == len);
    if (f)
        fclose(f);
}

/* A file of the server's folder; the caller frees it. */
static inline char *http_get(const struct http_server *s, const char *name, size_t *len)
{
    char path[256];
    char *text = calloc(1, 1 << 20);
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    FILE *f = fopen(path, "rb");
    *len = f && text ? fread(text, 1, (1 << 20) - 1, f) : 0;
    if (f)
        fclose(f);
    return text;
}

/* How many requests the log has that hold `text`. */
static inline unsigned http_count(const struct http_server *s, const char *text)
{
    char line[1024];
    unsigned n = 0;
    FILE *f = fopen(s->log, "r");
    while (f && fgets(line, sizeof line, f))
        n += strstr(line, text) != NULL;
    if (f)
        fclose(f);
    return n;
}

/* False (and the test is to be skipped): there is no Python. */
static inline bool http_start(struct http_server *s, const char *certificate, const char *key)
{
    int in[2], out[2];
    char port[16] = "";
    snprintf(s->folder, sizeof s->folder, "/tmp/rectify-http-XXXXXX");
    if (!mkdtemp(s->folder) || pipe(in) != 0 || pipe(out) != 0)
        return false;
    snprintf(s->log, sizeof s->log, "%s.log", s->folder);
    s->pid = fork();
    if (s->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        for (int fd = 3; fd < 64; fd++)
            close(fd);
        execlp("python3", "python3", TEST_SOURCE_DIR "/tests/http_server.py", s->folder, s->log,
               certificate, key, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    s->keep = in[1];
    fcntl(s->keep, F_SETFD, FD_CLOEXEC);
    ssize_t n = read(out[0], port, sizeof port - 1);
    close(out[0]);
    port[strcspn(port, "\n")] = 0;
    snprintf(s->base, sizeof s->base, "%s://127.0.0.1:%s", certificate ? "https" : "http", port);
    return n > 1;
}

static inline void http_stop(struct http_server *s)
{
    char command[256];
    close(s->keep);
    kill(s->pid, SIGTERM);
    waitpid(s->pid, NULL, 0);
    snprintf(command, sizeof command, "rm -rf '%s' '%s'", s->folder, s->log);
    CHECK(system(command) == 0);
}
