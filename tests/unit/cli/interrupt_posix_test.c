/* An interrupt ends the program; once held, the first is only noted and the second ends it. */
#include "check.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/interrupt.h"

/* The exit code of a process that gets the signals. */
static int after(bool hold, int first, int second)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        interrupt_install();
        if (hold)
            interrupt_hold();
        raise(first);
        if (second)
            raise(second);
        _exit(interrupt_seen() == EXIT_INTERRUPTED ? 7 : interrupt_seen() ? 8 : 9);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return WEXITSTATUS(status);
}

TEST(an_interrupt_ends_the_program)
{
    CHECK(after(false, SIGINT, 0) == EXIT_INTERRUPTED);
    CHECK(after(false, SIGTERM, 0) == EXIT_TERMINATED);
}

TEST(a_held_one_is_noted_and_the_next_ends_it)
{
    CHECK(after(true, SIGINT, 0) == 7);
    CHECK(after(true, SIGTERM, 0) == 8);
    CHECK(after(true, SIGINT, SIGINT) == EXIT_INTERRUPTED);
    CHECK(after(true, SIGINT, SIGTERM) == EXIT_TERMINATED);
}

TEST_MAIN()
