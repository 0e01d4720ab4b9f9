#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/interrupt.h"

static _Atomic(const char *) temporary;

static void on_signal(int number)
{
    const char *path = atomic_load(&temporary);
    if (path)
        unlink(path);
    _exit(number == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED);
}

void interrupt_install(void)
{
    struct sigaction act = {0};
    act.sa_handler = on_signal;
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
