/* Inside lint: one file. */
#pragma once

#include "engine/lint.h"
#include "script/tokens.h"

struct lint {
    struct arena *mem;
    struct lint_report *out;
    size_t cap;
    bool full;
    bool alone; /* a file that the engine would take for a policy, but is none */
};

struct lint_file {
    struct lint *lint;
    struct str path;
    struct span text;
    struct tokens tokens;
    const struct policy *policy; /* NULL: it does not load, or defines products */
};

/* A finding, unless the file allows it or it is there already. */
void lint_say(struct lint_file *f, int line, enum lint_level level, const char *code,
              const char *fmt, ...) PRINTF_LIKE(5, 6);

/* ---- constructor calls in the text ---------------------------------------------------------- */

enum { CALL_NAME = 64 };

struct call {
    char name[CALL_NAME]; /* "registry.value"; cut where longer */
    size_t at;            /* first token of the name */
    size_t args;          /* the token behind the name: `{`, `(`, or a text */
    size_t end;           /* the last token */
    size_t table;         /* of the table that holds its fields, 0 = none */
};

/* A call begins at token `i`. */
bool lint_call(const struct tokens *t, size_t i, struct call *out);

/* Steps over one element: the first token behind it (a separator or the closing bracket). */
size_t lint_skip(const struct tokens *t, size_t i, size_t end);

/* The next `name =` of the table between the brackets; `i` begins behind the opening one. */
struct table_field {
    struct str name;
    int line;
    size_t value, end; /* tokens of the value: value <= i < end */
};
bool lint_field(const struct tokens *t, size_t close, size_t *i, struct table_field *out);

/* The value of a field of a call's table; false when there is none. */
bool lint_find_field(const struct tokens *t, const struct call *c, const char *name,
                     struct table_field *out);

/* ---- the looks ------------------------------------------------------------------------------ */

void lint_fields(struct lint_file *f); /* unknown, double, or computed where they must not be */
void lint_paths(struct lint_file *f);  /* drives and folder names that differ between hosts */
void lint_checks(struct lint_file *f); /* functions that could be wants, or read too much */
void lint_rules(struct lint_file *f);  /* of the loaded policy: references, reachability, texts */
void lint_inputs(struct lint_file *f); /* that nothing uses */

/* A rule's constructor in the text. */
bool lint_rule_call(const struct lint_file *f, const struct rule *r, struct call *out);
