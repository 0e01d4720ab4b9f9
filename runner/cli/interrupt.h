/* Ctrl-C and termination: exit codes 130 and 143, nothing half-written left behind. */
#pragma once

void interrupt_install(void);

/* A temporary file to remove should the program be interrupted; NULL = none.  The string must live
 * until the next call. */
void interrupt_cleanup_file(const char *path);
