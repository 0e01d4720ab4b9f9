/* A host as it will be: another host with changes of its registry laid over it, so that rules can
 * be asked what they will say before anything is written.
 *
 * Nothing is written anywhere.  Reads that no change concerns go to the host below, which must
 * outlive the overlay and must not be used while the overlay is in use by another thread.  Keys
 * that changes make or drop are listed, and not listed, as they will be. HKLM\SYSTEM\Select\Current
 * reads as Select\Default does: offline the next boot is what counts. */
#pragma once

#include "host/host.h"
#include "model/change.h"

/* `changes` are borrowed. */
bool host_overlay(struct host *below, const struct change *const *changes, size_t count,
                  struct host **out, struct err *e);
/* As it was: the same, but Select\Current is what it is below. */
bool host_overlay_before(struct host *below, const struct change *const *changes, size_t count,
                         struct host **out, struct err *e);
