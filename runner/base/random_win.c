#include <windows.h>

#include <bcrypt.h>

#include "base/library.h"
#include "base/random.h"

/* In place of the import, ours and that of the libraries that are linked: bcrypt.dll is no KnownDLL
 * of Windows 7, where a file of that name beside the program would be loaded instead, before
 * main(). */
NTSTATUS WINAPI BCryptGenRandom(BCRYPT_ALG_HANDLE algorithm, PUCHAR out, ULONG len, ULONG flags)
{
    static NTSTATUS(WINAPI * run)(BCRYPT_ALG_HANDLE, PUCHAR, ULONG, ULONG); /* the same for all */
    struct err e = {0};
    if (!run &&
        !library_load("bcrypt.dll", &(struct library_function){"BCryptGenRandom", &run}, 1, &e))
        return (NTSTATUS)0xC0000135; /* STATUS_DLL_NOT_FOUND */
    return run(algorithm, out, len, flags);
}

bool random_bytes(void *out, size_t len, struct err *e)
{
    BUG_ON(len > 256);
    NTSTATUS status = BCryptGenRandom(NULL, out, (ULONG)len, BCRYPT_USE_SYSTEM_PREFERRED_RNG);
    return status == 0 ||
           err_set(e, ERR_IO, 0, "no random bytes: status 0x%08lx", (unsigned long)status);
}
