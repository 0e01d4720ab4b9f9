/* Starts tests/http_server.py for one test and ends it with it. */
#pragma once

#include "check.h"
#include "system.h"

struct http_server {
    struct helper program;
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
    char port[16] = "";
    snprintf(s->folder, sizeof s->folder, "/tmp/rectify-http-XXXXXX");
    if (!temp_folder(s->folder))
        return false;
    snprintf(s->log, sizeof s->log, "%s.log", s->folder);
    const char *const argv[] = {
        "python3", TEST_SOURCE_DIR "/tests/http_server.py", s->folder, s->log, certificate, key,
        NULL};
    if (!helper_start(argv, port, sizeof port, &s->program)) {
        remove_all(s->folder);
        return false;
    }
    snprintf(s->base, sizeof s->base, "%s://127.0.0.1:%s", certificate ? "https" : "http", port);
    return true;
}

static inline void http_stop(struct http_server *s)
{
    helper_stop(&s->program, s->folder);
    remove(s->log);
}
