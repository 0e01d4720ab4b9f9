/* The target when none is named: the Windows that this runs on.  Elsewhere than on Windows all of
 * it fails with an error that says what to name. */
#pragma once

#include "actions/gate.h"
#include "cli/target.h"

/* As target_open(). */
int target_live(const char *verb, const struct target_options *t, struct host **out);
/* The same without a verb; `at` 0: now. */
bool target_live_open(const struct target_options *t, uint64_t at, struct host **out,
                      struct err *e);

/* Where a plan or a journal says that its target is: a path, or TARGET_LIVE_NAME. */
#define TARGET_LIVE_NAME "this host"
struct str target_location(const struct target_options *t, struct arena *a);

/* Asked before anything is begun: may this process change the host? */
bool target_live_allowed(struct err *e);
/* Fills a gate_backend's open(). */
bool target_live_writer(const struct writer_ops **ops, void **backend, struct err *e);
/* Where journals of changes to this host go, with a separator at its end: a folder that only
 * administrators may write, made if it is not there.  Empty where there is no such folder. */
bool target_live_journals(struct arena *a, struct str *out, struct err *e);
