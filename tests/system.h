/* What tests need of the system and C does not give: system_posix.c and system_win.c.  Paths are
 * as a test writes them, "/tmp/...", which Windows takes as below the current drive's root.  All
 * that fails answers false and has printed why. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* As mkdtemp(): puts a name of its own for the six X at the end; only the owner may use the folder.
 */
bool temp_folder(char *name);

/* Nothing happens where it is there already. */
bool make_folder(const char *path);

/* A file, or a folder with all that it holds; links are removed, not followed. */
bool remove_all(const char *path);

/* Lets everybody write a file or folder, or its owner alone. */
bool everybody_may_write(const char *path, bool may);

bool cut_file(const char *path, uint64_t size);

/* For this process and those that it starts; value NULL: not set. */
bool set_variable(const char *name, const char *value);

/* Whether this process counts as elevated from now on: false where it cannot be changed. */
bool pretend_elevated(bool elevated);

/* Other people's programs, to compare with.  There are none on Windows. */
bool program_there(const char *path);

/* Whole standard output; false when the program did not end with 0. */
bool program_output(const char *const argv[], struct sb *out);

/* A program that serves a test until it is stopped. */
struct helper {
    intptr_t process, input;
};

/* Starts a Python script; `line` gets its first line of output.  False, and nothing to stop: there
 * is no Python. */
bool helper_start(const char *const argv[], char *line, size_t size, struct helper *out);

/* Also by the end of `folder`, which the script watches where its input cannot be held open. */
void helper_stop(struct helper *h, const char *folder);
