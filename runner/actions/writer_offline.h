/* Writes into the hives of an offline Windows: the backend that the gate makes a writer of.
 *
 * Each hive that is asked about is read into memory under a lock, its logs replayed; changes are
 * made there (formats/regf_edit.h), and commit puts one hive after the other in place:
 *
 *   1. the new hive, verified, goes into <HIVE>.rectify-<id>.new, with owner, mode and attributes
 *      of the old one, and is flushed;
 *   2. the old one gets a second name, <HIVE>.rectify-<id>.orig (<id>.2.orig, ... when a hive is
 *      replaced again), and stays;
 *   3. the new one is renamed over the hive; the folder is flushed;
 *   4. each log that is not empty is set aside likewise and replaced by an empty one: the new hive
 *      is clean, so that it needs none, and an older log must never be replayed into it.
 *
 * Whenever the process ends, each hive is wholly the old or wholly the new one.  Files ".new" that
 * a stopped run left are removed by the next one that commits.  A hive that somebody else changed
 * in between, by content or by another file under its name, is not replaced (ERR_DRIFTED).
 *
 * Points of actions/disk.h: hive.create, hive.write, hive.attributes, hive.sync, hive.keep,
 * hive.keep.sync, hive.place, hive.place.sync; the same with log. for logs; hive.clean. */
#pragma once

#include "actions/writer.h"
#include "host/host.h"

struct writer_offline_options {
    struct host *host; /* offline Windows; says which file holds which key, stays the caller's */
    const char *id;    /* of the journal: 16 hex digits, becomes part of file names */
    uint64_t time;     /* FILETIME for keys that are changed: the journal's, for equal bytes */
};

/* Whether this system can write to offline targets at all: asked before anything is begun. */
bool writer_offline_allowed(struct err *e);

/* False with one line when the target must not be written to: an archive, a collection, a Windows
 * that is hibernated or was shut down by fast startup.  A read-only or otherwise unwritable folder
 * is told by the first read() of a value in it.  Nothing is written before commit(). */
bool writer_offline_open(const struct writer_offline_options *o, const struct writer_ops **ops,
                         void **backend, struct err *e);
