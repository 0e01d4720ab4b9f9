/* The folders of an archive, built from the names of its members.
 *
 * Folders that differ only in case are one, as they are for Windows; files that do are kept apart,
 * so that looking one up is ambiguous.  Everything kept lives in the tree's arena. */
#pragma once

#include "host/node.h"

struct archive_index;

/* `limit` bounds the folders. */
struct archive_index *archive_index_new(struct node_tree *t, uint64_t limit, struct err *e);

/* `path` as archive_name() made it. */
bool archive_index_add(struct archive_index *x, struct str path, enum node_kind kind,
                       uint32_t member, struct err *e);

/* Sorts every listing; the index itself is freed, also on failure. */
bool archive_index_finish(struct archive_index *x, struct err *e);
void archive_index_free(struct archive_index *x);
