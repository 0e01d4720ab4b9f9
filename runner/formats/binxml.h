/* Binary XML as event logs hold it, read into a tree.
 *
 * Offsets of names and template definitions count from the start of a 64 KiB chunk, so a parse is
 * given the chunk and a range in it.  Nodes live in an arena and borrow the chunk's bytes: names
 * and values stay raw (UTF-16LE, typed) until somebody asks for text.
 *
 * Two ways to read: a record (substitutions are replaced by the record's values, elements whose
 * dependency is a null value are dropped, arrays repeat their element, nested documents are put in
 * their place), or a template definition (substitutions stay as BX_SUBST nodes, to be compiled).
 *
 * Bounded: depth, tokens and the arena's cap; damage is an error that names its offset in the
 * chunk.  Source of the grammar: [MS-EVEN6] 2.2.12 to 2.2.18. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum bx_type {
    BX_NULL = 0x00,
    BX_STRING = 0x01,
    BX_ANSI = 0x02,
    BX_INT8 = 0x03,
    BX_UINT8 = 0x04,
    BX_INT16 = 0x05,
    BX_UINT16 = 0x06,
    BX_INT32 = 0x07,
    BX_UINT32 = 0x08,
    BX_INT64 = 0x09,
    BX_UINT64 = 0x0A,
    BX_REAL32 = 0x0B,
    BX_REAL64 = 0x0C,
    BX_BOOL = 0x0D,
    BX_BINARY = 0x0E,
    BX_GUID = 0x0F,
    BX_SIZE = 0x10,
    BX_FILETIME = 0x11,
    BX_SYSTEMTIME = 0x12,
    BX_SID = 0x13,
    BX_HEX32 = 0x14,
    BX_HEX64 = 0x15,
    BX_HANDLE = 0x20,
    BX_XML = 0x21,
    BX_EVTXML = 0x23,
    BX_ARRAY = 0x80 /* flag */
};

enum bx_token {
    BX_EOF = 0x00,
    BX_OPEN_ELEMENT = 0x01,
    BX_CLOSE_START = 0x02,
    BX_CLOSE_EMPTY = 0x03,
    BX_END_ELEMENT = 0x04,
    BX_VALUE_TEXT = 0x05,
    BX_ATTRIBUTE = 0x06,
    BX_CDATA_TEXT = 0x07,
    BX_CHAR_REFERENCE = 0x08,
    BX_ENTITY_REFERENCE = 0x09,
    BX_PI_TARGET = 0x0A,
    BX_PI_DATA = 0x0B,
    BX_TEMPLATE = 0x0C,
    BX_SUBSTITUTION = 0x0D,
    BX_OPTIONAL = 0x0E,
    BX_FRAGMENT = 0x0F,
    BX_MORE = 0x40 /* flag */
};

enum bx_kind { BX_ELEMENT, BX_VALUE, BX_SUBST, BX_CDATA, BX_CHAR, BX_ENTITY, BX_PI };

enum { BX_NO_DEPENDENCY = 0xFFFF, BX_DEPTH = 64, BX_TOKENS = 1 << 17 };

struct bx_attr {
    struct bx_attr *next;
    struct span name;      /* UTF-16LE */
    struct bx_node *value; /* text parts in order */
};

struct bx_node {
    struct bx_node *next;
    enum bx_kind kind;
    uint8_t type;          /* BX_VALUE, BX_SUBST: value type */
    bool optional;         /* BX_SUBST */
    bool closed;           /* BX_ELEMENT: written as <x/> */
    bool had_elements;     /* BX_ELEMENT: child elements, dropped ones included */
    bool item;             /* BX_ELEMENT: one of an array's items, or what an empty array leaves */
    uint16_t id;           /* BX_SUBST: which value; BX_CHAR: the character */
    uint16_t depends;      /* BX_ELEMENT of a template: value id or BX_NO_DEPENDENCY */
    struct span name;      /* element, entity, processing instruction target */
    struct span raw;       /* BX_VALUE, BX_CDATA, BX_PI data */
    struct bx_attr *attr;  /* BX_ELEMENT */
    struct bx_node *child; /* BX_ELEMENT */
};

/* The values of one template instance. */
struct bx_values {
    uint32_t count;
    const uint8_t *spec; /* 4 bytes each: size, type, 0 */
    size_t data;         /* of the first value, from the start of the chunk */
    size_t end;          /* values must end here */
};

/* Where a template's bytes differ between chunks though its content is the same: lengths, and
 * references to names. */
struct bx_slot {
    uint32_t at;      /* of the 4-byte field, from the start of the definition's data */
    uint32_t skip;    /* bytes of the name that follows inline, 0 = refers to another place */
    struct span name; /* NULL: the field is a length */
};

struct bx_slots {
    struct bx_slot *slot; /* in the parse's arena */
    uint32_t count, cap;
};

struct bx_parse {
    struct span chunk;
    struct arena *mem;
    bool system_only;       /* stop after the first System element below the root */
    struct bx_slots *slots; /* template parse: filled when not NULL */
    uint32_t tokens;        /* used so far */
    uint32_t end;           /* template parse: where the parse ended, in the definition's data */
    bool saw_eof;           /* template parse: ended at an end token, not at the end of the data */
};

/* The tree of a record's binary XML: `len` bytes at `at` of the chunk. */
bool bx_read(struct bx_parse *p, size_t at, size_t len, struct bx_node **out, struct err *e);

/* The definition at `at` (header included), substitutions left in place. */
bool bx_read_template(struct bx_parse *p, size_t at, struct bx_node **out, struct err *e);

/* A template definition's header. */
enum { BX_TEMPLATE_HEADER = 24 };

/* Value `id` of an instance; false when it lies outside. An id past the last is null. */
bool bx_value_at(struct span chunk, const struct bx_values *v, uint32_t id, uint8_t *type,
                 struct span *raw);

/* Splits the first item off an array's bytes; false when none is left. */
bool bx_array_next(uint8_t type, struct span *rest, struct span *item);

/* A name at `at` of the chunk: its UTF-16LE characters and the bytes it takes there. */
bool bx_name_at(struct span chunk, size_t at, struct span *name, size_t *size);

/* UTF-16LE name equal to an ASCII text. */
bool bx_name_is(struct span name, const char *ascii);

const struct bx_node *bx_find(const struct bx_node *list, const char *name);
const struct bx_attr *bx_attr_find(const struct bx_node *element, const char *name);
