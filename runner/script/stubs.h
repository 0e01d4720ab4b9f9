/* Reads a stub file of lua/api: what it documents, in the order of the file. */
#pragma once

#include "base/arena.h"
#include "model/api.h"

struct stub_list {
    struct arena *mem;
    struct api_entry *items;
    size_t count, cap;
    bool full;
};

void stubs_read(struct stub_list *list, struct str file, struct span text);
