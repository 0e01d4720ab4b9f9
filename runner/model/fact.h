/* A fact's state and its evidence (docs/design.md sections 2 and 5).
 *
 * found: read.  absent: what would hold it was read, and it is not there.  unreadable: it may be
 * there; `reason` says why it could not be read.  not_collected: the collection does not hold the
 * artefact.  Only `absent` may be treated as absence. */
#pragma once

#include "base/digest.h"
#include "base/str.h"

enum fact_state { FACT_FOUND, FACT_ABSENT, FACT_UNREADABLE, FACT_NOT_COLLECTED };

/* "found", "absent", "unreadable", "not_collected" */
const char *fact_state_name(enum fact_state state);

/* Where a fact came from.  Empty strings where something does not apply. */
struct evidence {
    struct str artefact; /* path below the target's root, as found there */
    struct str where;    /* key path and value name, record number and offset, ... */
    struct str note; /* "written 2019-05-01T..., replayed 3 log entries", reason of unreadable */
    char sha256[SHA256_HEX]; /* of the bytes the fact rests on: value data, file, record */
};

struct evidence_list {
    struct evidence *items;
    size_t count, cap;
    struct arena *mem;
};

/* Appends a copy unless an equal entry (artefact, where, note) is there; silently drops past 256.
 */
void evidence_add(struct evidence_list *list, const struct evidence *ev);
