/* Dirty hives: a primary file that was not flushed, and the transaction logs that complete it.
 *
 * `before` and `after` are two images by hive_image(): what the primary file still holds and what
 * the system had in memory.  A reader that does not replay the logs sees `before`. */
#pragma once

#include "base/str.h"

/* Windows 8.1 and later (HvLE entries, Marvin32 hashes): entries alternate between the two logs,
 * so that both are needed.  `stale` (may be empty) is an older image: its pages lie in `.LOG2` as
 * an entry of a sequence long passed, which must not be applied; then `.LOG1` holds everything. */
bool hive_dirty_new(struct span before, struct span after, struct span stale, struct sb *primary,
                    struct sb *log1, struct sb *log2, struct err *e);

/* Windows XP to 8 (a DIRT bitmap and 512-byte sectors), for .LOG or .LOG1. */
bool hive_dirty_old(struct span before, struct span after, struct sb *primary, struct sb *log,
                    struct err *e);
