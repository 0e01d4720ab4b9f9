/* Ctrl-C and termination: exit codes 130 and 143, nothing half-written left behind. */
#pragma once

void interrupt_install(void);

/* A temporary file to remove should the program be interrupted; NULL = none.  The string must live
 * until the next call. */
void interrupt_cleanup_file(const char *path);

/* From now on the first interrupt is only noted, for verbs that write to a target and stop between
 * two writes; a second one ends the program at once, which their journal survives too. */
void interrupt_hold(void);
/* EXIT_INTERRUPTED or EXIT_TERMINATED once one was noted, else 0. */
int interrupt_seen(void);
