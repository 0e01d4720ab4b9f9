/* JSON writer: valid UTF-8 always, commas by itself, insertion order kept.
 *
 * Control characters, U+2028/2029 and bidi controls are written as \uXXXX; lone surrogates and
 * bytes that are not UTF-8 become U+FFFD.  Compact by default; `indent` > 0 gives one member a
 * line. Nesting is bounded by JSON_DEPTH; deeper is a bug. */
#pragma once

#include "base/str.h"

enum { JSON_DEPTH = 32 };

struct json {
    struct sb *out;
    int indent, depth;
    bool first[JSON_DEPTH];
    bool after_key;
};

void json_init(struct json *j, struct sb *out, int indent);
void json_open_object(struct json *j);
void json_close_object(struct json *j);
void json_open_array(struct json *j);
void json_close_array(struct json *j);
void json_key(struct json *j, const char *key);
void json_key_str(struct json *j, struct str key);
void json_str(struct json *j, struct str s);
void json_cstr(struct json *j, const char *s); /* NULL is null */
void json_u64(struct json *j, uint64_t v);
void json_i64(struct json *j, int64_t v);
void json_double(struct json *j, double v); /* at most 15 significant digits; not finite: null */
void json_bool(struct json *j, bool v);
void json_nil(struct json *j);
void json_time(struct json *j, uint64_t wtime); /* RFC 3339, null when 0 */

/* Whether a code point beyond '"' and '\\' is written as an escape. */
bool json_escapes(uint32_t cp);

/* The string with its quotes, appended to any buffer: the one escaping function of JSON. */
void sb_json(struct sb *b, struct str s);
