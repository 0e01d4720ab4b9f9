/* The files of one Windows volume, from a directory (tree) or a collection zip (archive).
 *
 * Paths are Windows paths ("C:\\Windows\\System32\\x.dll", "\\SystemRoot\\x", "Windows\\x"), UTF-8,
 * resolved case-insensitively below the volume's own folder, component by component, without ever
 * leaving it: docs/design.md section 12 says how links, devices, case twins and duplicate members
 * are treated.  Nothing is ever written to the target.
 *
 * Thread-safety: none; one thread owns a volume. */
#pragma once

#include "host/file.h"
#include "model/fact.h"
#include "model/result.h"

struct volume;

enum complete_choice { COMPLETE_DETECT, COMPLETE_YES, COMPLETE_NO };

/* Limits of an archive; 0 = the default. */
struct archive_limits {
    uint64_t members;      /* 200,000 */
    uint64_t member_bytes; /* 4 GiB */
    uint64_t total_bytes;  /* 16 GiB decompressed in one run */
    uint64_t ratio;        /* 1000: decompressed to compressed, beyond the first 16 MiB */
};

/* Finds the Windows volume under `dir` by itself: Windows, WINDOWS or WINNT with System32 in it,
 * at the top or under C, C:, C%3A, C_, uploads/auto/C%3A, uploads/ntfs/..., KAPE's <host>/C, fs/C:,
 * at most four levels deep.  None or several is an error that names what was seen. */
bool volume_open_tree(const char *dir, enum complete_choice complete, struct volume **out,
                      struct err *e);
/* The volume whose place is known, nothing is searched: the folder `dir` is a drive's root
 * ("C:\\"), and `windows` is the name of Windows' folder in it.  A full volume. */
bool volume_open_drive(const char *dir, struct str windows, struct volume **out, struct err *e);
bool volume_open_archive(const char *path, enum complete_choice complete,
                         const struct archive_limits *limits, struct volume **out, struct err *e);
void volume_close(struct volume *v);

/* Kind, location, volume folder, collection or not and why. */
const struct target_info *volume_info(const struct volume *v);

/* Windows' folder relative to the volume: "Windows", "WINDOWS", "WINNT", as it is spelt there. */
struct str volume_windows(const struct volume *v);

/* The drive letter that paths of this target are on: the folder's of a collection, else 'C' until
 * the registry says otherwise. */
char volume_drive(const struct volume *v);
void volume_set_drive(struct volume *v, char drive);

/* An open file.  `map.bytes` is what parsers read; ask file_intact(&map) before believing. */
struct volume_file {
    struct file_map map;
    struct str path; /* as found, below the target's root, with '/'; lives as long as the volume */
    int fd;          /* above 2; a zeroed struct is a closed file */
};

/* FACT_FOUND: out is open and must be closed.  ABSENT: the folder was read and has no such entry
 * (full volumes only).  NOT_COLLECTED: missing in a collection, or on another drive (then err says
 * which).  UNREADABLE: err says why: denied, link, remote or device, ambiguous, limit. */
enum fact_state volume_open(struct volume *v, struct str winpath, struct volume_file *out,
                            struct err *e);
void volume_close_file(struct volume_file *f);

/* The folder that the file lies in, opened below the root without following links, for those who
 * replace the file; the caller closes it.  `name` is the file's own, as spelt there. */
bool volume_folder(struct volume *v, struct str winpath, int *fd, struct str *name, struct err *e);

/* Private, writable copy of the bytes, grown to `size` (log replay). */
bool volume_make_private(struct volume_file *f, uint64_t size, struct err *e);

struct volume_entry {
    struct str name;
    bool directory;
    uint64_t size;
    bool link; /* a junction or symbolic link to what the rest describes */
};

/* Entries of a directory that match a glob (`*.cat`; case-insensitive), sorted by upcased name;
 * links that lead out and what is neither file nor folder are left out and counted in `refused`.
 * Names that a collector percent-encoded are given decoded; links have size 0. */
struct volume_list {
    struct volume_entry *entries;
    size_t count;
    size_t refused;
};
enum fact_state volume_list(struct volume *v, struct str windir, struct str glob, struct arena *a,
                            struct volume_list *out, struct err *e);

/* Lexical normalisation of a path from a hive or a policy: prefixes \??\ and \\?\, forward slashes,
 * `.`, `..`, trailing dots and spaces, quotes; drive letter taken off.  False with ERR_DENIED for
 * UNC, \\.\, GLOBALROOT, streams and `..` above the root; other drives than `drive` ('C') give
 * ERR_NOT_FOUND "on drive D:". */
bool winpath_normalise(struct str path, char drive, struct arena *a, struct str *out,
                       struct err *e);
