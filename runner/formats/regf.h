/* Registry hives (regf 1.1 to 1.6) from untrusted bytes, without I/O.
 *
 * The hive's bytes are borrowed and never written; `struct regf` holds only offsets.  Keys and
 * values are plain values (cell offsets); names and data come out of an arena.  Every list and
 * chain is bounded by its own size and by a visit budget, since cells may be cyclic.
 *
 * Dirty hives: regf_replay_plan() looks at the primary file and its logs (.LOG, .LOG1, .LOG2; the
 * old DIRT and the new HvLE format) and says what replaying would take; the owner of the bytes then
 * makes a private, writable copy of plan.size bytes (zero behind the primary's end) and calls
 * regf_replay_apply().  Only entries whose sequence numbers follow and whose hashes fit are
 * applied, as Windows does.
 *
 * Answers: FOUND, ABSENT (the cells that could hold it were all readable), or BAD (damage: err says
 * where); a read error never becomes ABSENT. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum regf_answer { REGF_FOUND, REGF_ABSENT, REGF_BAD };

enum regf_type {
    REGF_NONE = 0,
    REGF_SZ = 1,
    REGF_EXPAND_SZ = 2,
    REGF_BINARY = 3,
    REGF_DWORD = 4,
    REGF_DWORD_BIG_ENDIAN = 5,
    REGF_LINK = 6,
    REGF_MULTI_SZ = 7,
    REGF_RESOURCE_LIST = 8,
    REGF_FULL_RESOURCE_DESCRIPTOR = 9,
    REGF_RESOURCE_REQUIREMENTS_LIST = 10,
    REGF_QWORD = 11
};

/* "REG_SZ", ...; NULL for numbers that are none of the above. */
const char *regf_type_name(uint32_t type);

enum regf_replay_state {
    REGF_CLEAN,        /* the primary file needs no logs */
    REGF_REPLAYABLE,   /* plan.entries log entries (old format: 1) fit and can be applied */
    REGF_LOGS_MISSING, /* dirty, and no log was given */
    REGF_LOGS_UNFIT    /* dirty (or no hive at all), logs were given, none fits: `why` says it */
};

struct regf_log {
    struct span bytes;
    const char *name; /* for notes: "SYSTEM.LOG1" */
};

enum { REGF_LOGS_MAX = 3, REGF_WHY_SIZE = 160 };

struct regf_replay {
    enum regf_replay_state state;
    uint64_t size;           /* bytes of the hive after replay, at least the primary's */
    uint32_t entries;        /* log entries to apply */
    uint32_t pages;          /* dirty pages in them */
    uint32_t sequence;       /* sequence number reached */
    bool base_from_log;      /* the primary's base block was unusable and comes from a log */
    char why[REGF_WHY_SIZE]; /* UNFIT: the reason; REPLAYABLE: a log that was left out, if any */
    /* What to apply, in order: log index and byte range of each entry (in the arena). */
    struct regf_replay_entry *entry;
    struct regf_log logs[REGF_LOGS_MAX];
    size_t log_count;
};

/* False only when memory ran out; an unusable hive or log is told by `state`. */
bool regf_replay_plan(struct span primary, const struct regf_log *logs, size_t log_count,
                      struct arena *a, struct regf_replay *plan, struct err *e);

/* `hive` holds plan->size bytes that begin as a copy of the primary. */
bool regf_replay_apply(const struct regf_replay *plan, uint8_t *hive, struct err *e);

struct regf_info {
    uint32_t major, minor;
    uint32_t sequence1, sequence2;
    uint64_t last_written; /* FILETIME of the base block */
    bool dirty;            /* sequence numbers differ or the checksum is wrong, before any replay */
    bool checksum_ok;
    bool truncated;     /* the file ends before the hive bins that the base block claims */
    uint64_t bins_size; /* bytes of hive bins the base block claims, capped to what is there */
};

struct regf {
    struct span bytes; /* the whole file */
    struct span bins;  /* hive bins: cell offsets count from its start */
    struct regf_info info;
    uint32_t root;
    uint8_t cell_head; /* bytes before a cell's data: 8 in version 1.1, else 4 */
};

/* The hive as its bytes lie (replay first if wanted).  Needs nothing freed. */
bool regf_open(struct span bytes, struct regf *out, struct err *e);

struct regf_key {
    uint32_t cell;    /* offset of the nk cell in the bins */
    uint32_t subkeys; /* as the key claims; the lists decide */
    /* As the key claims, but at most one more than its list can hold: that one answers BAD. */
    uint32_t values;
    uint64_t last_written;
};

bool regf_root(const struct regf *r, struct regf_key *out, struct err *e);

/* Name and class of a key, UTF-8 in the arena.  A key without class gives an empty one. */
bool regf_key_name(const struct regf *r, const struct regf_key *k, struct arena *a, struct str *out,
                   struct err *e);
bool regf_key_class(const struct regf *r, const struct regf_key *k, struct arena *a,
                    struct str *out, struct err *e);

/* One path component / a whole path ("A\\B\\C", "" = the root key), case-insensitive.  Only list
 * cells and candidates are touched, by hash, hint or order; every subkey is looked at only where
 * those cannot be trusted (damage, wrong hints, names beyond ASCII, an absent name in an li list).
 */
enum regf_answer regf_subkey(const struct regf *r, const struct regf_key *k, struct str name,
                             struct regf_key *out, struct err *e);
enum regf_answer regf_path(const struct regf *r, struct str path, struct regf_key *out,
                           struct err *e);

/* Walks subkeys in stored order.  next() gives FOUND for each, ABSENT at the end, BAD for a damaged
 * element (its err is filled; the walk may go on with the next call, and always ends).  A subkey
 * whose parent field names another key is damaged, and so are lists with fewer subkeys than the key
 * claims. */
struct regf_subkeys {
    uint32_t parent;
    uint32_t list[2];  /* the list cell, and under ri the inner list */
    uint32_t index[2]; /* position in each */
    uint32_t left;     /* visit budget */
    uint32_t missing;  /* subkeys that the key claims and no list has given yet */
    uint8_t depth;     /* list in use: 0 or 1 */
    bool done;
};
bool regf_subkeys_begin(const struct regf *r, const struct regf_key *k, struct regf_subkeys *it,
                        struct err *e);
enum regf_answer regf_subkeys_next(const struct regf *r, struct regf_subkeys *it,
                                   struct regf_key *out, struct err *e);

struct regf_value {
    uint32_t cell; /* offset of the vk cell */
    uint32_t type;
    uint32_t size; /* bytes of data, the resident bit taken off */
    uint32_t data; /* data cell, or the resident bytes */
    bool resident;
};

/* A value by name ("" = the default value), case-insensitive. */
enum regf_answer regf_value(const struct regf *r, const struct regf_key *k, struct str name,
                            struct regf_value *out, struct err *e);

/* The value at `index` < k->values; same answers as regf_subkeys_next. */
enum regf_answer regf_value_at(const struct regf *r, const struct regf_key *k, uint32_t index,
                               struct regf_value *out, struct err *e);
bool regf_value_name(const struct regf *r, const struct regf_value *v, struct arena *a,
                     struct str *out, struct err *e);

/* Raw data as stored: borrowed from the hive where it lies in one piece, else (big data, resident)
 * in the arena. */
bool regf_value_data(const struct regf *r, const struct regf_value *v, struct arena *a,
                     struct span *out, struct err *e);
