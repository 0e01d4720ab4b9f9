/* Values to JSON and, by jansson, JSON from outside to values. */
#pragma once

#include "base/json.h"
#include "model/value.h"

enum { VALUE_JSON_DEPTH = 16, VALUE_JSON_SIZE = 4 << 20 };

/* The whole text: one object or list.  Members named twice, numbers that do not fit, NUL in a text
 * and deeper nesting are refused.  `e` says "LINE: what is wrong", its `at` is the line. */
bool value_from_json(struct span text, struct arena *a, struct value *out, struct err *e);

/* The same for texts of at most `most` bytes. */
bool value_from_json_within(struct span text, size_t most, struct arena *a, struct value *out,
                            struct err *e);

/* "2.14": the version of jansson. */
const char *value_json_release(void);

void value_to_json(struct json *j, const struct value *v);

/* The line on which the element `index` of the text's outermost list begins (a list that is the
 * text, or the first one inside its object); 1 where there is none. */
int value_json_element_line(struct span text, size_t index);

/* The line of the first `name` that stands as a word at or after line `from`; `from` when there is
 * none.  For messages. */
int value_word_line(struct span text, int from, struct str name);
