/* Inside of the hive editor: shared by regf_edit*.c, not for others. */
#pragma once

#include "formats/regf_cell.h"
#include "formats/regf_edit.h"

/* Fields of a key node that edits write. */
enum {
    NK_FLAGS = 2,
    NK_WRITTEN = 4,
    NK_PARENT = 16,
    NK_SUBKEYS = 20,
    NK_LIST = 28,
    NK_VOLATILE_LIST = 32,
    NK_VALUES = 36,
    NK_VALUE_LIST = 40,
    NK_SECURITY = 44,
    NK_CLASS = 48,
    NK_MAX_SUBKEY_NAME = 52,
    NK_MAX_VALUE_NAME = 60,
    NK_MAX_VALUE_DATA = 64,
    NK_NAME_LEN = 72,
    NK_CLASS_LEN = 74,
    NK_COMP_NAME = 0x20
};

/* What was asked for, so that finish can tell it from damage. */
struct regf_touch {
    struct regf_touch *next;
    struct str key, name;
    uint32_t hash; /* str_ihash(key) */
    bool dropped;  /* the key went; name and image mean nothing */
    bool present;
    uint32_t type;
    struct span data;
};

void store_u16(uint8_t *p, uint16_t v);
void store_u32(uint8_t *p, uint32_t v);
void store_u64(uint8_t *p, uint64_t v);

/* A new cell of ours for `len` bytes, zeroed; pointers into the image are void afterwards. */
bool regf_edit_alloc(struct regf_edit *ed, size_t len, uint32_t *cell, struct err *e);
/* Gives back a cell of ours; others stay. */
void regf_edit_free(struct regf_edit *ed, uint32_t cell);
bool regf_edit_is_own(const struct regf_edit *ed, uint32_t cell);

/* The data of a cell to write to; `min` bytes are there, and it begins with `mark` (or NULL). */
bool regf_edit_cell(struct regf_edit *ed, uint32_t cell, const char *mark, size_t min,
                    uint8_t **out, struct err *e);

/* A name as it is stored, in `a`. */
bool regf_edit_name(struct str name, size_t units_max, struct arena *a, struct regf_name *out,
                    struct err *e);
/* Bytes of the name in UTF-16. */
uint32_t regf_edit_name_size(struct regf_name n);

/* Lists of subkeys: adds or removes one of a key, and counts. */
bool regf_edit_link(struct regf_edit *ed, uint32_t parent, uint32_t child, struct str name,
                    struct err *e);
bool regf_edit_unlink(struct regf_edit *ed, uint32_t parent, uint32_t child, struct err *e);

/* A new subkey of `parent`, which has none of that name / takes an empty one away. */
bool regf_edit_make_key(struct regf_edit *ed, const struct regf_key *parent, struct str name,
                        struct regf_key *out, struct err *e);
bool regf_edit_remove_key(struct regf_edit *ed, const struct regf_key *k, struct err *e);

/* The key at a path; what is missing of it is made. */
bool regf_edit_find(struct regf_edit *ed, struct str path, struct regf_key *out, struct err *e);

/* The time of a key that was changed. */
void regf_edit_stamp(const struct regf_edit *ed, uint32_t key, uint8_t *nk);

/* Remembers (copies) what was asked for; the last word counts. */
bool regf_edit_touch(struct regf_edit *ed, const struct regf_touch *t, struct err *e);

/* All that reads otherwise than before was touched, and what was touched reads as asked for. */
bool regf_edit_verify(const struct regf *before, const struct regf *after,
                      const struct regf_touch *touched, struct err *e);
