/* A typed value tree: what policies write, inputs hold, and reports show as observed and expected.
 *
 * Immutable once built; all memory belongs to the arena it was built in.  Maps keep insertion
 * order. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_NUMBER,
    VALUE_TEXT,
    VALUE_TIME, /* FILETIME, shown as RFC 3339 */
    VALUE_LIST,
    VALUE_MAP
};

struct value {
    enum value_kind kind;
    union {
        bool boolean;
        int64_t integer;
        double number;
        struct str text;
        uint64_t time;
        struct {
            struct value *items;
            size_t count;
        } list;
        struct {
            struct value_member *members;
            size_t count;
        } map;
    };
};

struct value_member {
    struct str name;
    struct value value;
};

static inline struct value value_null(void)
{
    return (struct value){.kind = VALUE_NULL};
}

static inline struct value value_bool(bool b)
{
    return (struct value){.kind = VALUE_BOOL, .boolean = b};
}

static inline struct value value_int(int64_t i)
{
    return (struct value){.kind = VALUE_INT, .integer = i};
}

static inline struct value value_number(double n)
{
    return (struct value){.kind = VALUE_NUMBER, .number = n};
}

static inline struct value value_text(struct str s)
{
    return (struct value){.kind = VALUE_TEXT, .text = s};
}

static inline struct value value_time(uint64_t t)
{
    return (struct value){.kind = VALUE_TIME, .time = t};
}

/* Empty list or map with room for `count`; fill .list.items / .map.members.  count 0 when the arena
 * is full. */
struct value value_list(struct arena *a, size_t count);
struct value value_map(struct arena *a, size_t count);

/* A member of a map, or NULL. */
const struct value *value_get(const struct value *map, const char *name);

bool value_eq(const struct value *a, const struct value *b);
