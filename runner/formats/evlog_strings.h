/* The strings of many rows, without the cost of a tree for each: for those who look for something
 * in them (a path) and not at all of them.
 *
 * One reader a thread; it borrows the log.  Rows that lie beside each other are cheaper than rows
 * in any order. */
#pragma once

#include "formats/evlog.h"

struct evlog_strings;

struct evlog_strings *evlog_strings_new(const struct evlog *log);
void evlog_strings_free(struct evlog_strings *s);

/* Calls `take` with the strings of the row that hold a backslash, as evlog_payload() gives them and
 * in that order (others may come too), until it returns true.  Strings live until take() returns.
 * False: the row's strings cannot be read. */
bool evlog_strings_paths(struct evlog_strings *s, size_t row,
                         bool (*take)(void *ctx, struct str string), void *ctx);
