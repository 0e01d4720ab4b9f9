/* A host that stands before another one, remembers every fact that is read, and can be told to
 * answer a fact differently: what `policy explain` shows, and how policy tests find out whether a
 * fact that cannot be read could turn into a pass.
 *
 * Facts are those of the backend: physical registry places, files as they were asked for, logs by
 * channel.  Each is listed once, in the order of first use, with the answer that it got then.
 * The host below is borrowed; it must outlive this one and not be used meanwhile. */
#pragma once

#include "host/host.h"

enum read_kind {
    READ_VALUE,   /* place: key, name: value */
    READ_KEY,     /* place: key, also with its names */
    READ_FILE,    /* place: path */
    READ_FOLDER,  /* place: path; does it exist? */
    READ_LISTING, /* place: folder, name: glob */
    READ_LOG,     /* place: channel */
    READ_MODULES  /* place: name of a program */
};

enum { READ_DATA_MAX = 4096 };

struct host_read {
    enum read_kind kind;
    struct str place, name;
    enum fact_state state;
    struct str reason;
    struct evidence evidence; /* as the backend gives it: without digests */
    uint32_t type;            /* READ_VALUE, found */
    struct span data;         /* READ_VALUE, found: the first READ_DATA_MAX bytes */
    uint64_t size;            /* found: bytes of a value, file or log; names of a key or listing;
                                 modules */
    size_t times;             /* how often it was asked for */
};

/* Other answers for one fact.  A change that means nothing for a fact leaves it as it is. */
enum read_change {
    CHANGE_NOTHING,
    CHANGE_UNREADABLE,
    CHANGE_ABSENT,
    CHANGE_EMPTY, /* found, and empty: a number 0, no text, no bytes, no names */
    CHANGE_LARGE, /* found: the greatest number, a text of '9's that is no version, 64 KiB of zeroes
                   */
    CHANGE_TYPE   /* found, and a value of another registry type */
};

bool host_traced(struct host *below, struct host **out, struct err *e);

/* Valid until the next fact is read. */
const struct host_read *traced_reads(const struct host *h, size_t *count);

/* From now on the fact that `read` names is answered so; one fact at a time.  `read` may come from
 * another traced host.  What was derived from facts is forgotten. */
void traced_change(struct host *h, const struct host_read *read, enum read_change change);

/* "HKLM\SOFTWARE\X\Name", "file C:\...", "log System" */
struct str traced_text(const struct host_read *read, struct arena *a);
