#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/output_sys.h"
#include "cli/progress.h"

enum { STDERR = 2 }; /* the number of its descriptor on every system */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool running, stop;
    char what[200];
    size_t done, total;
    uint64_t started; /* clock_ms() */
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

bool progress_parse(const char *text, enum when_progress *out)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *out = (enum when_progress)i;
            return true;
        }
    return false;
}

static double seconds_since(uint64_t then)
{
    return (double)(clock_ms() - then) / 1000;
}

static void draw(void)
{
    char count[48] = "";
    if (state.total)
        snprintf(count, sizeof count, "%zu/%zu ", state.done, state.total);
    fprintf(stderr, "\r\033[K%s%.50s (%.0f s)", count, state.what, seconds_since(state.started));
    fflush(stderr);
}

static void *run(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&state.lock);
    double wait = 1.0;
    while (!state.stop) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        int64_t ns = until.tv_nsec + (int64_t)(wait * 1e9);
        until.tv_sec += (time_t)(ns / 1000000000);
        until.tv_nsec = (long)(ns % 1000000000);
        pthread_cond_timedwait(&state.wake, &state.lock, &until);
        if (!state.stop && seconds_since(state.started) >= 1.0) {
            draw();
            wait = 0.2;
        }
    }
    pthread_mutex_unlock(&state.lock);
    return NULL;
}

void progress_begin(enum when_progress when)
{
    if (when == PROGRESS_NEVER || (when == PROGRESS_AUTO && !output_terminal(STDERR)))
        return;
    pthread_cond_init(&state.wake, NULL);
    state.started = clock_ms();
    state.stop = false;
    state.what[0] = '\0';
    state.running = pthread_create(&state.thread, NULL, run, NULL) == 0;
}

void progress_step(const char *what, size_t done, size_t total)
{
    if (!state.running)
        return;
    struct sb safe;
    sb_init(&safe, 4096);
    sb_terminal(&safe, str_of(what));
    pthread_mutex_lock(&state.lock);
    snprintf(state.what, sizeof state.what, "%s", safe.ptr ? safe.ptr : "");
    state.done = done;
    state.total = total;
    pthread_mutex_unlock(&state.lock);
    sb_done(&safe);
}

void progress_end(void)
{
    if (!state.running)
        return;
    pthread_mutex_lock(&state.lock);
    state.stop = true;
    pthread_cond_signal(&state.wake);
    pthread_mutex_unlock(&state.lock);
    pthread_join(state.thread, NULL);
    state.running = false;
    if (seconds_since(state.started) >= 1.0)
        fputs("\r\033[K", stderr);
}
