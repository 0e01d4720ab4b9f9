/* A directory tree of this system as the source of a node_tree.  Everything is opened below the
 * root's descriptor, no link is ever followed by the system, and only regular files are read. */
#pragma once

#include "host/node.h"

bool tree_open(const char *dir, struct node_tree *t, struct err *e);
