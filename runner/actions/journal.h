/* The journal of one apply: what was there before, so that every stop can be finished or undone.
 *
 * JSON lines.  Each ends with the SHA-256 of its own bytes ("sum") and names that of the line
 * before ("prev"), so that a line cannot be changed, dropped or added in between unnoticed; the
 * first names the digest of the plan and the target.  The file is created exclusively, mode 0600,
 * held locked while in use, and opened again only if its owner is root or the user who runs this
 * and nobody else may write it.  It carries no authority: redoing recomputes the plan, and both
 * ways change only values that hold one of the two images (actions/writer.h).
 *
 *              nothing was written         |  values may be either image   |  all are after-images
 *   BEGUN ------> PREPARED ----------------+--> WRITING ------------------+--> WRITTEN --> VERIFIED
 *                    |                          |    ^ resume                  |   |         |
 *                    |                          |    +-------------------------+   v         |
 *                    |                          |                              |  FAILED     |
 *                    +--------------------------+------------------------------+---+---------+
 *                                               v
 *                                UNDOING (again after a stop) ------> UNDONE: all before-images
 *
 *   state      `apply --resume`                            `undo`
 *   BEGUN      starts the journal over, then applies       nothing to take back
 *   PREPARED   applies                                     closes the journal
 *   WRITING    writes what is not yet an after-image       writes what is not yet a before-image
 *   WRITTEN    verifies                                    takes all back
 *   VERIFIED   looks that it is still so                   takes all back
 *   FAILED     takes all back                              takes all back
 *   UNDOING    refused: undo goes on                       goes on
 *   UNDONE     refused: apply the plan anew                looks that it is still so
 *
 * Each state is on the disk before what it announces is done.  What a power cut leaves of a last
 * line (cut short, or zeros) is recognised and cut off; anything else that does not fit is
 * refused with one line. */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "model/plan.h"

enum {
    JOURNAL_SIZE = 256 << 20,
    JOURNAL_LINE = 64 << 20,
    JOURNAL_RECORDS = 200000, /* lines, and changes in all */
    JOURNAL_ID = 17           /* 16 hex digits and a NUL */
};

enum journal_state {
    JOURNAL_EMPTY, /* not even its first line: just created */
    JOURNAL_BEGUN,
    JOURNAL_PREPARED,
    JOURNAL_WRITING,
    JOURNAL_WRITTEN,
    JOURNAL_VERIFIED,
    JOURNAL_FAILED,
    JOURNAL_UNDOING,
    JOURNAL_UNDONE,
    JOURNAL_STATES
};

/* "prepared", "writing", ... */
const char *journal_state_name(enum journal_state s);
/* Whether the picture above has that arrow. */
bool journal_may_follow(enum journal_state from, enum journal_state to);

struct journal_action {
    enum action_kind kind;
    struct str title;
    struct str *rules; /* qualified ids */
    size_t rule_count;
    bool posted; /* upgrade.flag: the receiver took it */
};

struct journal_change {
    size_t action;
    struct change change;
};

/* What a journal says.  One change a value: several of a plan to the same value are one here, from
 * the first before-image to the last after-image. */
struct journal_data {
    char id[JOURNAL_ID];
    uint64_t time; /* FILETIME: when it was begun; keys that it writes get this time */
    char plan[SHA256_HEX], target[SHA256_HEX];
    struct str location, tool; /* for people */
    struct journal_action *actions;
    size_t action_count;
    struct journal_change *changes;
    size_t change_count;
    enum journal_state state;
    struct str why;        /* text of the last state, or empty */
    size_t records;        /* whole lines */
    uint64_t whole;        /* bytes of them; what follows is torn */
    char last[SHA256_HEX]; /* sum of the last one */
};

/* Bytes of a file, possibly hostile.  Borrows nothing from `bytes`.  No whole line at all: state
 * JOURNAL_EMPTY. */
bool journal_read(struct span bytes, struct arena *a, struct journal_data *out, struct err *e);

/* Where the last component of a path begins. */
size_t journal_file_name(const char *path);

struct journal;

/* A new file; ERR_DENIED when there is one. */
bool journal_create(const char *path, struct journal **out, struct err *e);
/* One that exists: locks it, reads it whole into `data`, cuts off a torn last line. */
bool journal_open(const char *path, struct arena *a, struct journal_data *data,
                  struct journal **out, struct err *e);
void journal_close(struct journal *j);

/* Head, actions and changes of `d` and the state PREPARED, flushed.  From EMPTY or BEGUN; the
 * latter starts over. */
bool journal_prepare(struct journal *j, const struct journal_data *d, struct err *e);
/* Appends a state and flushes.  A step that the picture does not have is a bug. */
bool journal_mark(struct journal *j, enum journal_state s, struct str why, struct err *e);
/* Notes that the document of this upgrade.flag was taken; flushed. */
bool journal_posted(struct journal *j, size_t action, struct err *e);
/* Removes the file: for one that could not be prepared. */
bool journal_remove(struct journal *j, struct err *e);

enum journal_state journal_state(const struct journal *j);
/* What it is bound to; "" before it is prepared. */
const char *journal_plan(const struct journal *j);
const char *journal_target(const struct journal *j);
const char *journal_id(const struct journal *j);
