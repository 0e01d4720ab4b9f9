#include <windows.h>

#include <bcrypt.h>

#include "base/random.h"

bool random_bytes(void *out, size_t len, struct err *e)
{
    BUG_ON(len > 256);
    NTSTATUS status = BCryptGenRandom(NULL, out, (ULONG)len, BCRYPT_USE_SYSTEM_PREFERRED_RNG);
    return status == 0 ||
           err_set(e, ERR_IO, 0, "no random bytes: status 0x%08lx", (unsigned long)status);
}
