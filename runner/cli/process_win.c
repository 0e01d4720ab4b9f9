#include "cli/process.h"

#include <fcntl.h>
#include <io.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <windows.h>

#include "cli/interrupt.h"
#include "host/file.h"

/* Only System32 gives DLLs, whatever folder the program was started from or lies in.  Windows 7
 * without KB2533623 does not know the call: there the working directory at least is left out. */
static void search_system32_only(void)
{
    typedef BOOL(WINAPI * set_directories)(DWORD);
    HMODULE kernel = GetModuleHandleW(L"kernel32.dll");
    set_directories set =
        kernel ? (set_directories)(void (*)(void))GetProcAddress(kernel, "SetDefaultDllDirectories")
               : NULL;
    if (!set || !set(LOAD_LIBRARY_SEARCH_SYSTEM32))
        SetDllDirectoryW(L"");
}

/* The C library would end with 3, which is an exit code of ours. */
static void on_abort(int signal)
{
    (void)signal;
    TerminateProcess(GetCurrentProcess(), STATUS_STACK_BUFFER_OVERRUN);
}

void process_begin(void)
{
    signal(SIGABRT, on_abort);
    search_system32_only();
    HeapSetInformation(NULL, HeapEnableTerminationOnCorruption, NULL, 0);
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX);
    _setmode(0, _O_BINARY);
    _setmode(1, _O_BINARY);
    _setmode(2, _O_BINARY);
    SetConsoleOutputCP(CP_UTF8);
    _putenv_s("TZ", "UTC0");
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    interrupt_install();
    file_guard();
}
