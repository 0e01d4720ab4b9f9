/* Folders and their entries as Windows sees them, over a directory tree or an archive.
 *
 * A node_tree caches the listing of every folder it was asked about, sorted by a hash that ignores
 * case, so that a lookup costs no system call.  All walking is done here, on names: links are read,
 * never followed by the system, and neither a link nor a path leaves `volume`.
 *
 * Everything lives in the tree's arena until node_done().  Not thread-safe. */
#pragma once

#include "host/volume.h"

struct node_tree;
struct node_dir;

/* NODE_UNKNOWN: it exists, but the system does not say what it is. */
enum node_kind { NODE_FILE, NODE_DIR, NODE_LINK, NODE_OTHER, NODE_UNKNOWN };

struct node_entry {
    struct str name;      /* as stored */
    struct str path;      /* below the target's root; made by node_path() */
    struct node_dir *dir; /* NODE_DIR; may be NULL until node_enter() */
    uint32_t hash;        /* str_ihash(name) */
    uint32_t member;      /* archives: number of the member */
    enum node_kind kind;
};

struct node_dir {
    struct node_dir *parent; /* NULL = the target's root */
    struct str name;
    struct node_entry *entries; /* sorted by hash once loaded */
    size_t count;
    struct err *failure; /* why the listing cannot be read: asked once, then remembered */
    bool loaded;
};

/* What trees and archives do differently. */
struct node_source {
    bool (*load)(struct node_tree *t, struct node_dir *d, struct err *e);
    bool (*open)(struct node_tree *t, struct node_dir *d, struct node_entry *n,
                 struct volume_file *out, struct err *e);
    bool (*link)(struct node_tree *t, struct node_dir *d, struct node_entry *n, struct sb *out,
                 struct err *e);
    bool (*sizes)(struct node_tree *t, struct node_dir *d, struct node_entry *const *nodes,
                  uint64_t *sizes, size_t count, struct err *e);
    void (*close)(struct node_tree *t);
    /* A descriptor of the folder itself, for those who write into it; NULL: nobody may. */
    bool (*folder)(struct node_tree *t, struct node_dir *d, int *fd, struct err *e);
};

struct node_tree {
    const struct node_source *source;
    void *state; /* the source's own */
    struct arena mem;
    struct node_dir root;    /* the target's root */
    struct node_dir *volume; /* what "C:\" is: nothing outside it can be reached */
    bool escaped;            /* names may be percent-encoded (Velociraptor) */
    bool sparse;             /* a collection: entries may be missing from listings */
    char drive;              /* upper case */
};

/* Where a walk ended: an entry of `dir`; entry is NULL for the volume's own folder. */
struct node_place {
    struct node_dir *dir;
    struct node_entry *entry;
};

enum { NODE_LINKS = 40, NODE_LISTING = 1 << 20, NODE_LINK_TEXT = 4096 };

void node_init(struct node_tree *t, const struct node_source *source, void *state);
void node_done(struct node_tree *t);

/* Entries from a source: hashes are filled in and the array is sorted. */
void node_set_entries(struct node_dir *d, struct node_entry *entries, size_t count);

bool node_load(struct node_tree *t, struct node_dir *d, struct err *e);

/* The folder behind a NODE_DIR entry; NULL when the arena is full. */
struct node_dir *node_enter(struct node_tree *t, struct node_dir *d, struct node_entry *n,
                            struct err *e);

/* One name in one folder; never follows links.  FOUND, ABSENT or UNREADABLE (ambiguous, denied). */
enum fact_state node_lookup(struct node_tree *t, struct node_dir *d, struct str name,
                            struct node_entry **out, struct err *e);

/* A path (either slash) from `from`, links followed.  ABSENT: every folder on the way was read. */
enum fact_state node_walk(struct node_tree *t, struct node_dir *from, struct str path,
                          struct node_place *out, struct err *e);

/* Path below the target's root, with '/'. */
struct str node_path(struct node_tree *t, struct node_dir *d, struct node_entry *n);
struct str node_dir_path(struct node_tree *t, const struct node_dir *d);

/* The name with %XX decoded; as it is when nothing was encoded or when the decoded name could be
 * taken for a path. */
struct str node_unescape(struct arena *a, struct str name);
