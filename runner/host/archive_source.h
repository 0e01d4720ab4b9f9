/* A zip file as the source of a node_tree.  Members are never written under their names: what is
 * opened is inflated into memory or into a file that has no name. */
#pragma once

#include "host/node.h"

/* `refused` counts members whose names cannot be paths of a volume ("..", absolute, too long). */
bool archive_open(const char *path, const struct archive_limits *limits, struct node_tree *t,
                  size_t *refused, struct err *e);
