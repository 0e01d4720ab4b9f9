/* The source "rectify" of the Application log: tells the event viewer which file has the texts.
 * Entries can be written without it; the viewer then complains above their text. */
#pragma once

#include "base/err.h"

/* `program` is a full path of the executable, which holds the texts. */
bool event_source_register(const char *program, struct err *e);

/* `*there`: it was registered. */
bool event_source_remove(bool *there, struct err *e);
