/* Windows' Task Scheduler: tasks of the folder \rectify.  Windows only. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct task_state {
    struct str xml, command, arguments;
    bool enabled;
    double next, last; /* days since 1899-12-30, local time; 0 = never */
    long result;       /* exit code of the last run, or what kept it from running */
};

/* Registers the task to run as SYSTEM, over one of that name. */
bool task_register(struct str name, struct str xml, struct err *e);

/* `*there`: Task Scheduler has a task of that name. */
bool task_read(struct str name, struct arena *a, bool *there, struct task_state *out,
               struct err *e);

/* `*there`: it was there; `*last`: no task is left in the folder, which is removed then. */
bool task_remove(struct str name, bool *there, bool *last, struct err *e);
