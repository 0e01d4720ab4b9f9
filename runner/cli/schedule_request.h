/* What `rectify schedule install` is told. */
#pragma once

#include "cli/schedule.h"

struct schedule_request {
    struct schedule schedule;
    bool print;
};

/* -1: go on; else the exit code, said on stderr.  The arguments behind `--` are read as check reads
 * them, policies and what else is named are loaded; paths become absolute; what others than
 * administrators can write is refused. */
int schedule_request_parse(struct schedule_request *r, struct arena *a, int argc, char **argv);

/* --name NAME of show and remove; the schedule's default name where there is none. */
int schedule_name_parse(const char *verb, const char *about, struct str *name, int argc,
                        char **argv);
