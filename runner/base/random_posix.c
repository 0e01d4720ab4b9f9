#include "base/random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

bool random_bytes(void *out, size_t len, struct err *e)
{
    /* Up to 256 bytes are never interrupted or cut short once the pool is ready (getrandom(2)). */
    BUG_ON(len > 256);
    ssize_t got;
    do {
        got = getrandom(out, len, 0);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)len)
        return err_set(e, ERR_IO, 0, "no random bytes: %s",
                       got < 0 ? strerror(errno) : "cut short");
    return true;
}
