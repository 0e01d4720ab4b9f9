/* The arguments that a scheduled check gets: those of the admin, with every path made absolute. */
#pragma once

#include "cli/check_run.h"
#include "cli/schedule.h"

/* Fills arguments, target and writes of the schedule; argv[0] is skipped, and check_parse() has
 * accepted the rest.  Files that decide what is checked are refused when others than administrators
 * can write them. */
bool schedule_command(int argc, char **argv, struct schedule *s, struct arena *a, struct err *e);
