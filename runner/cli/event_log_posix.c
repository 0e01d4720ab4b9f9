#include "cli/event_log.h"

bool event_log_write(enum run_outcome outcome, const char *text, struct err *e)
{
    (void)outcome;
    (void)text;
    (void)e;
    return true;
}
