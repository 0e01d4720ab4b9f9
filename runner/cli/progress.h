/* One line on stderr that tells what a run is doing, once it has taken longer than a second and
 * stderr is a terminal (--progress always|never overrides).  A thread of its own draws it, so that
 * one long step still shows the time passing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum when_progress { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

bool progress_parse(const char *text, enum when_progress *out);
void progress_begin(enum when_progress when);

/* `what` is copied. total 0 = no count. */
void progress_step(const char *what, size_t done, size_t total);

/* Erases the line. */
void progress_end(void);
