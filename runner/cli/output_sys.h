/* What output asks of the system. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

bool output_to_stdout(const struct sb *bytes, struct err *e);

/* Beside the file and renamed; pipes, devices and links to them are written straight. */
bool output_to_file(const char *path, const struct sb *bytes, struct err *e);

/* A terminal that understands colours. */
bool output_terminal(int fd);
