/* Cells, names and lists inside the hive parser: shared by regf*.c, not for others. */
#pragma once

#include "formats/regf.h"

enum {
    REGF_BASE_SIZE = 4096, /* base block */
    REGF_PAGE = 4096,      /* hive bins are multiples of it */
    REGF_BIN_HEAD = 32,    /* header of a hive bin */
    REGF_NK_SIZE = 76,     /* key node before its name */
    REGF_VK_SIZE = 20,     /* key value before its name */
    REGF_SEGMENT = 16344   /* largest piece of data in one cell from version 1.4 on */
};

#define REGF_NIL UINT32_MAX

/* XOR of the first 508 bytes of a base block, as stored behind them. */
uint32_t regf_base_checksum(const uint8_t *base);

/* The data of an allocated cell. Any defect is a failure. */
bool regf_cell(const struct regf *r, uint32_t cell, struct span *out, struct err *e);

/* Failure at a cell: the offset becomes one of the file. */
bool regf_bad(struct err *e, uint32_t cell, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The nk at `cell`; `parent` REGF_NIL = any. */
bool regf_key_at(const struct regf *r, uint32_t cell, uint32_t parent, struct regf_key *out,
                 struct err *e);

/* A stored name: Latin-1 ("compressed") or UTF-16LE. */
struct regf_name {
    struct span bytes;
    bool compressed;
};
bool regf_name_of_key(const struct regf *r, uint32_t cell, struct regf_name *out, struct err *e);
bool regf_name_of_value(const struct regf *r, const struct regf_value *v, struct regf_name *out,
                        struct err *e);
bool regf_name_text(struct regf_name n, struct arena *a, struct str *out, struct err *e);

/* Case-insensitive order by Windows' rule, without converting anything. */
int regf_name_cmp(struct regf_name have, struct str want);
bool regf_name_is(struct regf_name have, struct str want);

/* The hash of lh lists: H = 37 * H + upper case unit. */
uint32_t regf_name_hash(struct regf_name n);

/* A subkey list: li (cells), lf (cells and name hints), lh (cells and name hashes), or ri (cells of
 * lists of the other kinds).  Elements past the end of the cell are left out, `cut` tells. */
struct regf_list {
    enum { REGF_LI, REGF_LF, REGF_LH, REGF_RI } kind;
    struct span elements;
    uint32_t count, step;
    bool cut;
};
/* `inner`: the list of an index root, which may not be one itself. */
bool regf_list_at(const struct regf *r, uint32_t cell, bool inner, struct regf_list *out,
                  struct err *e);
uint32_t regf_list_cell(const struct regf_list *l, uint32_t i);

/* UTF-16 units of UTF-8 text, one at a time. */
struct regf_units {
    struct str s;
    size_t pos;
    uint16_t low; /* second half of a pair that is still to come */
};
enum { REGF_UNITS_END = -1 };
int32_t regf_units_next(struct regf_units *u);
