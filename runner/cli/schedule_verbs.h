/* Inside `rectify schedule`: verbs, and what each system does for them. */
#pragma once

#include "cli/schedule_request.h"
#include "cli/target.h"

int schedule_install_verb(int argc, char **argv);
int schedule_show_verb(int argc, char **argv);
int schedule_remove_verb(int argc, char **argv);
int schedule_run_verb(int argc, char **argv);

/* Made anew or over the one of that name.  Each returns an exit code and has said what is wrong. */
int schedule_install(const struct schedule *s, struct arena *a);
int schedule_show(struct str name, struct arena *a);
int schedule_remove(struct str name, struct arena *a);

/* Prints what would be installed. */
int schedule_print(const struct schedule *s);

/* What this system's own rules forbid: a target, words that it would replace. */
bool schedule_fits(const struct schedule *s, const struct target_options *t, struct err *e);

/* A line with the newest result. */
void schedule_tell_results(struct str name, struct arena *a);
