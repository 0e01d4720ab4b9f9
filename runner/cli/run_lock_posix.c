#include "cli/run_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "host/fd.h"

enum run_lock run_lock(const char *path, struct err *e)
{
    int fd = fd_keep(open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return RUN_LOCK_TAKEN; /* the descriptor is closed with the process */
    int why = errno;
    if (fd >= 0)
        fd_close(fd);
    if (fd >= 0 && why == EWOULDBLOCK)
        return RUN_LOCK_HELD;
    err_record(e, ERR_IO, 0, "%s: cannot lock it: %s", path, strerror(why));
    return RUN_LOCK_FAILED;
}
