#include "cli/interrupt.h"

#include <stdatomic.h>
#include <windows.h>

#include "base/wide_win.h"
#include "cli/cli.h"

static _Atomic(wchar_t *) temporary;
static atomic_bool held;
static atomic_int seen; /* exit code */

/* Runs in a thread of its own. */
static BOOL WINAPI on_control(DWORD event)
{
    wchar_t *path = atomic_load(&temporary);
    int code =
        event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT ? EXIT_INTERRUPTED : EXIT_TERMINATED;
    int none = 0;
    if (atomic_load(&held) && atomic_compare_exchange_strong(&seen, &none, code))
        return TRUE;
    if (path)
        DeleteFileW(path);
    TerminateProcess(GetCurrentProcess(), (UINT)code);
    return TRUE;
}

void interrupt_install(void)
{
    SetConsoleCtrlHandler(on_control, TRUE);
}

/* The copies are never freed: the handler may be looking at one. */
void interrupt_cleanup_file(const char *path)
{
    atomic_store(&temporary, path ? wide_path(path) : NULL);
}

void interrupt_hold(void)
{
    atomic_store(&held, true);
}

int interrupt_seen(void)
{
    return atomic_load(&seen);
}
