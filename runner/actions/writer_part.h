/* Inside of actions: how gate.c makes a writer from a backend. */
#pragma once

#include "actions/writer.h"

struct writer {
    const struct writer_ops *ops;
    void *backend;
};
