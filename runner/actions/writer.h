/* What can change a target.  A `struct writer` is made by actions/gate.c alone; whoever holds none
 * cannot write, so that a dry run is safe by construction.
 *
 * Offline: a writer gathers the hives it is asked about as private copies (logs replayed), changes
 * the copies, and writer_commit() puts them in place, hive by hive, atomically: a hive is either
 * the old or the new one whatever happens.  Live: each change is made at once and commit makes it
 * durable.  Backends fill struct writer_ops. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "model/change.h"

struct writer;

struct writer_ops {
    /* What the target holds now (offline: in the copy).  `missing_keys`: how many components at the
     * end of the key do not exist.  False: it cannot be read. */
    bool (*read)(void *backend, struct str key, struct str name, struct arena *a,
                 struct reg_image *out, size_t *missing_keys, struct err *e);
    /* Makes the value as `image` says, with the keys it needs; a value that is not present is
     * deleted. */
    bool (*write)(void *backend, struct str key, struct str name, const struct reg_image *image,
                  struct err *e);
    /* Removes the key if it holds neither values nor subkeys; one that holds some stays, and one
     * that is not there is none to remove. */
    bool (*drop_key)(void *backend, struct str key, struct err *e);
    /* Makes everything durable and visible. */
    bool (*commit)(void *backend, struct err *e);
    void (*close)(void *backend);
};

enum change_state { CHANGE_BEFORE, CHANGE_AFTER, CHANGE_DRIFTED };

/* Which of the two images the target holds. */
bool writer_state(struct writer *w, const struct change *c, struct arena *a, enum change_state *out,
                  struct err *e);
/* Compare-and-set: from the before-image to the after-image; ERR_DRIFTED when the
 * target holds neither; nothing when it holds the after-image already. */
bool writer_apply(struct writer *w, const struct change *c, struct err *e);
/* The other way: keys that applying made go again, a dropped key comes back. */
bool writer_revert(struct writer *w, const struct change *c, struct err *e);
bool writer_commit(struct writer *w, struct err *e);
void writer_close(struct writer *w);
