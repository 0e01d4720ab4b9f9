/* One scheduled run at a time: an exclusive lock on a file, which the system takes back when the
 * process ends in whatever way, so that none is ever stale. */
#pragma once

#include "base/err.h"

enum run_lock {
    RUN_LOCK_TAKEN,  /* until this process ends */
    RUN_LOCK_HELD,   /* by another process */
    RUN_LOCK_FAILED, /* see `e` */
};

/* The file is made if it is not there, and stays. */
enum run_lock run_lock(const char *path, struct err *e);
