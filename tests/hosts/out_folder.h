#pragma once

#include <stdbool.h>

/* True also where it is there already; else false with errno. */
bool out_make_folder(const char *path);
