#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/interrupt.h"

static _Atomic(const char *) temporary;
static atomic_bool held;
static atomic_int seen; /* exit code */

static void on_signal(int number)
{
    int code = number == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED, none = 0;
    if (atomic_load(&held) && atomic_compare_exchange_strong(&seen, &none, code))
        return;
    const char *path = atomic_load(&temporary);
    if (path)
        unlink(path);
    _exit(code);
}

void interrupt_install(void)
{
    struct sigaction act = {0};
    act.sa_handler = on_signal;
    act.sa_flags = SA_RESTART; /* a held interrupt must not fail the call that it meets */
    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    /* A closed pipe is an error of write(), reported like any other. */
    signal(SIGPIPE, SIG_IGN);
}

void interrupt_cleanup_file(const char *path)
{
    atomic_store(&temporary, path);
}

void interrupt_hold(void)
{
    atomic_store(&held, true);
}

int interrupt_seen(void)
{
    return atomic_load(&seen);
}
