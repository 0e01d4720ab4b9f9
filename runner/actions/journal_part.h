/* Inside of the journal: lines, and what differs between systems. */
#pragma once

#include "actions/disk.h"
#include "actions/journal.h"

/* One line, with its newline, appended to `out`: `write` puts members behind "record". `prev` is
 * the sum of the line before and becomes this line's. */
struct json;
typedef void journal_members(struct json *j, const void *what);
bool journal_line(struct sb *out, const char *record, journal_members *write, const void *what,
                  char prev[SHA256_HEX], struct err *e);

/* All lines up to and with PREPARED. */
bool journal_lines(struct sb *out, const struct journal_data *d, char prev[SHA256_HEX],
                   struct err *e);
bool journal_state_line(struct sb *out, enum journal_state s, struct str why, char prev[SHA256_HEX],
                        struct err *e);
bool journal_posted_line(struct sb *out, size_t action, char prev[SHA256_HEX], struct err *e);

/* journal_file_*.c.  Refuses a file that others own or may write. */
bool journal_file_own(const struct disk_file *f, struct err *e);
/* All bytes, at most JOURNAL_SIZE. */
bool journal_file_read(const struct disk_file *f, struct arena *a, struct span *out, struct err *e);
