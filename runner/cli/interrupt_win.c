#include "cli/interrupt.h"

#include <stdatomic.h>
#include <windows.h>

#include "base/wide_win.h"
#include "cli/cli.h"

static _Atomic(wchar_t *) temporary;

/* Runs in a thread of its own. */
static BOOL WINAPI on_control(DWORD event)
{
    wchar_t *path = atomic_load(&temporary);
    if (path)
        DeleteFileW(path);
    TerminateProcess(GetCurrentProcess(), event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT
                                              ? EXIT_INTERRUPTED
                                              : EXIT_TERMINATED);
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
