/* The Windows that this program runs on, as a target.
 *
 * Registry through the API, with explicit views; files through the volume of %SystemDrive%, by the
 * same code that reads trees; event logs as a snapshot that the event log service exports, else the
 * files themselves.  What access rights forbid is unreadable, with the reason.  Windows only: other
 * systems have no function of this name. */
#pragma once

#include "host/host.h"

bool host_live(const struct host_options *options, struct host **out, struct err *e);
