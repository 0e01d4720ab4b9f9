/* Writes registry hives (regf 1.3 and 1.5) as Windows lays them out.
 *
 * A hive is built as a tree in memory and turned into an image in one go: hbins of 4 KiB, cells,
 * sorted subkey lists (li, lf or lh, split under ri past 507 subkeys), values kept in their cell up
 * to four bytes, big data (db) past 16344 bytes in 1.5, security cells shared by all keys.  Dirty
 * hives with their transaction logs are made from two images, see hive_log.h.
 *
 * Everything lives in the hive's arena.  Names and texts are UTF-8.  Not for untrusted input:
 * running out of memory stops the program. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum hive_list { HIVE_LH, HIVE_LF, HIVE_LI };

enum {
    HIVE_SZ = 1,
    HIVE_EXPAND_SZ = 2,
    HIVE_BINARY = 3,
    HIVE_DWORD = 4,
    HIVE_DWORD_BE = 5,
    HIVE_LINK = 6,
    HIVE_MULTI_SZ = 7,
    HIVE_QWORD = 11
};

struct hive_value {
    struct hive_value *next;
    struct str name;
    uint32_t type;
    struct span data;
};

struct hive_key {
    struct hive_key *parent, *next, *first_child, *last_child;
    struct hive_value *first_value, *last_value;
    struct str name, class_name;
    uint64_t written;
    uint32_t subkeys, values;
    uint32_t cell;   /* while an image is made */
    bool restricted; /* inherits: SYSTEM alone may read it, as SAM and SECURITY are */
};

struct hive {
    struct arena arena;
    struct hive_key *root;
    const char *file_name; /* at most its last 31 units go into the base block */
    uint32_t minor;        /* 3: NT 5 and user hives, 5: the machine hives since NT 6 */
    enum hive_list list;
    uint64_t written; /* of the base block and of new keys */
    uint32_t sequence;
};

void hive_init(struct hive *h, const char *file_name, uint32_t minor, uint64_t written);
void hive_done(struct hive *h);

/* The key at a path ("A\\B") below `at` (NULL: the root), made with its ancestors where missing. */
struct hive_key *hive_key(struct hive *h, struct hive_key *at, const char *path);

/* A subkey that is known to be new, by its whole name: fast, and the name may hold anything. */
struct hive_key *hive_new_key(struct hive *h, struct hive_key *at, struct str name);

/* Sets or replaces a value; "" is the default value.  The data are copied. */
void hive_set(struct hive *h, struct hive_key *k, const char *name, uint32_t type,
              struct span data);
void hive_sz(struct hive *h, struct hive_key *k, const char *name, const char *text);
void hive_expand_sz(struct hive *h, struct hive_key *k, const char *name, const char *text);
void hive_dword(struct hive *h, struct hive_key *k, const char *name, uint32_t number);
void hive_qword(struct hive *h, struct hive_key *k, const char *name, uint64_t number);
void hive_multi_sz(struct hive *h, struct hive_key *k, const char *name, const char *const *texts,
                   size_t count);

/* printf into a REG_SZ. */
void hive_sz_fmt(struct hive *h, struct hive_key *k, const char *name, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* The whole file, clean, with a right checksum, appended to an empty buffer. */
void hive_image(struct hive *h, struct sb *out);

/* Recomputes the checksum of a base block that was changed. */
void hive_checksum(uint8_t base_block[512]);
