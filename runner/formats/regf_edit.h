/* Changes values and keys of a registry hive (regf 1.3 to 1.5), in a copy in memory.
 *
 * The hive is untrusted.  What an edit needs new goes into hive bins appended behind the hive's
 * own; cells that the hive calls free are never used, and cells that a change replaces stay as they
 * are (a few hundred bytes an edit), since something else may point to them.  Written in place are
 * only fields of the edited key and its parents, counts of security cells, and the base block; each
 * only after the cells of its bin were found to follow each other up to it.  regf_edit_finish()
 * compares the whole result with the original: all but what was asked for must read as before.
 * Where that cannot be kept the edit is refused, and the copy is worthless.
 *
 * The result depends on the original, the edits and `now` alone.  Keys that are changed get `now`;
 * the base block and the root key keep their times, which tell when an image was last in use, and
 * both sequence numbers become the next one.  A key that is
 * made has the security of its parent.  Logs are the caller's: replay them first, and set them
 * aside.
 *
 * Paths and names are UTF-8, case-insensitive, relative to the root key. */
#pragma once

#include "formats/regf.h"

enum {
    REGF_EDIT_NAME = 255,         /* UTF-16 units of a key's name */
    REGF_EDIT_VALUE_NAME = 16383, /* and of a value's */
    REGF_EDIT_DATA = 16 << 20     /* bytes of a value */
};

struct regf_touch;

struct regf_edit {
    struct regf hive; /* what is there now: for lookups; cells move with every edit */
    bool changed;
    /* The rest is regf_edit*.c's. */
    struct span original;
    uint8_t *image;
    size_t room;
    uint64_t now;
    uint32_t own;       /* cells from here on were made by these edits */
    uint32_t next, end; /* unused part of the last bin */
    uint32_t freed[32]; /* cells of ours that were replaced */
    uint32_t *bin;      /* where each bin of the original begins */
    size_t bins;
    struct regf_touch *touched;
    struct arena mem;
    bool broken, verified;
};

/* Copies `hive`, which must be clean (replayed), whole, and stay there until regf_edit_done(). */
bool regf_edit_begin(struct regf_edit *ed, struct span hive, uint64_t now, struct err *e);
void regf_edit_done(struct regf_edit *ed);

/* The value is as given afterwards; keys on the way are made. */
bool regf_edit_set(struct regf_edit *ed, struct str key, struct str name, uint32_t type,
                   struct span data, struct err *e);
/* One that is not there is fine. */
bool regf_edit_delete(struct regf_edit *ed, struct str key, struct str name, struct err *e);
/* Removes a key that has neither values nor subkeys; others stay, and one that is not there is
 * fine. */
bool regf_edit_drop_key(struct regf_edit *ed, struct str key, struct err *e);

/* The new hive, verified; borrowed from `ed`.  Nothing changed: the original. */
bool regf_edit_finish(struct regf_edit *ed, struct span *out, struct err *e);
