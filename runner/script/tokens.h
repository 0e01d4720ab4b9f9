/* The words of a Lua file, for looking at what is written without running it.
 *
 * Comments and blanks are left out.  Never fails on text that is no Lua: an unfinished string ends
 * with its line or with the file, brackets without a partner have none.  All memory is the arena's;
 * texts point into the source. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum token_kind { TOKEN_NAME, TOKEN_TEXT, TOKEN_NUMBER, TOKEN_MARK, TOKEN_END };

struct token {
    enum token_kind kind;
    struct str text; /* TOKEN_TEXT: between the quotes, escapes as written */
    int line;
    size_t partner; /* of a bracket: the other one's index; itself where there is none */
};

/* A comment that begins with "lint:". */
struct token_remark {
    int line; /* on which it ends */
    struct str text;
};

struct tokens {
    struct token *items; /* ends with TOKEN_END, which `count` leaves out */
    size_t count;
    struct token_remark *remarks;
    size_t remark_count;
};

/* False when the arena is full. */
bool tokens_read(struct span text, struct arena *a, struct tokens *out);

/* The token at `i` is this mark or name; false past the end. */
bool token_is(const struct tokens *t, size_t i, const char *text);
